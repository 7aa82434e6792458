//! Whole messages that lie in the input one behind the other: the shortest way through the decoder.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use super::decoder::{Kind, Limits};
use crate::message::{Message, Text};

/// Messages that were found in one piece of input and are cut out of it one by one, when they are wanted.
///
/// Finding them touches nothing but their headers and, if they are text, their bytes; the piece is shared, not copied.
#[derive(Debug, Default)]
pub struct Block {
    bytes: Bytes,
    places: Vec<MessageRange>,
    /// How many have been taken.
    taken: usize,
}

/// Where a message is.
#[derive(Debug)]
struct MessageRange {
    kind: Kind,
    range: Range<usize>,
}

impl Block {
    /// Takes the next message.
    #[inline]
    pub fn take_message(&mut self) -> Option<Message> {
        let MessageRange { kind, range } = self.places.get(self.taken)?;
        let bytes = self.bytes.slice(range.clone());
        let message = match kind {
            Kind::Binary => Message::Binary(bytes),
            Kind::Text => checked_text(bytes),
        };
        self.taken += 1;
        if self.taken == self.places.len() {
            // The last message alone holds the piece.
            self.clear();
        }
        Some(message)
    }

    /// How many messages are left.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.places.len() - self.taken
    }

    /// Whether no message is left.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives back the room for places, if it is for many.
    pub fn rest(&mut self) {
        if self.is_empty() && self.places.capacity() > PLACES_KEPT {
            self.places = Vec::new();
        }
    }

    /// Drops what is left.
    pub fn clear(&mut self) {
        self.bytes = Bytes::new();
        self.places.clear();
        self.taken = 0;
    }

    /// Fills an empty block with up to `most` messages off the front of `input`, each one frame that is all there. It stops
    /// before anything else, be it a fragment, a control frame or a broken rule.
    pub(super) fn fill(&mut self, input: &mut BytesMut, limits: &Limits, most: usize) {
        debug_assert!(self.is_empty(), "its places are in the piece that it has");
        let mut end = 0;
        while self.places.len() < most {
            let Some(place) = MessageRange::find(input, end) else { break };
            let len = place.range.len() as u64;
            if limits.max_message_size.is_some_and(|limit| len > limit) || !place.is_welcome(input, limits) {
                break;
            }
            end = place.range.end;
            self.places.push(place);
        }
        if end > 0 {
            self.bytes = input.split_to(end).freeze();
        }
    }
}

impl MessageRange {
    /// The message whose frame begins at `start`, if it is one frame and all of it is there.
    #[inline]
    fn find(input: &[u8], start: usize) -> Option<Self> {
        let input = &input[start..];
        let &[first, second, ..] = input else { return None };
        let kind = match first {
            0x81 => Kind::Text,
            0x82 => Kind::Binary,
            _ => return None,
        };
        let (head, len) = match second {
            0..126 => (2, second.into()),
            126 => (4, u16::from_be_bytes(*input[2..].first_chunk()?).into()),
            127 => (10, u64::from_be_bytes(*input[2..].first_chunk()?)),
            // Masked.
            128.. => return None,
        };
        // A length that could be written shorter breaks a rule (RFC 6455 section 5.2), which is for the decoder to say.
        let is_minimal = matches!((head, len), (2, _) | (4, 126..) | (_, 0x1_0000..));
        if !is_minimal || ((input.len() - head) as u64) < len {
            return None;
        }
        let start = start + head;
        Some(Self { kind, range: start..start + len as usize })
    }

    /// Whether the message may be delivered: text that is welcome and is UTF-8, or bytes.
    #[inline]
    fn is_welcome(&self, input: &[u8], limits: &Limits) -> bool {
        match self.kind {
            Kind::Binary => true,
            Kind::Text => limits.text && simdutf8::basic::from_utf8(&input[self.range.clone()]).is_ok(),
        }
    }
}

#[allow(unsafe_code, reason = "checked twice, text of 1 MiB would take a fifth longer to receive")]
#[inline]
fn checked_text(bytes: Bytes) -> Message {
    // SAFETY: `Block::fill` is the only one to make places. It has found that the bytes at a place of text are UTF-8, and
    // has then frozen the very input in which it looked: `Bytes` do not change.
    Message::Text(unsafe { Text::from_utf8_unchecked(bytes) })
}

/// Room for more places is not kept while there is nothing to receive.
const PLACES_KEPT: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    /// Also run under Miri, for the sake of the one unsafe line.
    #[test]
    fn messages_are_cut_out_of_the_piece_that_was_looked_at() {
        let mut input = BytesMut::from(&b"\x81\x05caf\xc3\xa9\x82\x01\xff\x81\x00\x81\x01\xff\x81\x01z"[..]);
        let limits = Limits { max_message_size: Some(5), text: true };
        let mut block = Block::default();
        block.fill(&mut input, &limits, 10);
        assert_eq!(input, b"\x81\x01\xff\x81\x01z"[..], "it stops before what is no text");
        let messages: Vec<_> = std::iter::from_fn(|| block.take_message()).collect();
        assert_eq!(messages, [Message::from("café"), Message::from(&[0xff]), Message::from("")]);
        assert!(block.is_empty());
    }

    #[test]
    fn a_block_has_as_many_messages_as_it_may_up_to_the_last_byte_and_keeps_little_room() {
        let limits = Limits { max_message_size: None, text: true };
        let (one, count) = (&b"\x82\x01x"[..], 20);
        let mut input = BytesMut::from(&one.repeat(count)[..]);
        let mut block = Block::default();
        block.fill(&mut input, &limits, count - 1);
        assert_eq!((block.len(), &input[..]), (count - 1, one));
        for left in (0..count - 1).rev() {
            block.rest();
            assert!(block.take_message().is_some());
            assert_eq!((block.len(), block.is_empty()), (left, left == 0));
        }
        assert!(block.places.capacity() > PLACES_KEPT, "it is kept as long as it is in use");
        block.rest();
        assert_eq!(block.places.capacity(), 0);
        block.fill(&mut input, &limits, count);
        assert!(input.is_empty(), "a message that ends where the input does is whole");
        assert!(block.take_message().is_some() && block.take_message().is_none());
        block.places = Vec::with_capacity(PLACES_KEPT);
        block.rest();
        assert_eq!(block.places.capacity(), PLACES_KEPT, "a little room is not worth another allocation");
    }
}
