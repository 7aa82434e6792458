//! A turn: a task of the event loop, behind those that are there already.

use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use super::{callback::Callback, property};

/// Asks for turns. It sends messages to itself: unlike timers, they are not slowed down where nobody looks at the page.
pub(super) struct Turns {
    sender: MessagePort,
    _receiver: Port,
    _callback: Callback,
}

impl Turns {
    /// Calls `callback` in each turn.
    pub(super) fn new(callback: Callback) -> Result<Self, JsValue> {
        let (sender, receiver) = Port::pair(&callback)?;
        Ok(Self { sender, _receiver: receiver, _callback: callback })
    }

    /// Asks for one turn.
    pub(super) fn ask(&self) {
        property::post_message(&self.sender, &JsValue::NULL, &JsValue::UNDEFINED);
    }
}

/// The receiving end of a `MessageChannel`.
pub(super) struct Port(MessagePort);

impl Port {
    /// A channel whose messages call `callback`, which is to live longer.
    pub(super) fn pair(callback: &Callback) -> Result<(MessagePort, Self), JsValue> {
        let channel = MessageChannel::new()?;
        let port = |name| property::get(&channel, name).unchecked_into::<MessagePort>();
        let (sender, receiver) = (port("port1"), port("port2"));
        property::set(&receiver, "onmessage", callback.as_ref());
        Ok((sender, Self(receiver)))
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        property::set(&self.0, "onmessage", &JsValue::NULL);
        // Node goes on as long as a port is open; the other one closes with it.
        let _ = property::close(&self.0, None, None);
    }
}

#[wasm_bindgen]
extern "C" {
    type MessageChannel;

    #[wasm_bindgen(catch, constructor)]
    fn new() -> Result<MessageChannel, JsValue>;

    pub(super) type MessagePort;
}
