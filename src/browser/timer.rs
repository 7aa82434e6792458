//! `setTimeout` and the clock, of whatever global object there is.

use std::{cell::Cell, rc::Rc, time::Duration};

use wasm_bindgen::{JsValue, closure::Closure, prelude::wasm_bindgen};

/// A call in the future; dropping it cancels it, also while it runs.
pub(super) struct Timer {
    /// A number in browsers, an object in Node.
    id: JsValue,
    has_fired: Rc<Cell<bool>>,
    /// What the platform calls.
    _callback: Closure<dyn FnMut()>,
}

impl Timer {
    /// Calls `callback` once, after `delay`.
    pub(super) fn start(delay: Duration, callback: impl FnOnce() + 'static) -> Self {
        let has_fired = Rc::new(Cell::new(false));
        let callback = Closure::once({
            let has_fired = Rc::clone(&has_fired);
            move || {
                has_fired.set(true);
                callback();
            }
        });
        // Ends at the largest number: a delay above the range (24 days) would be taken for 0.
        let millis = (delay.as_secs_f64() * 1000.0).ceil() as i32;
        Self { id: set_timeout(&callback, millis), has_fired, _callback: callback }
    }

    pub(super) fn has_fired(&self) -> bool {
        self.has_fired.get()
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}

/// The time since some fixed moment, by a clock that is never set; it tells no less than microseconds.
pub(super) fn now() -> Duration {
    Duration::from_micros((performance_now() * 1000.0) as u64)
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Closure<dyn FnMut()>, millis: i32) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);

    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}
