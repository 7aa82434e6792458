//! What JavaScript throws, as an error of Rust.

use wasm_bindgen::{JsCast, JsValue};

/// A thrown value in words; every `DOMException` is an `Error` of JavaScript, too.
pub(super) struct Exception {
    /// The class of the error, such as `SyntaxError`; empty if something else was thrown.
    name: String,
    message: String,
}

impl Exception {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Name and message.
    pub(super) fn into_words(self) -> String {
        let Self { name, message } = self;
        if name.is_empty() { message } else { name + ": " + &message }
    }
}

impl From<JsValue> for Exception {
    fn from(thrown: JsValue) -> Self {
        match thrown.dyn_ref::<js_sys::Error>() {
            Some(error) => Self { name: error.name().into(), message: error.message().into() },
            None => Self { name: String::new(), message: thrown.as_string().unwrap_or_default() },
        }
    }
}
