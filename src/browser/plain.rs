//! The `WebSocket` that every browser has: it pushes, and it never waits.

use std::{cell::RefCell, rc::Rc};

use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use web_sys::{BinaryType, WebSocket};

use super::{
    exception::{self, Exception},
    listener::Listener,
    socket::Socket,
    transport::{Connection, Offer, Transport},
};
use crate::{
    address::Address, backend::MEMORY_IS_SHARED, control::Control, error::Result, message::Payload,
    protocol::CloseFrame,
};

/// A `WebSocket` with its listeners.
pub(super) struct Plain {
    socket: WebSocket,
    listeners: RefCell<Vec<Listener>>,
}

impl Plain {
    /// Starts to connect.
    pub(super) fn open(address: &Address, control: &Control) -> Result<Box<dyn Transport>> {
        let socket = WebSocket::new_with_str_sequence(address.as_str(), &Offer::list(control))
            .map_err(exception::of_constructor)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        Ok(Box::new(Self { socket, listeners: RefCell::default() }))
    }
}

impl Transport for Plain {
    fn listen(&self, socket: &Rc<Socket>) -> Result<(), Exception> {
        self.listeners.replace(socket.listen(&self.socket)?);
        Ok(())
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
        self.listeners.take();
    }

    fn connection(&self) -> Connection {
        self.socket.clone().unchecked_into()
    }
}
