//! The `WebSocket` that every browser has: it pushes, and it never waits.

use std::{cell::Cell, rc::Rc};

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::WebSocket;

use super::{
    callback::{Callback, Handler},
    location, property,
    socket::Socket,
    transport::{Connection, OfferProtocols, SendPath, Transport},
};
use crate::{
    address::Address, backend::MEMORY_IS_SHARED, close::Close, control::Control, error::Result, information::Backend,
    message::Payload,
};

/// A `WebSocket` with its listeners.
pub(super) struct Plain {
    socket: WebSocket,
    listeners: Cell<Option<[Callback; 4]>>,
}

impl Plain {
    /// Starts to connect.
    pub(super) fn open(address: &Address, control: &Control) -> Result<Box<dyn Transport>> {
        let resolved = location::resolve(address);
        let url = resolved.as_deref().unwrap_or(address.as_str());
        let socket = WebSocket::new_with_str_sequence(url, &OfferProtocols::list(control));
        let socket = socket.map_err(|thrown| OfferProtocols::explain(control, thrown))?;
        property::set(&socket, "binaryType", &"arraybuffer".into());
        Ok(Box::new(Self { socket, listeners: Cell::default() }))
    }
}

impl Transport for Plain {
    fn listen(&self, socket: &Rc<Socket>) {
        self.listeners.set(Some(EVENTS.map(|(attribute, handler)| {
            let listener = socket.callback(handler);
            property::set(&self.socket, attribute, listener.as_ref());
            listener
        })));
    }

    fn lane(&self) -> SendPath {
        SendPath::Plain(self.socket.clone())
    }

    fn buffered_amount(&self) -> usize {
        self.socket.buffered_amount() as usize
    }

    fn has_backpressure(&self) -> bool {
        false
    }

    fn backend(&self) -> Backend {
        Backend::WebSocket
    }

    /// It cannot be paused.
    fn resume(&self) {}

    fn close(&self, close: Option<Close<'_>>) {
        let (code, reason) = close.map(|(code, reason)| (u16::from(code), reason)).unzip();
        // Every frame was checked; should the browser find fault with one all the same, it is closed without.
        let _ = property::close(&self.socket, code, reason).or_else(|_| property::close(&self.socket, None, None));
    }

    fn stop(&self) {
        for (attribute, _) in EVENTS {
            property::set(&self.socket, attribute, &JsValue::NULL);
        }
        self.listeners.take();
    }

    fn connection(&self) -> Connection {
        self.socket.unchecked_ref::<Connection>().clone()
    }
}

/// Hands a message to the browser.
#[inline]
pub(super) fn send(socket: &WebSocket, payload: &Payload<'_>) -> Result<(), JsValue> {
    match payload.as_text() {
        Some(text) => socket.send_with_str(text),
        None if MEMORY_IS_SHARED => socket.send_with_js_u8_array(&Uint8Array::from(payload.as_bytes())),
        None => socket.send_with_u8_array(payload.as_bytes()),
    }
}

/// What a `WebSocket` tells.
const EVENTS: [(&str, Handler); 4] = [
    ("onopen", |socket, _| socket.on_open()),
    ("onmessage", Socket::on_message),
    ("onerror", |socket, _| socket.on_error()),
    ("onclose", Socket::on_close),
];
