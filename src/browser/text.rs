//! Text out of JavaScript's memory.
//!
//! wasm-bindgen takes a string one character at a time up to the first that is not ASCII. From some length on it is faster to
//! have `TextEncoder` make bytes of it, and to copy those.

use js_sys::JsString;
use wasm_bindgen::prelude::wasm_bindgen;

use super::exception;
use crate::{message::Text, protocol::Violation};

/// Turns strings of JavaScript into text.
#[derive(Default)]
pub(super) struct Transcoder {
    /// Made for the first text that is not short.
    encoder: Option<TextEncoder>,
}

impl Transcoder {
    /// The text of a string that has so many units of UTF-16.
    pub(super) fn text(&mut self, string: &JsString, units: usize) -> Result<Text, Violation> {
        if units < MIN_UNITS {
            return Ok(exception::words(string).into());
        }
        let bytes = self.encoder.get_or_insert_with(TextEncoder::new).encode(string);
        Ok(String::from_utf8(bytes).map_err(|_| Violation::InvalidUtf8)?.into())
    }
}

/// One unit of UTF-16 becomes at most so many bytes of UTF-8.
pub(super) const MAX_LEN: usize = 3;

/// From this length on `TextEncoder` is faster than one character at a time.
const MIN_UNITS: usize = 384;

#[wasm_bindgen]
extern "C" {
    type TextEncoder;

    #[wasm_bindgen(constructor)]
    fn new() -> TextEncoder;

    #[wasm_bindgen(method)]
    fn encode(this: &TextEncoder, string: &JsString) -> Vec<u8>;
}
