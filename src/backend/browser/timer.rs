//! `setTimeout` and the clock, of whatever global object there is.

use std::time::Duration;

use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::{
    callback::Callback,
    hidden::{self, Alarm},
};

/// A call in the future; dropping it cancels it, also while it runs.
pub(super) struct Timer {
    /// A number in browsers, an object in Node.
    id: JsValue,
    alarm: Option<Alarm>,
    callback: Callback,
}

impl Timer {
    /// Calls `callback` once, after so many seconds.
    pub(super) fn start(delay: f64, callback: Callback) -> Self {
        Self { id: set_timeout(&callback, millis(delay)), alarm: None, callback }
    }

    /// The same for a delay far below a second, which a hidden page would make a second or a minute. There, `callback` is
    /// called by a worker, too, so it may be called twice.
    pub(super) fn start_short(delay: f64, callback: Callback) -> Self {
        let mut timer = Self::start(delay, callback);
        timer.alarm = hidden::alarm(millis(delay), &timer.callback);
        timer
    }

    /// The same for times in settings.
    pub(super) fn after(delay: Duration, callback: Callback) -> Self {
        Self::start(seconds(delay), callback)
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}

/// The same time as a number: arithmetic of `Duration` takes a lot of code. Out of line for the same reason.
#[inline(never)]
pub(super) fn seconds(time: Duration) -> f64 {
    time.as_secs_f64()
}

/// Ends at the largest number: a delay above the range (24 days) would be taken for 0.
fn millis(delay: f64) -> i32 {
    (delay * 1000.0).ceil() as i32
}

/// The seconds since some fixed moment, by a clock that is never set.
pub(super) fn now() -> f64 {
    performance_now() / 1000.0
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Callback, millis: i32) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);

    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}
