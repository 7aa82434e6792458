//! The `WebSocket` that every browser has: it pushes, and it never waits.

use std::{cell::Cell, rc::Rc};

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::{BinaryType, WebSocket};

use super::{
    callback::Callback,
    exception::{self, Exception},
    socket::Socket,
    transport::{Connection, Offer, Transport},
};
use crate::{
    address::Address, backend::MEMORY_IS_SHARED, control::Control, error::Result, message::Payload,
    protocol::CloseFrame,
};

/// A `WebSocket` with its listeners.
pub(super) struct Plain {
    socket: Target,
    /// Those of [`EVENTS`], in their order.
    listeners: Cell<Option<[Callback; EVENTS.len()]>>,
}

impl Plain {
    /// Starts to connect.
    pub(super) fn open(address: &Address, control: &Control) -> Result<Box<dyn Transport>> {
        let socket = WebSocket::new_with_str_sequence(address.as_str(), &Offer::list(control))
            .map_err(exception::of_constructor)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        Ok(Box::new(Self { socket: socket.unchecked_into(), listeners: Cell::default() }))
    }
}

impl Transport for Plain {
    fn listen(&self, socket: &Rc<Socket>) {
        let listeners = EVENTS.map(|(event, handler)| {
            let listener = socket.callback(handler);
            self.socket.add(event, &listener);
            listener
        });
        self.listeners.set(Some(listeners));
    }

    fn send(&self, payload: &Payload<'_>) -> Result<(), Exception> {
        match payload.as_text() {
            Some(text) => self.socket.send_with_str(text),
            None if MEMORY_IS_SHARED => {
                self.socket.send_with_array_buffer(&Uint8Array::from(payload.as_bytes()).buffer())
            }
            None => self.socket.send_with_u8_array(payload.as_bytes()),
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

    fn close(&self, frame: Option<&CloseFrame>) {
        let result = match frame {
            Some(CloseFrame { code, reason }) => self.socket.close_with_code_and_reason(u16::from(*code), reason),
            None => self.socket.close(),
        };
        // Every frame was checked; should the browser find fault with one all the same, it is closed without.
        let _ = result.or_else(|_| self.socket.close());
    }

    fn stop(&self) {
        for ((event, _), listener) in EVENTS.iter().zip(self.listeners.take().iter().flatten()) {
            self.socket.remove(event, listener);
        }
    }

    fn connection(&self) -> Connection {
        self.socket.clone().unchecked_into()
    }
}

/// What a `WebSocket` tells.
const EVENTS: [(&str, fn(&Rc<Socket>, JsValue)); 4] = [
    ("open", |socket, _| socket.on_open()),
    ("message", Socket::on_message),
    ("error", |socket, _| socket.on_error()),
    ("close", Socket::on_close),
];

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = WebSocket)]
    type Target;

    #[wasm_bindgen(method, js_name = addEventListener)]
    fn add(this: &Target, event: &str, listener: &Callback);

    #[wasm_bindgen(method, js_name = removeEventListener)]
    fn remove(this: &Target, event: &str, listener: &Callback);
}
