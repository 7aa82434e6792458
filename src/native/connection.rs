//! Where the reader, the writer and the driver of a connection meet.

mod ending;

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker, ready},
};

use bytes::Bytes;
use futures::task::AtomicWaker;

use super::{
    batch::Batch,
    dial::Transport,
    inbound::Inbound,
    outbound::{Ending, Outbound, State, mask_keys},
    settings::Settings,
    upgrade::Upgraded,
    wire::Wire,
};
use crate::{
    close::Closed,
    error::{Error, Result},
    information::{Information, Traffic},
    message::Payload,
    protocol::{CloseFrame, Violation},
};

/// One connection. Nothing here waits; whoever is woken is woken with no lock held, but the driver, which is our own task.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) settings: Settings,
    inbound: Mutex<Inbound>,
    wire: Mutex<Wire>,
    outbound: Mutex<Outbound>,
    /// The length of [`Wire::in_flight`], and one more while TLS holds bytes back.
    in_flight: AtomicUsize,
    /// Grows with every write that moved bytes: a sign of life of the peer.
    progress: AtomicU64,
    /// Nothing is delivered any more: a close was started here.
    is_deaf: AtomicBool,
    was_closed_here: AtomicBool,
    /// Nobody receives any more: the driver reads instead.
    is_unread: AtomicBool,
    halves: AtomicU8,
    received_messages: AtomicU64,
    received_bytes: AtomicU64,
    /// What the handshake told.
    information: Information,
    pub(super) wakers: Wakers,
}

/// Who may be waiting, each for one thing.
#[derive(Debug, Default)]
pub(super) struct Wakers {
    pub(super) reader: AtomicWaker,
    pub(super) writer: AtomicWaker,
    /// The two halves, waiting for the end.
    pub(super) closers: [AtomicWaker; 2],
    /// Observers, waiting for the end.
    observers: Mutex<Vec<Waker>>,
}

impl Connection {
    pub(super) fn new(
        transport: Transport,
        upgraded: Upgraded,
        settings: Settings,
        local: Option<SocketAddr>,
        remote: SocketAddr,
    ) -> Result<Arc<Self>> {
        let decoder = upgraded.decoder(settings.limits);
        let decoder = if settings.gathers { decoder.gathering() } else { decoder };
        let inbound = Inbound::new(transport.reader, upgraded.early, decoder, settings.read_size);
        let information = Information {
            local_address: local,
            remote_address: Some(remote),
            protocol: upgraded.protocol,
            extensions: upgraded.extensions,
            ..Information::default()
        };
        Ok(Arc::new(Self {
            settings,
            inbound: Mutex::new(inbound),
            wire: Mutex::new(Wire::new(transport.writer)),
            outbound: Mutex::new(Outbound::new(mask_keys()?)),
            in_flight: AtomicUsize::new(0),
            progress: AtomicU64::new(0),
            is_deaf: AtomicBool::new(false),
            was_closed_here: AtomicBool::new(false),
            is_unread: AtomicBool::new(false),
            halves: AtomicU8::new(2),
            received_messages: AtomicU64::new(0),
            received_bytes: AtomicU64::new(0),
            information,
            wakers: Wakers::default(),
        }))
    }

    /// Queues a message; the first of a burst is also written at once, as far as that goes without waiting.
    pub(super) fn send(&self, payload: &Payload<'_>, deflated: Option<&[u8]>) -> Result<()> {
        self.queue(|outbound| outbound.message(payload, deflated))
    }

    /// The same for a part of a message.
    pub(super) fn send_part(&self, part: &Payload<'_>, is_first: bool, is_last: bool) -> Result<()> {
        self.queue(|outbound| outbound.part(part, is_first, is_last))
    }

    fn queue(&self, frame: impl FnOnce(&mut Outbound) -> Result<()>) -> Result<()> {
        let mut outbound = lock(&self.outbound);
        frame(&mut outbound)?;
        if outbound.driver_is_awake {
            return Ok(());
        }
        let driver = outbound.driver();
        outbound.driver_is_awake = true;
        drop(outbound);
        if let Ok(mut wire) = self.wire.try_lock() {
            // What cannot be written now, the driver writes; it hears of an error in the same way.
            let _ = self.poll_write_wire(&mut wire, &mut Context::from_waker(&driver));
        }
        // Until the driver has run, what is sent only gathers.
        lock(&self.outbound).wake_driver();
        Ok(())
    }

