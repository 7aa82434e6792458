//! Properties of JavaScript's objects, by their names, and what several classes have under one name: one function for all of them,
//! as each binding takes glue of its own.

use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

/// Sets a property.
pub(super) fn set(object: &impl JsCast, name: &str, value: &JsValue) {
    object.unchecked_ref::<Any>().set(name, value);
}

/// The value of a property that few look at: each time, its name goes to JavaScript.
pub(super) fn get(object: &impl JsCast, name: &str) -> JsValue {
    object.unchecked_ref::<Any>().get(name)
}

/// Sends to a port or a worker.
pub(super) fn post_message(object: &impl JsCast, message: &JsValue, transferred: &JsValue) {
    object.unchecked_ref::<Any>().post_message(message, transferred);
}

/// Closes a socket or a port. A reason without a code is refused by Chromium, also an empty one.
pub(super) fn close(object: &impl JsCast, code: Option<u16>, reason: Option<&str>) -> Result<(), JsValue> {
    object.unchecked_ref::<Any>().close(code, reason)
}

#[wasm_bindgen]
extern "C" {
    /// Any object.
    type Any;

    #[wasm_bindgen(method, structural, indexing_setter)]
    fn set(this: &Any, name: &str, value: &JsValue);

    #[wasm_bindgen(method, structural, indexing_getter)]
    fn get(this: &Any, name: &str) -> JsValue;

    #[wasm_bindgen(method, structural, js_name = postMessage)]
    fn post_message(this: &Any, message: &JsValue, transferred: &JsValue);

    #[wasm_bindgen(catch, method, structural)]
    fn close(this: &Any, code: Option<u16>, reason: Option<&str>) -> Result<(), JsValue>;
}
