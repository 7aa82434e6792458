//! The contract of the two sockets that a browser may have, and the choice between them.

use std::{fmt, rc::Rc};

use js_sys::Array;
use wasm_bindgen::JsValue;

use super::{exception::Exception, plain::Plain, socket::Socket, stream_transport};
use crate::{address::Address, control::Control, error::Result, message::Payload, protocol::CloseFrame};

/// What carries the messages of a [`Socket`]. It tells what happens by calling the socket, from callbacks only: never
/// inside of one of these methods.
pub(super) trait Transport {
    /// Begins to tell what happens.
    fn listen(&self, socket: &Rc<Socket>) -> Result<(), Exception>;

    /// Hands a message to the browser.
    fn send(&self, payload: &Payload<'_>) -> Result<(), Exception>;

    /// How many bytes the browser has not handed to the network.
    fn buffered_amount(&self) -> usize;

    /// Whether it tells when `buffered_amount` has fallen, and reads no more while the socket is full.
    fn has_backpressure(&self) -> bool;

    /// The socket is not full any more.
    fn resume(&self);

    /// Closes behind what has been sent; gives up if the connection is not yet open. Does nothing the second time.
    fn close(&self, frame: Option<&CloseFrame>);

    /// Stops telling what happens.
    fn stop(&self);

    /// The subprotocol that the server chose, empty if none.
    fn protocol(&self) -> String;

    /// The extensions in use.
    fn extensions(&self) -> String;
}

/// How to make a transport. It is a function of the settings, so that a program that asks for no back-pressure is linked
/// without what gives it.
#[derive(Clone, Copy)]
pub(crate) struct Opener {
    open: fn(&Address, &Control) -> Result<Box<dyn Transport>>,
    has_backpressure: bool,
}

impl Opener {
    /// By `WebSocket`.
    pub(crate) const PLAIN: Self = Self { open: Plain::open, has_backpressure: false };
    /// By `WebSocketStream` where the platform has it, else by `WebSocket`.
    pub(crate) const BACKPRESSURE: Self = Self { open: stream_transport::open, has_backpressure: true };

    /// Starts to connect.
    pub(super) fn open(self, address: &Address, control: &Control) -> Result<Box<dyn Transport>> {
        (self.open)(address, control)
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.has_backpressure.fmt(f)
    }
}

/// The subprotocols to offer.
pub(super) fn protocols(control: &Control) -> Array {
    control.supported_protocols.iter().map(|protocol| JsValue::from_str(protocol)).collect()
}
