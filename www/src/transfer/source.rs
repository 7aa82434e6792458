//! What is sent: a file, read piece by piece, or bytes that are made up.

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

use crate::page;

pub(super) struct Source {
    pub(super) name: String,
    content: Content,
}

enum Content {
    Blob(Blob),
    MadeUp,
}

impl Source {
    /// For those who have no file at hand.
    pub(super) fn sample() -> Self {
        Self { name: "The sample".to_owned(), content: Content::MadeUp }
    }

    pub(super) fn size(&self) -> u64 {
        match &self.content {
            Content::Blob(blob) => blob.size() as u64,
            Content::MadeUp => SAMPLE,
        }
    }

    /// The piece that begins here; there is one.
    pub(super) async fn read(&self, start: u64) -> Result<Vec<u8>, String> {
        let end = (start + PIECE).min(self.size());
        match &self.content {
            Content::Blob(blob) => read(blob, start, end).await,
            Content::MadeUp => Ok(made_up(start, end)),
        }
    }
}

impl From<File> for Source {
    fn from(file: File) -> Self {
        Self { name: file.name(), content: Content::Blob(file.into()) }
    }
}

async fn read(blob: &Blob, start: u64, end: u64) -> Result<Vec<u8>, String> {
    let unreadable = |thrown| format!("The file cannot be read: {}", page::words(&thrown));
    let piece = blob.slice_with_f64_and_f64(start as f64, end as f64).map_err(unreadable)?;
    let buffer: ArrayBuffer = JsFuture::from(piece.array_buffer()).await.map_err(unreadable)?.unchecked_into();
    let bytes = Uint8Array::new(&buffer).to_vec();
    if bytes.is_empty() {
        return Err("The file is shorter than it was.".to_owned());
    }
    Ok(bytes)
}

/// Bytes that differ from place to place, so that none can be lost or swapped unseen.
fn made_up(start: u64, end: u64) -> Vec<u8> {
    (start..end).map(|position| ((position as u32).wrapping_mul(0x9e37_79b1) >> 24) as u8).collect()
}

/// How much is read at a time.
const PIECE: u64 = 1 << 20;
/// The bytes of the sample.
const SAMPLE: u64 = 16 << 20;
