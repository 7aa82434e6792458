//! What a client sends, as if a server had sent it: RFC 6455 section 5.1, the other way round.
//!
//! A server differs from a client in masks only. Rather than let the decoder look for a mask in every frame of either
//! direction, a server takes the masks off before it.

use super::mask::move_masked;

/// Takes the masks off frames that arrive in pieces.
///
/// A frame without a mask comes out with one: what is wrong in this direction becomes what is wrong in the other, and the
/// decoder, which refuses it, is the one to tell.
#[derive(Clone, Debug, Default)]
pub struct Unmasker {
    frame: Frame,
}

/// The frame of which a part has come.
#[derive(Clone, Copy, Debug, Default)]
struct Frame {
    /// The mask key, in the order of its bytes, from the next byte of the payload on.
    key: u32,
    /// How many bytes of the payload have not arrived.
    remaining: u64,
}

/// The outcome of [`Unmasker::unmask`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unmasked {
    /// How many bytes came of it; they are the first ones.
    pub plain: usize,
    /// Where the beginning of a head stands that waits for its end: behind it there is nothing.
    pub rest: usize,
}

impl Unmasker {
    /// The longest beginning of a head that is not all of it.
    pub const MAX_REST: usize = 13;

    /// Takes the masks off what came, in place. It becomes shorter by the keys of its frames, and by the beginning of a head at
    /// its end, which is to stand before what comes next.
    #[inline]
    pub fn unmask(&mut self, bytes: &mut [u8]) -> Unmasked {
        let mut frame = self.frame;
        let (mut from, mut to) = (0, 0);
        loop {
            let there = bytes.len() - from;
            let len = usize::try_from(frame.remaining).map_or(there, |remaining| remaining.min(there));
            if len > 0 {
                move_masked(frame.key.to_le_bytes(), &mut bytes[to..from + len], from - to);
                (from, to) = (from + len, to + len);
                frame.remaining -= len as u64;
                frame.key = frame.key.rotate_right(8 * (len % 4) as u32);
            }
            if frame.remaining > 0 {
                break;
            }
            let Some((next, size, plain)) = head(&bytes[from..]) else { break };
            bytes[to] = bytes[from];
            bytes[to + 1] = bytes[from + 1] ^ MASK;
            if plain > 2 {
                bytes.copy_within(from + 2..from + plain, to + 2);
            }
            (frame, from, to) = (next, from + size, to + plain);
        }
        self.frame = frame;
        Unmasked { plain: to, rest: from }
    }
}

/// The head of a frame, if all of it is there: the frame, its length with the key, and without.
#[inline]
fn head(input: &[u8]) -> Option<(Frame, usize, usize)> {
    let (second, rest) = (*input.get(1)?, &input[2..]);
    let (remaining, plain) = match second & LEN {
        LEN_16 => (u64::from(u16::from_be_bytes(*rest.first_chunk()?)), 4),
        LEN_64 => (u64::from_be_bytes(*rest.first_chunk()?), 10),
        len => (u64::from(len), 2),
    };
    if second & MASK == 0 {
        return Some((Frame { key: 0, remaining }, plain, plain));
    }
    let key = u32::from_le_bytes(*input[plain..].first_chunk()?);
    Some((Frame { key, remaining }, plain + 4, plain))
}

const MASK: u8 = 0b1000_0000;
const LEN: u8 = 0b0111_1111;
const LEN_16: u8 = 126;
const LEN_64: u8 = 127;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Opcode, encode_part};

    /// Frames of every form of the length, as a client sends them and as a server does.
    fn frames() -> (Vec<u8>, Vec<u8>) {
        let (mut masked, mut plain) = (Vec::new(), Vec::new());
        for len in [0, 1, 3, 7, 8, 9, 63, 64, 65, 125, 126, 200, 65_535, 65_536, 0, 5] {
            let payload: Vec<u8> = (0..=u8::MAX).cycle().skip(len % 7).take(len).collect();
            encode_part([1, 2, 0x93, len as u8], Opcode::Binary, len % 2 == 0, &payload, &mut masked);
            encode_part(None, Opcode::Binary, len % 2 == 0, &payload, &mut plain);
        }
        (masked, plain)
    }

    #[test]
    fn frames_cut_anywhere_lose_their_masks() {
        let (masked, plain) = frames();
        for piece in [1, 2, 3, 5, 13, 14, 64, 1000, 70_000, masked.len()] {
            let (mut unmasker, mut seen, mut rest) = (Unmasker::default(), Vec::new(), Vec::new());
            for piece in masked.chunks(piece) {
                rest.extend_from_slice(piece);
                let unmasked = unmasker.unmask(&mut rest);
                seen.extend_from_slice(&rest[..unmasked.plain]);
                rest.drain(..unmasked.rest);
                assert!(rest.len() <= Unmasker::MAX_REST, "{} bytes are no beginning", rest.len());
            }
            assert!(rest.is_empty() && seen == plain, "in pieces of {piece}");
        }
    }

    #[test]
    fn a_frame_without_a_mask_gets_one() {
        let mut bytes = *b"\x82\x03abc";
        assert_eq!(Unmasker::default().unmask(&mut bytes), Unmasked { plain: 5, rest: 5 });
        assert_eq!(&bytes, b"\x82\x83abc");
    }
}
