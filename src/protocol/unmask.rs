//! What a client sends, as if a server had sent it: RFC 6455 section 5.1, the other way round.
//!
//! A server differs from a client in masks only. Rather than let the decoder look for a mask in every frame of either
//! direction, a server takes the masks off before it.

use bytes::{Buf, BufMut, BytesMut};

use super::mask::mask;

/// Takes the masks off frames that arrive in pieces.
///
/// A frame without a mask comes out with one: what is wrong in this direction becomes what is wrong in the other, and the
/// decoder, which refuses it, is the one to tell.
#[derive(Clone, Debug, Default)]
pub struct Unmasker {
    key: [u8; 4],
    /// How many bytes of the payload of the current frame have not arrived.
    remaining: u64,
}

impl Unmasker {
    /// Moves what it can from `input` to `output`; what stays is the beginning of a head, at most 13 bytes.
    pub fn unmask(&mut self, input: &mut BytesMut, output: &mut BytesMut) {
        loop {
            let len = usize::try_from(self.remaining).map_or(input.len(), |remaining| remaining.min(input.len()));
            if len > 0 {
                mask(self.key, &mut input[..len]);
                output.put_slice(&input[..len]);
                input.advance(len);
                self.remaining -= len as u64;
                self.key.rotate_left(len % 4);
            }
            if self.remaining > 0 || !self.head(input, output) {
                return;
            }
        }
    }

    /// Moves the head of a frame, if all of it is there.
    fn head(&mut self, input: &mut BytesMut, output: &mut BytesMut) -> bool {
        let &[first, second, ..] = &input[..] else { return false };
        let extended = match second & LEN {
            LEN_16 => 2,
            LEN_64 => 8,
            _ => 0,
        };
        let is_masked = second & MASK != 0;
        let Some(head) = input.get(..2 + extended + if is_masked { 4 } else { 0 }) else { return false };
        let (len, key) = head[2..].split_at(extended);
        let len = len.iter().fold(0, |len, byte| len << 8 | u64::from(*byte));
        self.remaining = if extended == 0 { u64::from(second & LEN) } else { len };
        self.key = key.try_into().unwrap_or_default();
        output.put_slice(&[first, second ^ MASK]);
        output.put_slice(&head[2..2 + extended]);
        input.advance(2 + extended + key.len());
        true
    }
}

const MASK: u8 = 0b1000_0000;
const LEN: u8 = 0b0111_1111;
const LEN_16: u8 = 126;
const LEN_64: u8 = 127;
