//! Event listeners that end with their owner.

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventTarget};

use super::exception::Exception;

/// A listener on an event target; dropping it removes it, also while it runs.
pub(super) struct Listener {
    target: EventTarget,
    event: &'static str,
    /// `Fn`, since Node runs listeners inside of `close()`: also inside of each other.
    callback: Closure<dyn Fn(Event)>,
}

impl Listener {
    /// Calls `callback` for each `event` of `target`.
    pub(super) fn add(
        target: &EventTarget,
        event: &'static str,
        callback: impl Fn(Event) + 'static,
    ) -> Result<Self, Exception> {
        let callback = Closure::<dyn Fn(Event)>::new(callback);
        target.add_event_listener_with_callback(event, callback.as_ref().unchecked_ref())?;
        Ok(Self { target: target.clone(), event, callback })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let callback = self.callback.as_ref().unchecked_ref();
        // Removing throws nothing: the arguments are those of adding.
        let _ = self.target.remove_event_listener_with_callback(self.event, callback);
    }
}
