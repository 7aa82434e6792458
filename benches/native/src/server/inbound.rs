//! What clients send, cut into pieces of payload.

use anyhow::Result;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::wire::{Header, mask};

/// The frames of a client, as they arrive.
#[derive(Debug)]
pub(super) struct Inbound {
    buffer: Box<[u8]>,
    /// What has been read and not looked at: `buffer[start..end]`.
    start: usize,
    end: usize,
    /// The frame whose payload has not all been seen, and how much of it has.
    frame: Option<(Header, u64)>,
}

/// Some of the payload of a frame, still masked; empty only if the frame is.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    pub(super) header: Header,
    /// Where in the payload the piece begins.
    pub(super) offset: u64,
    pub(super) payload: &'a mut [u8],
}

impl Piece<'_> {
    pub(super) fn is_first(&self) -> bool {
        self.offset == 0
    }

    pub(super) fn is_last(&self) -> bool {
        self.offset + self.payload.len() as u64 == self.header.len
    }

    pub(super) fn unmask(&mut self) {
        mask(self.header.key, self.offset, self.payload);
    }
}

impl Inbound {
    pub(super) fn new() -> Self {
        Self { buffer: vec![0; BUFFER_SIZE].into(), start: 0, end: 0, frame: None }
    }

    /// The next piece of what has been read.
    #[inline]
    pub(super) fn next(&mut self) -> Option<Piece<'_>> {
        let (header, offset) = match self.frame.take() {
            Some(frame) => frame,
            None => {
                let (header, size) = Header::parse(&self.buffer[self.start..self.end])?;
                self.start += size;
                (header, 0)
            }
        };
        if self.start == self.end && header.len > 0 {
            self.frame = Some((header, offset));
            return None;
        }
        let there = (self.end - self.start) as u64;
        let amount = there.min(header.len - offset) as usize;
        if offset + (amount as u64) < header.len {
            self.frame = Some((header, offset + amount as u64));
        }
        let payload = &mut self.buffer[self.start..self.start + amount];
        self.start += amount;
        Some(Piece { header, offset, payload })
    }

    /// Reads on, once [`next`](Self::next) has given everything; false at the end.
    pub(super) async fn fill<S: AsyncRead + Unpin>(&mut self, stream: &mut S) -> Result<bool> {
        // At most an incomplete header is left.
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let amount = stream.read(&mut self.buffer[self.end..]).await?;
        self.end += amount;
        Ok(amount > 0)
    }
}

const BUFFER_SIZE: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{BINARY, FIN, put_header};

    #[test]
    fn frames_cut_anywhere_come_out_whole() {
        let payload: Vec<u8> = (0..200).collect();
        let mut frame = Vec::new();
        put_header(FIN | BINARY, 200, Some([1, 2, 3, 4]), &mut frame);
        frame.extend_from_slice(&payload);
        let at = frame.len() - 200;
        mask([1, 2, 3, 4], 0, &mut frame[at..]);
        for cut in 0..frame.len() {
            let mut inbound = Inbound::new();
            let mut seen = Vec::new();
            for part in [&frame[..cut], &frame[cut..]] {
                inbound.buffer[inbound.end..inbound.end + part.len()].copy_from_slice(part);
                inbound.end += part.len();
                while let Some(mut piece) = inbound.next() {
                    piece.unmask();
                    seen.extend_from_slice(piece.payload);
                }
            }
            assert_eq!(seen, payload, "cut at {cut}");
        }
    }
}
