//! The contract of the two sockets that a browser may have, and the choice between them.

use std::{fmt, rc::Rc};

use js_sys::Array;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::WebSocket;

use super::{
    exception,
    plain::{self, Plain},
    socket::Socket,
    stream_transport,
};
use crate::{
    address::Address,
    close::Close,
    control::Control,
    error::{Error, ErrorCode, ErrorKind, Message, Result, Value},
    information::Backend,
    message::Payload,
};

/// What carries the messages of a [`Socket`]. It tells what happens by calling the socket, from callbacks only: never
/// inside of one of these methods.
pub(super) trait Transport {
    /// Begins to tell what happens.
    fn listen(&self, socket: &Rc<Socket>);

    /// The way of messages into the browser.
    fn lane(&self) -> SendPath;

    /// How many bytes the browser has not handed to the network.
    fn buffered_amount(&self) -> usize;

    /// Whether it tells when `buffered_amount` has fallen, and reads no more while the socket is full.
    fn has_backpressure(&self) -> bool;

    fn backend(&self) -> Backend;

    /// The socket is not full any more.
    fn resume(&self);

    /// Closes behind what has been sent; gives up if the connection is not yet open. Does nothing the second time.
    fn close(&self, close: Option<Close<'_>>);

    /// Stops telling what happens.
    fn stop(&self);

    /// What knows the subprotocol and the extensions: not asked here, as few programs want to know.
    fn connection(&self) -> Connection;
}

/// Where messages go. For a plain `WebSocket` it is no detour by a table of functions, which would take as long as the rest of
/// what is done about a small message.
pub(super) enum SendPath {
    Plain(WebSocket),
    Other(Rc<dyn Sender>),
}

impl SendPath {
    /// Hands a message to the browser.
    #[inline]
    pub(super) fn send(&self, payload: &Payload<'_>) -> Result<(), JsValue> {
        match self {
            Self::Plain(socket) => plain::send(socket, payload),
            Self::Other(sender) => {
                sender.send(payload);
                Ok(())
            }
        }
    }
}

/// What takes the messages of a transport that is no plain `WebSocket`, and tells later of those that could not be sent.
pub(super) trait Sender {
    fn send(&self, payload: &Payload<'_>);
}

#[wasm_bindgen]
extern "C" {
    /// A `WebSocket`, or what a `WebSocketStream` gives once it is open.
    #[derive(Clone)]
    pub(super) type Connection;

    /// The subprotocol that the server chose, empty if none; `None` while there is no connection.
    #[wasm_bindgen(method, getter)]
    pub(super) fn protocol(this: &Connection) -> Option<String>;

    /// The extensions in use.
    #[wasm_bindgen(method, getter)]
    pub(super) fn extensions(this: &Connection) -> Option<String>;
}

/// How to make a transport. It is a function of the settings, so that a program that asks for no back-pressure is linked
/// without what gives it.
#[derive(Clone, Copy)]
pub(crate) struct ConnectFn {
    open: fn(&Address, &Control) -> Result<Box<dyn Transport>>,
    has_backpressure: bool,
}

impl ConnectFn {
    /// By `WebSocket`.
    pub(crate) const PLAIN: Self = Self { open: Plain::open, has_backpressure: false };
    /// By `WebSocketStream` where the platform has it, else by `WebSocket`.
    pub(crate) const BACKPRESSURE: Self = Self { open: stream_transport::open, has_backpressure: true };

    /// Starts to connect.
    pub(super) fn open(self, address: &Address, control: &Control) -> Result<Box<dyn Transport>> {
        (self.open)(address, control)
    }
}

impl fmt::Debug for ConnectFn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.has_backpressure.fmt(f)
    }
}

/// How to offer subprotocols and to look at what the server chose. It is in the settings for the same reason.
#[derive(Clone, Copy)]
pub(crate) struct OfferProtocols {
    list: fn(&Control) -> JsValue,
    explain: fn(JsValue) -> Error,
    check: fn(&Control, &Connection) -> Result<()>,
}

impl OfferProtocols {
    /// The subprotocols of the settings.
    pub(crate) const LISTED: Self = Self { list, explain, check };

    /// For the constructors of sockets.
    pub(super) fn list(control: &Control) -> JsValue {
        control.offer.map_or(JsValue::UNDEFINED, |offer| (offer.list)(control))
    }

    /// What the constructor of a socket has thrown.
    pub(super) fn explain(control: &Control, thrown: JsValue) -> Error {
        control.offer.map_or(exception::of_constructor as fn(_) -> _, |offer| offer.explain)(thrown)
    }

    /// Refuses what was not offered. Where nothing was, that is left to the browser, which shows a choice to nobody.
    pub(super) fn check(control: &Control, transport: &dyn Transport) -> Result<()> {
        control.offer.map_or(Ok(()), |offer| (offer.check)(control, &transport.connection()))
    }
}

impl fmt::Debug for OfferProtocols {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OfferProtocols").finish_non_exhaustive()
    }
}

fn list(control: &Control) -> JsValue {
    let protocols = &control.extras().supported_protocols;
    protocols.iter().map(|protocol| JsValue::from_str(protocol)).collect::<Array>().into()
}

/// Node, Deno and Bun take subprotocols that differ in case only for the same and refuse them. They do so by the error that
/// stands for a URL; its words tell the two apart.
fn explain(thrown: JsValue) -> Error {
    let words = exception::words(&thrown);
    if words.starts_with("SyntaxError") && words.to_ascii_lowercase().contains("protocol") {
        return Error::with_words(ErrorCode::ProtocolsRefused, words);
    }
    exception::of_constructor(thrown)
}

/// The server must choose one of the subprotocols that were offered (RFC 6455 section 4.1). Not every browser checks; those
/// that do fail to connect and tell no cause, and so do we.
fn check(control: &Control, connection: &Connection) -> Result<()> {
    let chosen = connection.protocol().unwrap_or_default();
    if control.extras().supported_protocols.contains(&chosen) {
        return Ok(());
    }
    if chosen.is_empty() {
        let message = "the server chose none of the subprotocols that were offered";
        return Err(Error::new(ErrorKind::CannotConnect, message));
    }
    let message = Message::With("the server chose the subprotocol ", Value::Quoted(chosen), ", which was not offered");
    Err(Error::new(ErrorKind::CannotConnect, message))
}
