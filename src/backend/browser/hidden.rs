//! Short delays in a hidden page, where `setTimeout` is throttled to one call a second, and later to one a minute: a worker's
//! timers are not.
//!
//! All sockets of a thread share one worker, which is started when a hidden page first waits for something. It answers by a
//! `MessagePort`. A page may forbid it (a content security policy without `worker-src data:`); then `setTimeout` has to do.

use std::cell::Cell;

use js_sys::Array;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::{callback::Callback, exception, property, turn::Port};

/// A call by the worker; dropping it cancels it.
pub(super) struct Alarm {
    _receiver: Port,
}

/// Calls `callback` after so many milliseconds; `None` where no page is hidden or no worker can be had.
pub(super) fn alarm(millis: i32, callback: &Callback) -> Option<Alarm> {
    if !is_hidden() {
        return None;
    }
    let worker = WORKER.take().or_else(|| Worker::new(SCRIPT).ok())?;
    let ports = Port::pair(callback);
    if let Ok((sender, _)) = &ports {
        property::post_message(&worker, &millis.into(), &Array::of1(sender));
    }
    WORKER.set(Some(worker));
    let (_, receiver) = ports.ok()?;
    Some(Alarm { _receiver: receiver })
}

/// Whether this is a page that nobody sees. Workers and Node have none.
pub(super) fn is_hidden() -> bool {
    let document = property::get(&js_sys::global(), "document");
    document.is_object() && exception::words(&property::get(&document, "visibilityState")) == "hidden"
}

thread_local! {
    /// Empty until it is needed, and where there can be none.
    static WORKER: Cell<Option<Worker>> = const { Cell::new(None) };
}

/// Answers by the port that comes with the delay.
const SCRIPT: &str = "data:text/javascript,onmessage=e=>setTimeout(()=>e.ports[0].postMessage(0),e.data)";

#[wasm_bindgen]
extern "C" {
    type Worker;

    #[wasm_bindgen(catch, constructor)]
    fn new(url: &str) -> Result<Worker, JsValue>;
}
