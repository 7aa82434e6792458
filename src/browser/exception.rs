//! What JavaScript throws, as an error of Rust.

use std::{error, fmt};

use wasm_bindgen::{JsCast, JsValue};

/// A thrown value in words; every `DOMException` is an `Error` of JavaScript, too.
#[derive(Debug)]
pub(super) struct Exception {
    /// The class of the error, such as `SyntaxError`; empty if something else was thrown.
    name: String,
    message: String,
}

impl Exception {
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl From<JsValue> for Exception {
    fn from(thrown: JsValue) -> Self {
        match thrown.dyn_ref::<js_sys::Error>() {
            Some(error) => Self { name: error.name().into(), message: error.message().into() },
            None => Self { name: String::new(), message: format!("{thrown:?} was thrown") },
        }
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.name, self.message) }
    }
}

impl error::Error for Exception {}
