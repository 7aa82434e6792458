//! Short delays in a hidden page, where `setTimeout` is throttled to one call a second, and later to one a minute: a worker's
//! timers are not.
//!
//! All sockets of a thread share one worker, which is started when a hidden page first waits for something. It answers by a
//! `MessagePort`. A page may forbid it (a content security policy without `worker-src blob:`); then `setTimeout` has to do.

use std::cell::OnceCell;

use js_sys::Array;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::{callback::Callback, property, turn::Port};

/// A call by the worker; dropping it cancels it.
pub(super) struct Alarm {
    _receiver: Port,
}

/// Calls `callback` after so many milliseconds; `None` where no page is hidden or no worker can be had.
pub(super) fn alarm(millis: i32, callback: &Callback) -> Option<Alarm> {
    if !is_hidden() {
        return None;
    }
    WORKER.with(|worker| {
        let worker = worker.get_or_init(|| start().ok()).as_ref()?;
        let (sender, receiver) = Port::pair(callback).ok()?;
        worker.post_message(millis, &Array::of1(&sender));
        Some(Alarm { _receiver: receiver })
    })
}

/// Whether this is a page that nobody sees. Workers and Node have none.
pub(super) fn is_hidden() -> bool {
    let document = property::get(&js_sys::global(), "document");
    document.is_object() && property::get(&document, "hidden").is_truthy()
}

thread_local! {
    /// Empty if it could not be started.
    static WORKER: OnceCell<Option<Worker>> = const { OnceCell::new() };
}

fn start() -> Result<Worker, JsValue> {
    let url = create_object_url(&Blob::new(&Array::of1(&SCRIPT.into()))?)?;
    Worker::new(&url)
}

/// Answers by the port that comes with the delay.
const SCRIPT: &str = "onmessage=e=>setTimeout(()=>e.ports[0].postMessage(0),e.data)";

#[wasm_bindgen]
extern "C" {
    type Blob;

    #[wasm_bindgen(catch, constructor)]
    fn new(parts: &Array) -> Result<Blob, JsValue>;

    #[wasm_bindgen(catch, js_namespace = URL, js_name = createObjectURL)]
    fn create_object_url(blob: &Blob) -> Result<JsValue, JsValue>;

    type Worker;

    #[wasm_bindgen(catch, constructor)]
    fn new(url: &JsValue) -> Result<Worker, JsValue>;

    #[wasm_bindgen(method, js_name = postMessage)]
    fn post_message(this: &Worker, millis: i32, transferred: &Array);
}
