//! The `WebSocket` that every browser has: it pushes, and it never waits.

use std::{cell::Cell, rc::Rc};

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use super::{
    callback::{Callback, Handler},
    exception::{self, Exception},
    socket::Socket,
    transport::{Connection, Offer, Transport},
};
use crate::{
    address::Address, backend::MEMORY_IS_SHARED, close::Close, control::Control, error::Result, message::Payload,
};

/// A `WebSocket` with its listeners.
pub(super) struct Plain {
    socket: WebSocket,
    listeners: Cell<Vec<(&'static str, Callback)>>,
}

impl Plain {
    /// Starts to connect.
    pub(super) fn open(address: &Address, control: &Control) -> Result<Box<dyn Transport>> {
        let socket = WebSocket::new(address.as_str(), &Offer::list(control)).map_err(exception::of_constructor)?;
        socket.set_binary_type("arraybuffer");
        Ok(Box::new(Self { socket, listeners: Cell::default() }))
    }
}

impl Transport for Plain {
    fn listen(&self, socket: &Rc<Socket>) {
        let mut listeners = Vec::with_capacity(EVENTS.len());
        for (event, handler) in EVENTS {
            let listener = socket.callback(handler);
            self.socket.add(event, &listener);
            listeners.push((event, listener));
        }
        self.listeners.set(listeners);
    }

    fn send(&self, payload: &Payload<'_>) -> Result<(), Exception> {
        match payload.as_text() {
            Some(text) => self.socket.send(text),
            None if MEMORY_IS_SHARED => self.socket.send_view(&Uint8Array::from(payload.as_bytes())),
            None => self.socket.send_bytes(payload.as_bytes()),
        }
        .map_err(Exception::from)
    }

    fn buffered_amount(&self) -> usize {
        self.socket.buffered_amount() as usize
    }

    fn has_backpressure(&self) -> bool {
        false
    }

    /// It cannot be paused.
    fn resume(&self) {}

    fn close(&self, close: Option<Close<'_>>) {
        let (code, reason) = close.map(|(code, reason)| (u16::from(code), reason)).unzip();
        // Every frame was checked; should the browser find fault with one all the same, it is closed without.
        let _ = self.socket.close(code, reason).or_else(|_| self.socket.close(None, None));
    }

    fn stop(&self) {
        for (event, listener) in self.listeners.take() {
            self.socket.remove(event, &listener);
        }
    }

    fn connection(&self) -> Connection {
        self.socket.unchecked_ref::<Connection>().clone()
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What a `WebSocket` tells.
const EVENTS: [(&str, Handler); 4] = [
    ("open", |socket, _| socket.on_open()),
    ("message", Socket::on_message),
    ("error", |socket, _| socket.on_error()),
    ("close", Socket::on_close),
];

/// By hand, since each function of web-sys takes glue of its own, and here few are enough.
#[wasm_bindgen]
extern "C" {
    type WebSocket;

    #[wasm_bindgen(catch, constructor)]
    fn new(url: &str, protocols: &JsValue) -> Result<WebSocket, JsValue>;

    #[wasm_bindgen(method, setter, js_name = binaryType)]
    fn set_binary_type(this: &WebSocket, kind: &str);

    #[wasm_bindgen(method, getter, js_name = bufferedAmount)]
    fn buffered_amount(this: &WebSocket) -> u32;

    #[wasm_bindgen(method, js_name = addEventListener)]
    fn add(this: &WebSocket, event: &str, listener: &Callback);

    #[wasm_bindgen(method, js_name = removeEventListener)]
    fn remove(this: &WebSocket, event: &str, listener: &Callback);

    #[wasm_bindgen(catch, method)]
    fn send(this: &WebSocket, text: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, method, js_name = send)]
    fn send_bytes(this: &WebSocket, bytes: &[u8]) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, method, js_name = send)]
    fn send_view(this: &WebSocket, bytes: &Uint8Array) -> Result<(), JsValue>;

    /// A reason without a code is refused by Chromium, also an empty one.
    #[wasm_bindgen(catch, method)]
    fn close(this: &WebSocket, code: Option<u16>, reason: Option<&str>) -> Result<(), JsValue>;
}
