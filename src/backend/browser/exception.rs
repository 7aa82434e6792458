//! What JavaScript throws, as an error of Rust.

use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::error::{Error, ErrorCode};

/// What the constructors of sockets throw.
pub(super) fn of_constructor(thrown: JsValue) -> Error {
    let words = words(&thrown);
    let fault = if words.starts_with("SyntaxError") {
        // The subprotocols have been checked, so it is the URL; see `Offer::explain` for where it is not.
        ErrorCode::NotUrl
    } else if words.starts_with("ReferenceError") || words.starts_with("TypeError") {
        ErrorCode::NoWebSocket
    } else {
        // `SecurityError` by the standard; Firefox throws `NS_ERROR_CONTENT_BLOCKED`, which is no `DOMException`.
        ErrorCode::NotAllowed
    };
    Error::with_words(fault, words)
}

/// What a socket throws that shall send.
#[cold]
#[inline(never)]
pub(super) fn of_send(thrown: JsValue) -> Error {
    Error::with_words(ErrorCode::MessageRefused, words(&thrown))
}

#[wasm_bindgen]
extern "C" {
    /// A string as it is; the class and the message of an error, such as `SyntaxError: The URL is invalid.`: every
    /// `DOMException` is an `Error` of JavaScript, too.
    #[wasm_bindgen(js_name = String)]
    pub(super) fn words(value: &JsValue) -> String;
}
