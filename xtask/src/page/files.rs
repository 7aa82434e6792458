//! Files for the page, with bytes that differ from place to place: made here and in the browser by the same formula.

use std::io::{BufWriter, Write as _};

use anyhow::Result;
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

/// The SHA-256 of so many bytes.
pub(super) fn hash(size: usize) -> String {
    let bytes: Vec<u8> = bytes(size).collect();
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file on disk of so many bytes.
pub(super) fn on_disk(size: usize) -> Result<NamedTempFile> {
    let file = tempfile::Builder::new().prefix("picked-").suffix(".bin").tempfile()?;
    let mut writer = BufWriter::new(&file);
    for byte in bytes(size) {
        writer.write_all(&[byte])?;
    }
    writer.flush()?;
    drop(writer);
    Ok(file)
}

/// Drops a file onto the page: its name, its size, and how often its bytes are repeated.
pub(super) const DROP: &str = "
    const [name, size, copies] = arguments;
    const bytes = new Uint8Array(size);
    for (let index = 0; index < size; index++) bytes[index] = Math.imul(index, 0x9e3779b1) >>> 24;
    const part = new Blob([bytes]);
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(Array(copies).fill(part), name));
    for (const type of ['dragenter', 'dragover', 'drop']) {
        const event = new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer });
        document.getElementById('drop').dispatchEvent(event);
        if (!event.defaultPrevented) throw new Error(`${type} would leave the page`);
    }";

fn bytes(size: usize) -> impl Iterator<Item = u8> {
    (0..size as u32).map(|index| (index.wrapping_mul(0x9e37_79b1) >> 24) as u8)
}
