//! Messages out: RFC 7692 sections 6.1 and 7.2.1.

use flate2::{Compress, Compression as Level, FlushCompress};

use bytes::Bytes;

use super::{Form, Forms, TAIL};

/// The payload of a compressed message.
#[derive(Clone, Debug)]
pub enum Deflated<'a> {
    /// In the buffer of the [`Deflater`].
    Lent(&'a [u8]),
    /// Shared with others that send the same.
    Shared(Bytes),
}

impl Deflated<'_> {
    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Lent(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

/// Compresses whole messages.
#[derive(Debug)]
pub struct Deflater {
    /// Made by the first message that is worth it.
    stream: Option<Compress>,
    window_bits: u8,
    context_takeover: bool,
    level: Level,
    threshold: usize,
    output: Vec<u8>,
}

impl Deflater {
    pub(super) fn new(window_bits: u8, context_takeover: bool, level: u8, threshold: usize) -> Self {
        let level = Level::new(level.into());
        Self { stream: None, window_bits, context_takeover, level, threshold, output: Vec::new() }
    }

    /// The payload to send with RSV1 set, or `None` if the message is to be sent as it is.
    ///
    /// What is given must be sent, before anything else that is given: from here on the window has it.
    pub fn deflate(&mut self, payload: &[u8]) -> Option<&[u8]> {
        // A message that is sent as it is does not enter the window on either side, and any may be (section 6.1).
        if payload.is_empty() || payload.len() < self.threshold {
            return None;
        }
        self.compress(payload);
        if self.context_takeover {
            // However long it became: the window has it, so the peer's must.
            return Some(&self.output);
        }
        // The next message starts with an empty window (section 7.1.1.2), so this one may be forgotten.
        self.stream.as_mut().expect("compress has made it").reset();
        (self.output.len() < payload.len()).then_some(&self.output)
    }

    /// The same for a message that goes to many. Without context takeover what others have made of it is taken, and the window
    /// stays as it is.
    pub fn deflate_shared(&mut self, payload: &[u8], forms: &Forms) -> Option<Deflated<'_>> {
        if self.context_takeover {
            return self.deflate(payload).map(Deflated::Lent);
        }
        if payload.is_empty() || payload.len() < self.threshold {
            return None;
        }
        let form = Form { level: self.level.level(), window_bits: self.window_bits };
        forms.get(form, || self.deflate(payload).map(Bytes::copy_from_slice)).map(Deflated::Shared)
    }

    /// Lets go of the memory that a large message took.
    pub fn trim(&mut self) {
        if self.output.capacity() > MAX_KEPT {
            self.output = Vec::new();
        }
    }

    /// Compresses the payload up to a byte boundary and takes the tail off (section 7.2.1).
    fn compress(&mut self, payload: &[u8]) {
        let Self { stream, window_bits, level, output, .. } = self;
        let stream = stream.get_or_insert_with(|| Compress::new_with_window_bits(*level, false, *window_bits));
        output.clear();
        output.reserve(payload.len() / 2 + MIN_ROOM);
        let mut rest = payload;
        loop {
            let before = stream.total_in();
            let result = stream.compress_vec(rest, output, FlushCompress::Sync);
            result.expect("a stream that is never finished takes any input");
            rest = &rest[(stream.total_in() - before) as usize..];
            if output.len() < output.capacity() {
                break;
            }
            output.reserve(output.capacity());
        }
        debug_assert!(rest.is_empty(), "room was left");
        debug_assert!(output.ends_with(&TAIL), "a flush ends with an empty block");
        output.truncate(output.len() - TAIL.len());
    }
}

/// Room for the blocks of a message that does not compress.
const MIN_ROOM: usize = 64;

/// A larger buffer is not kept for the next message.
const MAX_KEPT: usize = 16 * 1024;
