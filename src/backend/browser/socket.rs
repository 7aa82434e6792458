//! One connection, shared by its two halves.

mod events;
mod traffic;
mod wakers;

use std::{
    cell::{Cell, RefCell, RefMut},
    rc::Rc,
    task::{Context, Poll},
};

pub(super) use self::wakers::WakerKind;
use self::{traffic::TrafficTotals, wakers::Wakers};
use super::{
    callback::Handler,
    exception,
    inbox::Inbox,
    outbound::Outbound,
    pending_parts::PendingParts,
    state::State,
    timer::{self, Timer},
    transport::{SendPath, Transport},
    turn::Turns,
    wake_scheduler::WakeScheduler,
};
use crate::{
    address::Address,
    close::{Close, CloseCode, Closed},
    control::Control,
    error::{Error, Result},
    information::Information,
    message::{Message, Payload},
    protocol::{Lifecycle, Limits},
};

/// A transport with the state of its connection; dropping it closes it.
pub(super) struct Socket {
    transport: Box<dyn Transport>,
    /// The transport's, asked for once.
    lane: SendPath,
    address: Option<Address>,
    control: Control,
    state: RefCell<State>,
    /// How many halves keep the connection open.
    halves: Cell<u8>,
    is_reader_detached: Cell<bool>,
    travelled: TrafficTotals,
    pub(super) outbound: Outbound,
    /// The parts of a message until the last one comes.
    pub(super) held: RefCell<PendingParts>,
    pub(super) wakers: Wakers,
    pace: Cell<WakeScheduler>,
    /// Made for the first burst.
    turns: Cell<Option<Turns>>,
    /// Runs while connecting and while closing.
    deadline: Cell<Option<Timer>>,
    /// How much was unsent when a close was last looked at.
    unsent_at_look: Cell<usize>,
    /// For how long nothing had left by then, in seconds.
    stalled: Cell<f64>,
}

/// Operations of the halves.
impl Socket {
    /// Starts to connect.
    pub(super) fn connect(address: Address, control: Control, limits: Limits) -> Result<Rc<Self>> {
        let transport = control.backpressure.open(&address, &control)?;
        let timeout = control.one_attempt();
        let this = Self::over(transport, Some(address), control, limits);
        this.set_deadline(timer::seconds(timeout), |socket, _| socket.on_connect_timeout());
        Ok(this)
    }

    /// A socket over a transport, which begins to tell what happens.
    pub(super) fn over(
        transport: Box<dyn Transport>,
        address: Option<Address>,
        control: Control,
        limits: Limits,
    ) -> Rc<Self> {
        let mut inbox = Inbox::new(&control, limits);
        if transport.has_backpressure() {
            inbox.leave_bound_to_sender();
        }
        let this = Rc::new(Self {
            lane: transport.lane(),
            transport,
            address,
            state: RefCell::new(State::new(inbox, Lifecycle::default())),
            control,
            halves: Cell::new(2),
            is_reader_detached: Cell::default(),
            held: RefCell::default(),
            travelled: TrafficTotals::new(),
            outbound: Outbound::default(),
            wakers: Wakers::default(),
            pace: Cell::new(WakeScheduler::new()),
            turns: Cell::default(),
            deadline: Cell::default(),
            unsent_at_look: Cell::default(),
            stalled: Cell::default(),
        });
        this.transport.listen(&this);
        this
    }

    /// Waits for the end of connecting.
    pub(super) fn poll_open(&self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let opened = self.state().opened();
        if let Some(result) = opened {
            return Poll::Ready(result);
        }
        self.wakers.of(WakerKind::Receiver).register(cx.waker());
        Poll::Pending
    }

    /// Waits for the next message.
    pub(super) fn poll_message(self: &Rc<Self>, cx: &mut Context<'_>) -> Poll<Result<Option<Message>>> {
        let next = self.state().next();
        self.resume_when_received();
        let Some(next) = next else {
            self.wakers.of(WakerKind::Receiver).register(cx.waker());
            return Poll::Pending;
        };
        if let Ok(Some(message)) = &next {
            self.count_received(message.as_bytes().len());
        }
        Poll::Ready(next)
    }

    /// Whatever arrives from now on is thrown away.
    pub(super) fn stop_receiving(&self) {
        self.state().inbox.shut();
        self.transport.resume();
    }

    /// Whether another message may be sent; otherwise why not.
    pub(super) fn check_live(&self) -> Result<()> {
        self.state().check_live()
    }

    /// Whether the connection has ended, and if it has, whether well.
    pub(super) fn ended(&self) -> Option<Result<()>> {
        self.state().ended()
    }

    /// Hands a message to the browser, which sends it by itself, on a connection that is live.
    #[inline]
    pub(super) fn hand_over(self: &Rc<Self>, payload: &Payload<'_>) -> Result<()> {
        self.lane.send(payload).map_err(exception::of_send)?;
        self.count_sent(payload.as_bytes().len());
        Ok(())
    }

    /// How many bytes the browser has not handed to the network.
    pub(super) fn buffered_amount(&self) -> usize {
        self.transport.buffered_amount()
    }

    /// How many bytes will still be handed to the network.
    pub(super) fn unsent(&self) -> usize {
        self.ended().map_or_else(|| self.buffered_amount(), |_| 0)
    }

    /// Whether the browser tells when `buffered_amount` has fallen.
    pub(super) fn tells_what_was_sent(&self) -> bool {
        self.transport.has_backpressure()
    }

