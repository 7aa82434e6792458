//! Text out of JavaScript's memory.
//!
//! wasm-bindgen takes a string one character at a time up to the first that is not ASCII, and the rest by
//! `TextEncoder.encodeInto`, which for long text is at least twice as fast. Up to some length it pays to call that here. Above, a
//! mark that is not ASCII is put before the text: then wasm-bindgen takes all of it the fast way, and it is known to be UTF-8.

use std::str;

use js_sys::JsString;
use wasm_bindgen::prelude::wasm_bindgen;

use super::exception;
use crate::{backend::MEMORY_IS_SHARED, message::Text, protocol::Violation};

/// Turns strings of JavaScript into text.
#[derive(Default)]
pub(super) struct Transcoder {
    /// Made for the first text that is neither short nor very long.
    encoder: Option<Encoder>,
}

/// What it takes to read such text.
struct Encoder {
    encoder: TextEncoder,
    /// Where text passes through, as its size in UTF-8 is not known beforehand: room for the worst.
    scratch: Vec<u8>,
}

impl Transcoder {
    /// The text of a string that has so many units of UTF-16.
    pub(super) fn text(&mut self, string: &JsString, units: usize) -> Result<Text, Violation> {
        if units < MIN_UNITS {
            return Ok(exception::words(string).into());
        }
        // Where memory is shared, not every browser writes into it.
        if units > MAX_UNITS || MEMORY_IS_SHARED {
            return Ok(marked(string, units));
        }
        let Encoder { encoder, scratch } = self.encoder.get_or_insert_with(Encoder::new);
        let length = encoder.encode_into(string, scratch).written() as usize;
        let bytes = scratch.get(..length).unwrap_or_default();
        Ok(str::from_utf8(bytes).map_err(|_| Violation::InvalidUtf8)?.into())
    }
}

impl Encoder {
    fn new() -> Self {
        Self { encoder: TextEncoder::new(), scratch: vec![0; MAX_UNITS * MAX_LEN] }
    }
}

/// Long text, by way of the mark, piece by piece.
fn marked(string: &JsString, units: usize) -> Text {
    let mark = JsString::from(MARK);
    let mut text = String::with_capacity(units);
    let mut start = 0;
    while start < units {
        let end = start + MAX_PIECE;
        let words = exception::words(&mark.concat(&string.slice(start as u32, end as u32)));
        let mut piece = words.get(MARK.len()..).unwrap_or_default();
        start = end;
        // Half a character at the end of a piece becomes a replacement: it is read again, as part of the next one.
        if let (true, Some(whole)) = (end < units, piece.strip_suffix(REPLACEMENT)) {
            piece = whole;
            start -= 1;
        }
        text.push_str(piece);
    }
    text.into()
}

/// The first character that is not ASCII.
const MARK: &str = "\u{80}";

/// What stands for half a character.
const REPLACEMENT: &str = "\u{FFFD}";

/// One unit of UTF-16 becomes at most so many bytes of UTF-8.
pub(super) const MAX_LEN: usize = 3;

/// From this length on `encodeInto` is faster than one character at a time: as measured, from 256 to 384 units in Chromium, from
/// 512 to 1024 in Firefox.
const MIN_UNITS: usize = 384;

/// How many units pass through the scratch memory at most.
const MAX_UNITS: usize = 4096;

/// How much is taken at once by way of the mark: meanwhile it takes three times the memory.
const MAX_PIECE: usize = 1 << 20;

#[wasm_bindgen]
extern "C" {
    type TextEncoder;

    #[wasm_bindgen(constructor)]
    fn new() -> TextEncoder;

    /// Writes as many whole characters as there is room for.
    #[wasm_bindgen(method, js_name = encodeInto)]
    fn encode_into(this: &TextEncoder, string: &JsString, bytes: &mut [u8]) -> Progress;

    type Progress;

    /// Bytes of UTF-8.
    #[wasm_bindgen(method, getter)]
    fn written(this: &Progress) -> u32;
}