    /// Ready while no more than `outbound_buffer_size` bytes are unsent; tells how many may follow until it is more.
    pub(super) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<Result<usize>> {
        if let Some(room) = self.room()? {
            return Poll::Ready(Ok(room));
        }
        self.wakers.writer.register(cx.waker());
        self.room()?.map_or(Poll::Pending, |room| Poll::Ready(Ok(room)))
    }

    fn room(&self) -> Result<Option<usize>> {
        let outbound = lock(&self.outbound);
        outbound.check_open()?;
        Ok(self.settings.outbound_buffer_size.checked_sub(self.buffered(&outbound)))
    }

    /// Ready once everything queued has been handed to the operating system.
    pub(super) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if self.is_flushed()? {
            return Poll::Ready(Ok(()));
        }
        self.wakers.writer.register(cx.waker());
        if self.is_flushed()? { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    fn is_flushed(&self) -> Result<bool> {
        let outbound = lock(&self.outbound);
        if let Some(error) = &outbound.error {
            return Err(error.clone());
        }
        Ok(self.buffered(&outbound) == 0)
    }

    pub(super) fn buffered_amount(&self) -> usize {
        self.buffered(&lock(&self.outbound))
    }

    fn buffered(&self, outbound: &Outbound) -> usize {
        outbound.gathered.len() + self.in_flight.load(Ordering::Acquire)
    }

    /// Reads the next messages or parts, or the end.
    pub(super) fn poll_batch(&self, cx: &mut Context<'_>, batch: &mut Batch) -> Poll<()> {
        let mut inbound = lock(&self.inbound);
        // Under the lock: whoever sets it wakes the driver, which then takes the lock after us and reads on.
        if self.is_deaf() {
            batch.push(Ok(None));
            return Poll::Ready(());
        }
        self.wakers.reader.register(cx.waker());
        let poll = inbound.poll_batch(self, cx, batch);
        let has_ended = inbound.has_ended;
        drop(inbound);
        if has_ended {
            self.wake_all();
        }
        if poll.is_pending() {
            // Nothing more will come if the transport failed on the way out.
            batch.rest();
            let Some(error) = lock(&self.outbound).error.clone() else { return Poll::Pending };
            batch.push(Err(error));
        }
        Poll::Ready(())
    }

    pub(super) fn count_received(&self, messages: u64, bytes: usize) {
        // Only the reader counts, so it need not be one step: a locked instruction for each message would show.
        let add = |total: &AtomicU64, more| total.store(total.load(Ordering::Relaxed) + more, Ordering::Relaxed);
        add(&self.received_messages, messages);
        add(&self.received_bytes, bytes as u64);
    }

    /// Starts the closing handshake behind what is queued, once.
    pub(super) fn start_close(&self, frame: Option<&CloseFrame>) {
        let mut outbound = lock(&self.outbound);
        if self.is_deaf.swap(true, Ordering::AcqRel) {
            return;
        }
        if outbound.close(frame) {
            self.was_closed_here.store(true, Ordering::Release);
        }
        outbound.wake_driver();
        drop(outbound);
        self.wakers.reader.wake();
        self.wakers.writer.wake();
    }

    pub(super) fn pong(&self, payload: Bytes) {
        let mut outbound = lock(&self.outbound);
        outbound.pong(payload);
        outbound.wake_driver();
    }

    /// The peer's Close arrived. Whoever reports an end calls [`wake_all`](Self::wake_all) when it holds no lock.
    pub(super) fn peer_closed(&self, frame: Option<CloseFrame>) {
        self.end(|outbound| outbound.peer_closed(frame));
    }

    /// The peer broke a rule.
    pub(super) fn fail(&self, violation: Violation) {
        let frame = CloseFrame { code: violation.close_code(), reason: violation.to_string() };
        self.end(|outbound| outbound.fail(&frame, violation.into()));
    }

    /// The transport is lost; gives the error that counts, which is the first.
    pub(super) fn lose(&self, error: Error) -> Error {
        self.end(|outbound| outbound.lose(error))
    }

    /// The closing handshake took too long, or the runtime went away.
    pub(super) fn give_up(&self) {
        self.end(|outbound| outbound.give_up(self.buffered(outbound)));
    }

    fn end<T>(&self, change: impl FnOnce(&mut Outbound) -> T) -> T {
        let mut outbound = lock(&self.outbound);
        let outcome = change(&mut outbound);
        outbound.wake_driver();
        outcome
    }

    pub(super) fn wake_all(&self) {
        self.wakers.reader.wake();
        self.wakers.writer.wake();
        self.wakers.closers.iter().for_each(AtomicWaker::wake);
        let observers = std::mem::take(&mut *lock(&self.wakers.observers));
        observers.into_iter().for_each(Waker::wake);
    }

    /// One half is dropped; the last one says farewell.
    pub(super) fn drop_half(&self) {
        if self.halves.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.start_close(None);
        } else {
            lock(&self.outbound).wake_driver();
        }
    }

