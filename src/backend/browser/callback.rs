//! What the platform calls.

use std::rc::Rc;

use wasm_bindgen::{JsError, JsValue, closure::Closure};

use super::socket::Socket;

/// A function for JavaScript, for events, timers and turns alike: each further kind of closure would need glue of its own, and
/// the executor of wasm-bindgen has this one already. It may be dropped while it runs, but not run inside of itself: Node
/// runs listeners inside of `close()`, but other ones than the one that closes.
pub(super) type Callback = Closure<dyn FnMut(JsValue) -> Result<(), JsError>>;

/// A callback of any kind.
pub(super) fn new(mut handler: impl FnMut(JsValue) + 'static) -> Callback {
    Callback::new(move |value| {
        handler(value);
        Ok(())
    })
}

/// What a socket does about an event or a timer.
pub(super) type Handler = fn(&Rc<Socket>, JsValue);

impl Socket {
    /// A callback that keeps nothing alive.
    pub(super) fn callback(self: &Rc<Self>, handler: Handler) -> Callback {
        let socket = Rc::downgrade(self);
        new(move |value| {
            if let Some(socket) = socket.upgrade() {
                handler(&socket, value);
            }
        })
    }
}
