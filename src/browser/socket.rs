//! One `WebSocket`, shared by its two halves.

mod events;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use web_sys::{BinaryType, WebSocket};

use super::{
    exception::Exception,
    inbox::Inbox,
    listener::Listener,
    outbound::Outbound,
    pace::Pace,
    slot::Slot,
    state::State,
    timer::{self, Timer},
    turn::Turns,
};
use crate::{
    address::Address,
    close::Closed,
    control::Control,
    error::{Error, ErrorKind, Result},
    information::{Information, Traffic},
    message::{Message, Payload},
    protocol::{CloseFrame, Limits},
};

/// A `WebSocket` with its listeners; dropping it removes them and closes it.
pub(super) struct Socket {
    socket: WebSocket,
    control: Control,
    state: RefCell<State>,
    sent: Cell<Traffic>,
    received: Cell<Traffic>,
    pub(super) outbound: Outbound,
    pub(super) wakers: Wakers,
    pace: Cell<Pace>,
    /// Made for the first burst.
    turns: RefCell<Option<Turns>>,
    /// Runs while connecting and while closing.
    deadline: RefCell<Option<Timer>>,
    listeners: RefCell<Vec<Listener>>,
}

/// Who waits for what: one slot for each.
#[derive(Default)]
pub(super) struct Wakers {
    opened: Slot,
    receive: Slot,
    pub(super) send: Slot,
    pub(super) reader_closed: Slot,
    pub(super) writer_closed: Slot,
}

/// Operations of the halves.
impl Socket {
    /// Starts to connect.
    pub(super) fn connect(address: &Address, control: Control, limits: Limits) -> Result<Rc<Self>> {
        let socket = construct(address, &control)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let timeout = control.connect_timeout;
        let this = Rc::new(Self {
            socket,
            state: RefCell::new(State::new(Inbox::new(&control, limits))),
            control,
            sent: Cell::default(),
            received: Cell::default(),
            outbound: Outbound::default(),
            wakers: Wakers::default(),
            pace: Cell::new(Pace::new()),
            turns: RefCell::default(),
            deadline: RefCell::default(),
            listeners: RefCell::default(),
        });
        this.listen().map_err(|thrown| {
            Error::with_words(ErrorKind::NotSupported, "the browser refused to listen", thrown.into_words())
        })?;
        this.set_deadline(timeout, Self::on_connect_timeout);
        Ok(this)
    }

    /// Waits for the end of connecting.
    pub(super) fn poll_open(&self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let opened = self.state.borrow().opened();
        if let Some(result) = opened {
            return Poll::Ready(result);
        }
        self.wakers.opened.register(cx.waker());
        Poll::Pending
    }

    /// Waits for the next message.
    pub(super) fn poll_message(&self, cx: &mut Context<'_>) -> Poll<Result<Option<Message>>> {
        let next = self.state.borrow_mut().next();
        let Some(next) = next else {
            self.wakers.receive.register(cx.waker());
            return Poll::Pending;
        };
        if let Ok(Some(message)) = &next {
            count(&self.received, message.as_bytes().len());
        }
        Poll::Ready(next)
    }

    /// Whatever arrives from now on is thrown away.
    pub(super) fn stop_receiving(&self) {
        self.state.borrow_mut().inbox.shut();
    }

    /// Whether another message may be sent; otherwise why not.
    pub(super) fn check_live(&self) -> Result<()> {
        self.state.borrow().check_live()
    }

    /// Whether the connection has ended, and if it has, whether well.
    pub(super) fn ended(&self) -> Option<Result<()>> {
        self.state.borrow().ended()
    }

    /// Hands a message to the browser, which sends it by itself, on a connection that is live.
    #[inline]
    pub(super) fn hand_over(&self, payload: &Payload<'_>) -> Result<()> {
        let bytes = payload.as_bytes();
        match payload.as_text() {
            Some(text) => self.socket.send_with_str(text),
            // A browser does not send views of shared memory.
            None if cfg!(target_feature = "atomics") => {
                self.socket.send_with_array_buffer(&Uint8Array::from(bytes).buffer())
            }
            None => self.socket.send_with_u8_array(bytes),
        }
        .map_err(|thrown| {
            let message = "the browser refused the message";
            Error::with_words(ErrorKind::InvalidArgument, message, Exception::from(thrown).into_words())
        })?;
        count(&self.sent, bytes.len());
        self.outbound.add(bytes.len());
        Ok(())
    }