    /// Nobody receives any more.
    pub(super) fn discard(&self) {
        self.is_unread.store(true, Ordering::Release);
        lock(&self.outbound).wake_driver();
    }

    pub(super) fn is_deaf(&self) -> bool {
        self.is_deaf.load(Ordering::Acquire)
    }

    pub(super) fn was_closed_here(&self) -> bool {
        self.was_closed_here.load(Ordering::Acquire)
    }

    pub(super) fn is_unread(&self) -> bool {
        self.is_unread.load(Ordering::Acquire)
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(lock(&self.outbound).state, State::Open)
    }

    pub(super) fn progress(&self) -> u64 {
        self.progress.load(Ordering::Acquire)
    }

    /// How the connection ended and what is left to do, if it has ended.
    pub(super) fn ended(&self) -> Option<(Closed, Ending)> {
        match &lock(&self.outbound).state {
            State::Ended { closed, how } => Some((closed.clone(), *how)),
            State::Open | State::Closing => None,
        }
    }

    /// Waits for the end; `half` tells the two that may wait apart.
    pub(super) fn poll_closed(&self, cx: &mut Context<'_>, half: usize) -> Poll<Closed> {
        if let Some((closed, _)) = self.ended() {
            return Poll::Ready(closed);
        }
        self.wakers.closers[half].register(cx.waker());
        self.ended().map_or(Poll::Pending, |(closed, _)| Poll::Ready(closed))
    }

    pub(super) fn information(&self) -> Information {
        let received = Traffic {
            messages: self.received_messages.load(Ordering::Relaxed),
            bytes: self.received_bytes.load(Ordering::Relaxed),
        };
        let sent = lock(&self.outbound).sent;
        Information { sent, received, ..self.information.clone() }
    }

    /// Writes until nothing is left; for the driver, which may sleep when it is ready.
    pub(super) fn poll_write(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        lock(&self.outbound).register_driver(cx);
        loop {
            ready!(self.poll_write_wire(&mut lock(&self.wire), cx))?;
            let mut outbound = lock(&self.outbound);
            if outbound.gathered.is_empty() {
                outbound.rest();
                return Poll::Ready(Ok(()));
            }
        }
    }

    fn poll_write_wire(&self, wire: &mut Wire, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            if wire.in_flight.is_empty() && !self.refill(wire) {
                ready!(wire.poll_flush(cx))?;
                self.in_flight.store(0, Ordering::Release);
                self.wakers.writer.wake();
                return Poll::Ready(Ok(()));
            }
            ready!(wire.poll_write(cx))?;
            self.progress.fetch_add(1, Ordering::AcqRel);
            // One more stands for what TLS may hold back until the flush.
            self.in_flight.store(wire.in_flight.len() + 1, Ordering::Release);
        }
    }

    /// Takes what has gathered into flight; both lengths change under one lock, so that their sum is exact.
    fn refill(&self, wire: &mut Wire) -> bool {
        let mut outbound = lock(&self.outbound);
        outbound.take(&mut wire.in_flight);
        if wire.in_flight.is_empty() {
            return false;
        }
        self.in_flight.store(wire.in_flight.len(), Ordering::Release);
        true
    }

    /// Reads for its own sake, with nobody to deliver to: ready at the end.
    pub(super) fn poll_discard(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut inbound = lock(&self.inbound);
        let mut batch = Batch::default();
        inbound.lift_limits();
        let had_ended = inbound.has_ended;
        while !inbound.has_ended {
            ready!(inbound.poll_batch(self, cx, &mut batch));
            batch.clear();
        }
        drop(inbound);
        if !had_ended {
            self.wake_all();
        }
        Poll::Ready(())
    }

    pub(super) fn poll_drain(&self, cx: &mut Context<'_>) -> Poll<()> {
        lock(&self.inbound).poll_drain(cx)
    }

    pub(super) fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        lock(&self.wire).poll_shutdown(cx)
    }

    /// Ends TCP. What the program has not received stays with its reader.
    pub(super) fn release(&self, is_lost: bool) {
        lock(&self.wire).release();
        if !is_lost {
            lock(&self.inbound).release();
        }
    }
}

/// A panic while a lock was held left nothing half-changed that the next holder could not live with.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
