//! What JavaScript throws, as an error of Rust.

use wasm_bindgen::{JsCast, JsValue};

use crate::error::{Error, ErrorKind};

/// A thrown value in words; every `DOMException` is an `Error` of JavaScript, too.
pub(super) struct Exception {
    /// The class of the error, such as `SyntaxError`; empty if something else was thrown.
    name: String,
    message: String,
}

impl Exception {
    /// Name and message.
    pub(super) fn into_words(self) -> String {
        let Self { name, message } = self;
        if name.is_empty() { message } else { name + ": " + &message }
    }
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
    Error::with_words(kind, message, thrown.into_words())
}

impl From<JsValue> for Exception {
    fn from(thrown: JsValue) -> Self {
        match thrown.dyn_ref::<js_sys::Error>() {
            Some(error) => Self { name: error.name().into(), message: error.message().into() },
            None => Self { name: String::new(), message: thrown.as_string().unwrap_or_default() },
        }
    }
}
