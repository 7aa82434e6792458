//! Text out of JavaScript's memory.

use std::str;

use js_sys::JsString;
use wasm_bindgen::prelude::wasm_bindgen;

use super::exception;
use crate::{backend::MEMORY_IS_SHARED, message::Text, protocol::Violation};

/// Turns strings of JavaScript into text.
#[derive(Default)]
pub(super) struct Transcoder {
    /// Made for the first long text.
    encoder: Option<TextEncoder>,
    /// Where long text passes through, as its size in UTF-8 is not known beforehand.
    scratch: Vec<u8>,
}

impl Transcoder {
    /// The text of a string that has so many units of UTF-16.
    pub(super) fn text(&mut self, string: &JsString, units: usize) -> Result<Text, Violation> {
        // Where memory is shared, not every browser writes into it.
        if units < MIN_UNITS || MEMORY_IS_SHARED {
            return Ok(exception::words(string).into());
        }
        let Self { encoder, scratch } = self;
        let encoder = encoder.get_or_insert_with(TextEncoder::new);
        scratch.resize(SCRATCH_SIZE, 0);
        let mut text = String::with_capacity(units);
        let mut read = 0;
        loop {
            // A string that is cut at its beginning alone is not copied.
            let progress = match read {
                0 => encoder.encode_into(string, scratch),
                _ => encoder.encode_into(&string.slice(read, u32::MAX), scratch),
            };
            let bytes = scratch.get(..progress.written() as usize).unwrap_or_default();
            text.push_str(str::from_utf8(bytes).map_err(|_| Violation::InvalidUtf8)?);
            read += progress.read();
            if read as usize >= units || bytes.is_empty() {
                return Ok(text.into());
            }
        }
    }
}

/// Not much, so that it stays in the cache of the processor.
const SCRATCH_SIZE: usize = 12 << 10;

/// One unit of UTF-16 becomes at most so many bytes of UTF-8.
pub(super) const MAX_LEN: usize = 3;

/// From this length on `encodeInto` is faster than wasm-bindgen, which takes ASCII one character at a time.
const MIN_UNITS: usize = 128;

#[wasm_bindgen]
extern "C" {
    type TextEncoder;

    #[wasm_bindgen(constructor)]
    fn new() -> TextEncoder;

    /// Writes as many whole characters as there is room for.
    #[wasm_bindgen(method, js_name = encodeInto)]
    fn encode_into(this: &TextEncoder, string: &JsString, bytes: &mut [u8]) -> Progress;

    type Progress;

    /// Units of UTF-16.
    #[wasm_bindgen(method, getter)]
    fn read(this: &Progress) -> u32;

    /// Bytes of UTF-8.
    #[wasm_bindgen(method, getter)]
    fn written(this: &Progress) -> u32;
}
