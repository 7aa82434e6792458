//! Properties of JavaScript's objects, by their names: one function for all of them, as each binding takes glue of its own.

use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

/// Sets a property.
pub(super) fn set(object: &impl JsCast, name: &str, value: &JsValue) {
    object.unchecked_ref::<Any>().set(name, value);
}

/// The value of a property that few look at: each time, its name goes to JavaScript.
pub(super) fn get(object: &impl JsCast, name: &str) -> JsValue {
    object.unchecked_ref::<Any>().get(name)
}

#[wasm_bindgen]
extern "C" {
    /// Any object.
    type Any;

    #[wasm_bindgen(method, structural, indexing_setter)]
    fn set(this: &Any, name: &str, value: &JsValue);

    #[wasm_bindgen(method, structural, indexing_getter)]
    fn get(this: &Any, name: &str) -> JsValue;
}
