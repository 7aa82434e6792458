//! Text out of JavaScript's memory.
//!
//! wasm-bindgen takes a string one character at a time up to the first that is not ASCII, and the rest by
//! `TextEncoder.encodeInto`. From some length on it is faster to call that at once. `TextEncoder.encode` would be one call, too,
//! but takes three times as long in Chromium.

use js_sys::JsString;
use wasm_bindgen::prelude::wasm_bindgen;

use super::exception;
use crate::{backend::MEMORY_IS_SHARED, message::Text, protocol::Violation};

/// Turns strings of JavaScript into text.
#[derive(Default)]
pub(super) struct Transcoder {
    /// Made for the first text that is not short.
    encoder: Option<TextEncoder>,
}

impl Transcoder {
    /// The text of a string that has so many units of UTF-16.
    pub(super) fn text(&mut self, string: &JsString, units: usize) -> Result<Text, Violation> {
        // Where memory is shared, not every browser writes into it.
        if units < MIN_UNITS || MEMORY_IS_SHARED {
            return Ok(exception::words(string).into());
        }
        let encoder = self.encoder.get_or_insert_with(TextEncoder::new);
        // Enough for ASCII, which fills it.
        let mut bytes = vec![0; units];
        let progress = encoder.encode_into(string, &mut bytes);
        let mut read = progress.read() as usize;
        if read < units {
            let mut len = progress.written() as usize;
            while read < units {
                // Room for what is as dense as what was read, and for a character of four bytes.
                let room = (units - read) * len.div_ceil(read.max(1)).min(MAX_LEN) + MAX_LEN;
                bytes.resize(len + room, 0);
                let rest = string.slice(read as u32, units as u32);
                let progress = encoder.encode_into(&rest, bytes.get_mut(len..).unwrap_or_default());
                if progress.read() == 0 {
                    return Err(Violation::InvalidUtf8);
                }
                read += progress.read() as usize;
                len += progress.written() as usize;
            }
            bytes.truncate(len);
        }
        Ok(String::from_utf8(bytes).map_err(|_| Violation::InvalidUtf8)?.into())
    }
}

/// One unit of UTF-16 becomes at most so many bytes of UTF-8.
pub(super) const MAX_LEN: usize = 3;

/// From this length on `encodeInto` is faster than one character at a time: as measured, from 256 to 384 units in Chromium, from
/// 512 to 1024 in Firefox.
const MIN_UNITS: usize = 384;

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
