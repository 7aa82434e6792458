//! `WebSocketStream`: a socket that waits, both ways.
//!
//! It is read ahead up to `inbound_buffer_size`, then left alone until most of that has been received: what is not read
//! stays with the peer. Each write ends when the network has taken it. Two rules of Chromium shape the rest:
//!
//! * once it has received a Close, it throws away what it has not handed over by then, but for one message. [`reading`]
//!   notices, and the program learns of it;
//! * `close` loses what is still to be written, and does not end while something is unread. [`closing`] sees to both
//!   beforehand.

mod bindings;
mod closing;
mod reactions;
mod reading;
mod sending;

use std::{
    cell::{OnceCell, RefCell},
    rc::{Rc, Weak},
};

use wasm_bindgen::{JsCast, JsValue};

use self::{
    bindings::{AbortController, CloseInfo, Connection, Options, ReadableStream, Reader, WebSocketStream, Writer},
    closing::Closing,
    reactions::Reactions,
    reading::Reading,
    sending::Sending,
};
use super::{
    exception, location,
    plain::Plain,
    socket::Socket,
    transport::{self, OfferProtocols, SendPath, Transport},
};
use crate::{
    address::Address,
    close::{Close, CloseCode},
    control::Control,
    error::Result,
    information::Backend,
    protocol::CloseFrame,
};

/// Starts to connect by what the platform has.
pub(super) fn open(address: &Address, control: &Control) -> Result<Box<dyn Transport>> {
    if !bindings::is_present() {
        return Plain::open(address, control);
    }
    let abort = AbortController::new().map_err(exception::of_constructor)?;
    let options: Options = bindings::object();
    options.set_protocols(&OfferProtocols::list(control));
    options.set_signal(&abort.signal());
    let resolved = location::resolve(address);
    let url = resolved.as_deref().unwrap_or(address.as_str());
    let stream = WebSocketStream::new(url, &options).map_err(|thrown| OfferProtocols::explain(control, thrown))?;
    let inner = Rc::new_cyclic(|inner: &Weak<Inner>| Inner {
        stream,
        abort,
        socket: RefCell::default(),
        open: OnceCell::new(),
        reading: Reading::new(inner),
        sending: Sending::new(inner),
        closing: Closing::new(control.patience_at_end()),
        outcome: RefCell::default(),
    });
    Ok(Box::new(Stream(inner)))
}

/// The share of a [`Socket`] in its connection.
struct Stream(Rc<Inner>);

/// A `WebSocketStream` and all that goes with it. It lives until the connection has ended, also when the socket is gone.
struct Inner {
    stream: WebSocketStream,
    /// Ends an attempt to connect.
    abort: AbortController,
    socket: RefCell<Weak<Socket>>,
    open: OnceCell<Open>,
    reading: Reading,
    sending: Sending,
    closing: Closing,
    /// How the connection ended, until the socket is told.
    outcome: RefCell<Option<Outcome>>,
}

/// What there is once the connection is open.
struct Open {
    readable: ReadableStream,
    reader: RefCell<Reader>,
    writer: Writer,
    connection: transport::Connection,
}

enum Outcome {
    /// The peer's Close; without a code if it had none.
    Clean(Option<CloseFrame>),
    Lost,
}

impl Transport for Stream {
    fn listen(&self, socket: &Rc<Socket>) {
        self.0.socket.replace(Rc::downgrade(socket));
        let (opened, closed) = (Rc::clone(&self.0), Rc::clone(&self.0));
        Reactions::new(move |result| opened.on_opened(result)).follow(&self.0.stream.opened());
        Reactions::new(move |result| closed.on_closed(result)).follow(&self.0.stream.closed());
    }

    fn lane(&self) -> SendPath {
        SendPath::Other(Rc::<Inner>::clone(&self.0))
    }

    fn buffered_amount(&self) -> usize {
        self.0.sending.unsent()
    }

    fn has_backpressure(&self) -> bool {
        true
    }

    fn backend(&self) -> Backend {
        Backend::WebSocketStream
    }

    fn resume(&self) {
        self.0.read();
    }

    fn close(&self, close: Option<Close<'_>>) {
        self.0.close(close);
    }

    fn stop(&self) {
        self.0.socket.take();
    }

    fn connection(&self) -> transport::Connection {
        self.0.open.get().map_or_else(bindings::object, |open| open.connection.clone())
    }
}

impl Inner {
    fn socket(&self) -> Option<Rc<Socket>> {
        self.socket.borrow().upgrade()
    }

    fn on_opened(self: &Rc<Self>, result: Result<JsValue, JsValue>) {
        let open = result.and_then(|connection| Open::new(&connection.unchecked_into()));
        let Ok(open) = open else { return self.tell(|socket| socket.on_loss()) };
        let this = Rc::clone(self);
        Reactions::new(move |_| this.on_closing_handshake()).follow(&open.writer.closed());
        // It opens once.
        let _ = self.open.set(open);
        if self.closing.has_begun() {
            return self.begin_to_close();
        }
        self.tell(|socket| socket.on_open());
        self.read_on();
    }

    /// Nothing more will arrive, and what has arrived is there.
    fn on_closing_handshake(self: &Rc<Self>) {
        self.drain();
    }

    fn on_closed(self: &Rc<Self>, result: Result<JsValue, JsValue>) {
        let outcome = match result {
            Ok(info) => Outcome::new(&info.unchecked_into()),
            Err(_) => Outcome::Lost,
        };
        self.outcome.replace(Some(outcome));
        self.drain();
        self.conclude();
    }

    /// Tells the socket how the connection ended, once all that arrived has been told.
    fn conclude(&self) {
        if self.open.get().is_some() && !self.reading.is_over() {
            return;
        }
        match self.outcome.take() {
            Some(Outcome::Clean(frame)) => self.tell(|socket| socket.on_end(frame, self.reading.has_lost())),
            Some(Outcome::Lost) => self.tell(|socket| socket.on_loss()),
            None => return,
        }
        self.closing.stop();
    }

    fn tell(&self, what: impl FnOnce(&Rc<Socket>)) {
        if let Some(socket) = self.socket() {
            what(&socket);
        }
    }
}

impl Open {
    fn new(connection: &Connection) -> Result<Self, JsValue> {
        let readable = connection.readable();
        Ok(Self {
            reader: RefCell::new(readable.reader()?),
            readable,
            writer: connection.writable().writer()?,
            connection: connection.unchecked_ref::<transport::Connection>().clone(),
        })
    }
}

impl Outcome {
    fn new(info: &CloseInfo) -> Self {
        let code = info.close_code().map_or(CloseCode::NO_STATUS, CloseCode::from);
        let frame = CloseFrame { code, reason: info.reason().unwrap_or_default() };
        match code {
            CloseCode::NO_STATUS => Self::Clean(None),
            CloseCode::ABNORMAL => Self::Lost,
            _ => Self::Clean(Some(frame)),
        }
    }
}
