//! Bytes that were loaded and not yet read.

use bytes::{Buf, Bytes, BytesMut};

use crate::error::{Error, ErrorKind, Result};

/// A queue of bytes that takes and gives shared ones without a copy where it can.
///
/// Its size is what the program asks to load, and bounded by that.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    front: Bytes,
    /// What came behind `front` while that was not empty.
    back: BytesMut,
}

impl Buffer {
    pub(super) fn len(&self) -> usize {
        self.front.len() + self.back.len()
    }

    pub(super) fn push(&mut self, bytes: Bytes) {
        if self.len() == 0 {
            self.front = bytes;
        } else {
            self.back.extend_from_slice(&bytes);
        }
    }

    /// The first `len` bytes, which stay.
    pub(super) fn peek(&mut self, len: usize) -> Result<&[u8]> {
        if len > self.len() {
            let message = format!("{len} bytes were to be read, {} are loaded", self.len());
            return Err(Error::new(ErrorKind::OutOfBounds, message));
        }
        if len > self.front.len() {
            self.join();
        }
        Ok(&self.front[..len])
    }

    /// Takes the first `len` bytes; if there are less, takes none.
    pub(super) fn take(&mut self, len: usize) -> Result<Bytes> {
        self.peek(len)?;
        Ok(self.front.split_to(len))
    }

    /// Throws away the first `len` bytes, which were seen by [`peek`](Self::peek).
    pub(super) fn skip(&mut self, len: usize) {
        self.front.advance(len);
    }

    /// Takes everything.
    pub(super) fn take_all(&mut self) -> Bytes {
        if !self.back.is_empty() {
            self.join();
        }
        std::mem::take(&mut self.front)
    }

    fn join(&mut self) {
        if self.front.is_empty() {
            self.front = self.back.split().freeze();
            return;
        }
        let mut joined = BytesMut::with_capacity(self.len());
        joined.extend_from_slice(&self.front);
        joined.extend_from_slice(&self.back);
        self.back.clear();
        self.front = joined.freeze();
    }
}

impl From<Bytes> for Buffer {
    fn from(front: Bytes) -> Self {
        Self { front, back: BytesMut::new() }
    }
}
