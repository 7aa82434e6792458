//! What the platform calls.

use std::rc::Rc;

use wasm_bindgen::{JsValue, closure::Closure};

use super::socket::Socket;

/// A function for JavaScript, for events, timers and turns alike: each further kind of closure would need glue of its own. It
/// may be dropped while it runs. `Fn`, since Node runs listeners inside of `close()`: also inside of each other.
pub(super) type Callback = Closure<dyn Fn(JsValue)>;

impl Socket {
    /// A callback that keeps nothing alive.
    pub(super) fn callback(self: &Rc<Self>, handler: fn(&Rc<Self>, JsValue)) -> Callback {
        let socket = Rc::downgrade(self);
        Callback::new(move |value| {
            if let Some(socket) = socket.upgrade() {
                handler(&socket, value);
            }
        })
    }
}
