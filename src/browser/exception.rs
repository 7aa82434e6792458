//! What JavaScript throws, as an error of Rust.

use std::{error, fmt};

use wasm_bindgen::{JsCast, JsValue};

use crate::error::{Error, ErrorKind};

/// A thrown value in words; every `DOMException` is an `Error` of JavaScript, too.
#[derive(Debug)]
pub(super) struct Exception {
    /// The class of the error, such as `SyntaxError`; empty if something else was thrown.
    name: String,
    message: String,
}

/// What the constructors of sockets throw.
pub(super) fn of_constructor(thrown: JsValue) -> Error {
    let thrown = Exception::from(thrown);
    let (kind, message) = match &*thrown.name {
        // The subprotocols have been checked, so it is the URL.
        "SyntaxError" => (ErrorKind::InvalidUrl, "not a WebSocket URL"),
        "SecurityError" => (ErrorKind::CannotConnect, "the browser does not allow this connection"),
        _ => (ErrorKind::NotSupported, "this platform has no usable WebSocket"),
    };
    Error::with_source(kind, message, thrown)
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