    /// How many bytes the browser has not handed to the network.
    pub(super) fn buffered_amount(&self) -> usize {
        self.socket.buffered_amount() as usize
    }

    /// The program closes; does nothing but end receiving if a close has started.
    pub(super) fn start_close(self: &Rc<Self>, frame: Option<&CloseFrame>) {
        let starts = self.state.borrow_mut().close();
        if starts {
            self.close(frame);
            self.set_deadline(self.control.close_timeout, Self::on_close_timeout);
            // Only once: a task that closes again with each poll must not wake itself for ever.
            self.wakers.wake_all();
        }
    }

    /// Ends the connection for the program; what is left of the handshake, the browser does by itself.
    pub(super) fn fail(&self, error: Error, frame: Option<&CloseFrame>) {
        let fails = self.state.borrow_mut().fail(error);
        if fails {
            self.finish();
            self.close(frame);
        }
    }

    /// Waits for the end of the connection in the slot of one half.
    pub(super) fn poll_closed(&self, slot: &Slot, cx: &mut Context<'_>) -> Poll<Closed> {
        if let Some(closed) = self.closed() {
            return Poll::Ready(closed);
        }
        slot.register(cx.waker());
        Poll::Pending
    }

    pub(super) fn closed(&self) -> Option<Closed> {
        self.state.borrow().closed().cloned()
    }

    pub(super) fn was_closed_here(&self) -> bool {
        self.state.borrow().was_closed_here()
    }

    /// How many bytes were handed to the browser.
    pub(super) fn sent_bytes(&self) -> u64 {
        self.sent.get().bytes
    }

    pub(super) fn control(&self) -> &Control {
        &self.control
    }

    pub(super) fn information(&self) -> Information {
        Information {
            local_address: None,
            remote_address: None,
            protocol: Some(self.socket.protocol()).filter(|protocol| !protocol.is_empty()),
            extensions: self.socket.extensions(),
            sent: self.sent.get(),
            received: self.received.get(),
        }
    }
}

/// Effects.
impl Socket {
    /// Starts the closing handshake, unless it has started.
    fn close(&self, frame: Option<&CloseFrame>) {
        let result = match frame {
            Some(CloseFrame { code, reason }) => self.socket.close_with_code_and_reason(u16::from(*code), reason),
            None => self.socket.close(),
        };
        // Every frame was checked; should the browser find fault with one all the same, it is closed without.
        let _ = result.or_else(|_| self.socket.close());
    }

    /// Nothing more will happen.
    fn finish(&self) {
        self.deadline.take();
        self.listeners.take();
        self.turns.take();
        self.outbound.stop();
        self.wakers.wake_all();
    }

    fn set_deadline(self: &Rc<Self>, timeout: Duration, on_timeout: fn(&Self)) {
        let socket = Rc::downgrade(self);
        // Ends at the largest number: a delay above the range (24 days) would be taken for 0.
        let delay = timer::milliseconds(timeout).ceil() as i32;
        let timer = Timer::start(delay, move || {
            if let Some(socket) = socket.upgrade() {
                on_timeout(&socket);
            }
        });
        self.deadline.replace(Some(timer));
    }
}

impl Drop for Socket {
    /// The browser finishes the handshake by itself.
    fn drop(&mut self) {
        self.close(None);
    }
}

impl Wakers {
    fn wake_all(&self) {
        for waker in [&self.opened, &self.receive, &self.send, &self.reader_closed, &self.writer_closed] {
            waker.wake();
        }
    }
}

fn construct(address: &Address, control: &Control) -> Result<WebSocket> {
    let protocols: Array = control.supported_protocols.iter().map(|protocol| JsValue::from_str(protocol)).collect();
    WebSocket::new_with_str_sequence(address.as_str(), &protocols).map_err(|thrown| {
        let thrown = Exception::from(thrown);
        let (kind, message) = match thrown.name() {
            // The subprotocols have been checked, so it is the URL.
            "SyntaxError" => (ErrorKind::InvalidUrl, "not a WebSocket URL"),
            "SecurityError" => (ErrorKind::CannotConnect, "the browser does not allow this connection"),
            _ => (ErrorKind::NotSupported, "this platform has no usable WebSocket"),
        };
        Error::with_words(kind, message, thrown.into_words())
    })
}

/// Adds one message.
fn count(traffic: &Cell<Traffic>, bytes: usize) {
    let Traffic { messages, bytes: before } = traffic.get();
    traffic.set(Traffic { messages: messages + 1, bytes: before + bytes as u64 });
}