    /// The program closes; does nothing but end receiving if a close has started.
    pub(super) fn start_close(self: &Rc<Self>, close: Option<Close<'_>>) {
        let starts = self.state().close();
        if starts {
            self.outbound.shut();
            self.unsent_at_look.set(self.buffered_amount());
            self.transport.close(close);
            self.wait_for_end();
            // Only once: a task that closes again with each poll must not wake itself for ever.
            self.wakers.wake_all();
        }
    }

    /// Leaves it to the writer, if it is there, to keep the connection open.
    pub(super) fn detach_reader(&self) {
        if self.halves.get() == 2 {
            self.halves.set(1);
            self.is_reader_detached.set(true);
        }
    }

    /// The reader counts again.
    pub(super) fn reattach_reader(&self) {
        self.halves.set(self.halves.get() + u8::from(self.is_reader_detached.take()));
    }

    /// One half is dropped; the last one closes.
    pub(super) fn drop_half(self: &Rc<Self>) {
        self.halves.set(self.halves.get() - 1);
        if self.halves.get() == 0 {
            self.start_close(None);
        }
    }

    /// This program cannot go on; browsers do not send 1011, hence 3011.
    pub(super) fn break_off(&self, error: Error) {
        let reason = error.to_string();
        self.fail(error, Some((CloseCode::INTERNAL_ERROR.private(), &reason)));
    }

    /// Ends the connection for the program; what is left of the handshake, the browser does by itself.
    pub(super) fn fail(&self, error: Error, close: Option<Close<'_>>) {
        let is_flushed = self.buffered_amount() == 0;
        let mut state = self.state();
        if is_flushed {
            state.flushed();
        }
        let fails = state.fail(error);
        drop(state);
        if fails {
            self.finish();
            self.transport.close(close);
        }
    }

    /// Waits for the end of the connection.
    pub(super) fn poll_closed(&self, who: WakerKind, cx: &mut Context<'_>) -> Poll<Result<Closed>> {
        let outcome = self.state().outcome_of_close();
        if let Some(outcome) = outcome {
            return Poll::Ready(outcome);
        }
        self.wakers.of(who).register(cx.waker());
        Poll::Pending
    }

    /// Waits for the peer's Close, or for the error that stands in its place.
    pub(super) fn poll_end(&self, cx: &Context<'_>) -> Poll<Result<Closed>> {
        if let Some(end) = self.state().end_for_observers() {
            return Poll::Ready(end);
        }
        self.wakers.watch(cx);
        Poll::Pending
    }

    pub(super) fn closed(&self) -> Option<Closed> {
        self.state().closed().cloned()
    }

    pub(super) fn was_closed_here(&self) -> bool {
        self.state().was_closed_here()
    }

    /// How many bytes wait for the rest of their message.
    pub(super) fn held_bytes(&self) -> usize {
        self.held.borrow().len()
    }

    /// How many bytes were handed to the browser.
    pub(super) fn sent_bytes(&self) -> u64 {
        self.travelled.sent().bytes
    }

    pub(super) fn control(&self) -> &Control {
        &self.control
    }

    pub(super) fn information(self: &Rc<Self>) -> Information {
        let connection = self.transport.connection();
        Information {
            backend: self.transport.backend(),
            url: self.address.as_ref().map(Address::without_user_info),
            protocol: connection.protocol().filter(|protocol| !protocol.is_empty()),
            extensions: connection.extensions().unwrap_or_default(),
            sent: self.travelled.sent(),
            received: self.travelled.received(),
            bandwidth_statistics: self.bandwidth(),
            ..Information::default()
        }
    }
}

/// Effects.
impl Socket {
    /// The one place that borrows it, since each takes code for what never happens: nothing of it calls back.
    #[inline(never)]
    fn state(&self) -> RefMut<'_, State> {
        self.state.borrow_mut()
    }

    /// Nothing more will happen.
    fn finish(&self) {
        self.deadline.take();
        self.turns.take();
        self.outbound.stop();
        self.travelled.stop();
        self.transport.stop();
        self.wakers.wake_all();
    }

    /// Lets the peer go on once all that had arrived has been received. Not with each message: the longer the pauses, the fewer
    /// there are, and a Close that comes in a pause may cost what came before it.
    fn resume_when_received(&self) {
        if self.state().inbox.size() == 0 {
            self.transport.resume();
        }
    }

    /// Waits for the end of a close: for progress while something is unsent, then for the peer's Close.
    fn wait_for_end(self: &Rc<Self>) {
        let is_sent = self.unsent_at_look.get() == 0;
        let timeout = if is_sent { timer::seconds(self.control.close_timeout) } else { self.time_of_look() };
        self.set_deadline(timeout, |socket, _| socket.on_close_timeout());
    }

    /// How long until a close is looked at: while something is unsent, no progress may be made for longer.
    fn time_of_look(&self) -> f64 {
        timer::seconds(self.control.close_timeout).min(self.patience_at_end()).max(LEAST_LOOK)
    }

    /// How long the peer may take nothing once the connection closes.
    fn patience_at_end(&self) -> f64 {
        timer::seconds(self.control.patience_at_end())
    }

    /// In seconds.
    fn set_deadline(self: &Rc<Self>, timeout: f64, on_timeout: Handler) {
        self.deadline.set(Some(Timer::start(timeout, self.callback(on_timeout))));
    }
}

impl Drop for Socket {
    /// The browser finishes the handshake by itself.
    fn drop(&mut self) {
        self.transport.close(None);
        self.transport.stop();
    }
}

/// What is looked at more often gives the browser no time. In seconds.
const LEAST_LOOK: f64 = 0.01;
