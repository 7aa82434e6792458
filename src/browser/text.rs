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
    long: Option<Long>,
}

/// What it takes to read long text.
struct Long {
    encoder: TextEncoder,
    /// Where text that is not very long passes through: room for the worst, without an allocation that may be too large.
    scratch: Box<[u8]>,
}

impl Transcoder {
    /// The text of a string that has so many units of UTF-16.
    pub(super) fn text(&mut self, string: &JsString, units: usize) -> Result<Text, Violation> {
        // Where memory is shared, not every browser writes into it.
        if units < MIN_UNITS || MEMORY_IS_SHARED {
            return Ok(exception::words(string).into());
        }
        let Long { encoder, scratch } = self.long.get_or_insert_with(Long::new);
        if units <= MAX_UNITS {
            let length = encoder.encode_into(string, scratch).written() as usize;
            let bytes = scratch.get(..length).unwrap_or_default();
            return Ok(str::from_utf8(bytes).map_err(|_| Violation::InvalidUtf8)?.into());
        }
        // Enough for ASCII, which is what long texts mostly are.
        let mut bytes = vec![0; units];
        let progress = encoder.encode_into(string, &mut bytes);
        let (read, mut length) = (progress.read(), progress.written() as usize);
        let left = units.saturating_sub(read as usize);
        if left > 0 {
            bytes.resize(length + left * MAX_LEN, 0);
            let rest = string.slice(read, u32::MAX);
            let room = bytes.get_mut(length..).unwrap_or_default();
            length += encoder.encode_into(&rest, room).written() as usize;
        }
        bytes.truncate(length);
        bytes.shrink_to_fit();
        Ok(String::from_utf8(bytes).map_err(|_| Violation::InvalidUtf8)?.into())
    }
}

impl Long {
    fn new() -> Self {
        Self { encoder: TextEncoder::new(), scratch: vec![0; MAX_UNITS * MAX_LEN].into() }
    }
}

/// How many units pass through the scratch memory at most.
const MAX_UNITS: usize = 4096;

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
