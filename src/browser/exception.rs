//! What JavaScript throws, as an error of Rust.

use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::error::{Error, Fault};

/// A thrown value in words; every `DOMException` is an `Error` of JavaScript, too, and names its class first.
pub(super) struct Exception(String);

impl Exception {
    /// The error that it is the cause of.
    pub(super) fn into_error(self, fault: Fault) -> Error {
        Error::with_words(fault, self.0)
    }
}

/// What the constructors of sockets throw.
pub(super) fn of_constructor(thrown: JsValue) -> Error {
    let thrown = Exception::from(thrown);
    // The subprotocols have been checked, so it is the URL.
    let fault = if thrown.0.starts_with("SyntaxError") {
        Fault::NotUrl
    } else if thrown.0.starts_with("SecurityError") {
        Fault::NotAllowed
    } else {
        Fault::NoWebSocket
    };
    thrown.into_error(fault)
}

impl From<JsValue> for Exception {
    fn from(thrown: JsValue) -> Self {
        Self(words(&thrown))
    }
}

#[wasm_bindgen]
extern "C" {
    /// A string as it is; the class and the message of an error, such as `SyntaxError: The URL is invalid.`
    #[wasm_bindgen(js_name = String)]
    pub(super) fn words(value: &JsValue) -> String;
}
