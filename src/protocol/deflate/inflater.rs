//! Messages in: RFC 7692 sections 6.2 and 7.2.2.

use std::fmt;

use bytes::{Bytes, BytesMut};
use zlib_rs::{Inflate, InflateFlush, Status};

use super::TAIL;
use crate::protocol::violation::Violation;

/// Decompresses messages piece by piece.
pub struct Inflater {
    /// Made by the first compressed message.
    stream: Option<Inflate>,
    context_takeover: bool,
    /// What has been inflated and not taken. Memory that was given away comes back to it once the program has dropped it.
    output: BytesMut,
    /// How much of the output belongs to earlier pieces of the message, which are kept until it is whole.
    kept: usize,
    progress: Progress,
}

/// How far the current message has come.
#[derive(Debug, Default)]
struct Progress {
    /// Whether there was payload.
    has_begun: bool,
    /// The last bytes of the payload.
    last: [u8; TAIL.len()],
    /// Whether the output was filled, so that there may be more without more input.
    is_full: bool,
    /// Whether a block was marked as the last of its stream, and nothing has followed it.
    has_ended: bool,
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inflated {
    /// How much of the input was used.
    pub consumed: usize,
    /// How many bytes it became.
    pub amount: usize,
    /// Whether the message ends here.
    pub is_last: bool,
}

impl Inflater {
    /// The longest piece in bytes that is given by itself.
    pub const MAX_PIECE: usize = 64 * 1024;
    /// The longest piece in bytes that is kept for its message, as each costs a copy of the window: the most that is in memory
    /// before the limit of a message is checked.
    pub const MAX_KEPT_PIECE: usize = 256 * 1024;

    pub(super) fn new(context_takeover: bool) -> Self {
        let progress = Progress { has_begun: false, last: [0; TAIL.len()], is_full: false, has_ended: false };
        Self { stream: None, context_takeover, output: BytesMut::new(), kept: 0, progress }
    }

    /// Whether [`inflate`](Self::inflate) can go on without more input.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.progress.is_full
    }

    /// Inflates the next bytes of a message to a piece of at most `longest` bytes; `is_end` if no payload follows them. What
    /// they become is to be looked at by [`piece`](Self::piece), and then taken or kept.
    ///
    /// # Errors
    ///
    /// [`Violation::InvalidDeflate`] if they cannot be inflated, or if the message ends before its last block does.
    pub fn inflate(&mut self, input: &[u8], is_end: bool, longest: usize) -> Result<Inflated, Violation> {
        let consumed = self.run(input, longest)?;
        self.progress.note(&input[..consumed]);
        let is_last = is_end && consumed == input.len() && !self.progress.is_full;
        if is_last {
            self.check_end()?;
        }
        if is_last {
            self.finish();
        }
        Ok(Inflated { consumed, amount: self.piece().len(), is_last })
    }

    /// What the last bytes became.
    #[must_use]
    pub fn piece(&self) -> &[u8] {
        &self.output[self.kept..]
    }

    /// Leaves the piece where it is: the rest of the message will follow it.
    pub fn keep(&mut self) {
        self.kept = self.output.len();
    }

    /// Takes the piece, and all that was kept before it. It is a copy if most of its memory is unused.
    pub fn take(&mut self) -> Bytes {
        self.kept = 0;
        if self.output.len() >= self.output.capacity() / 2 {
            return self.output.split().freeze();
        }
        let bytes = Bytes::copy_from_slice(&self.output);
        self.output.clear();
        bytes
    }

    /// Gives memory back that the next message may need, unless one is under way.
    pub fn trim(&mut self) {
        if self.output.is_empty() {
            self.output = BytesMut::new();
        }
    }

    /// Puts the tail back (section 7.2.2), and checks that it ends a block there. If it does not, bytes of the message are
    /// missing, and the library would wait for them without a word.
    fn check_end(&mut self) -> Result<(), Violation> {
        let Progress { has_begun, last, has_ended, .. } = self.progress;
        // Nothing at all is what some peers send for an empty message instead of a zero byte (section 7.2.3.6); a final block
        // ends its stream by itself (section 7.2.3.4).
        let (Some(stream), true, false) = (&mut self.stream, has_begun, has_ended) else { return Ok(()) };
        // A sender that has not taken its tail off ended the block itself: an empty one follows. What lacks its tail cannot end
        // like this, because the bits of the empty block's header are zero.
        let kept = last == TAIL;
        let probe = if kept { &PROBE[..] } else { &PROBE[1..] };
        let before = (stream.total_in(), stream.total_out());
        let status = stream.decompress(probe, &mut [0], InflateFlush::Block);
        // The library stops at the end of a block, in front of the last byte. Whatever has no end there uses that byte, fails,
        // or takes the tail itself for payload.
        let used = (stream.total_in() - before.0) as usize;
        let ends = status == Ok(Status::Ok) && used == probe.len() - 1 && stream.total_out() == before.1;
        if ends { Ok(()) } else { Err(Violation::InvalidDeflate) }
    }

    /// Inflates until the input is used up or the output is full, and tells how much of the input was used.
    fn run(&mut self, input: &[u8], longest: usize) -> Result<usize, Violation> {
        let Self { stream, output, kept, progress, .. } = self;
        // The largest window reads what was written for any, and the library takes no less memory for a smaller one.
        let stream = stream.get_or_insert_with(|| Inflate::new(false, MAX_WINDOW_BITS));
        let mut consumed = 0;
        progress.is_full = false;
        progress.has_ended &= input.is_empty();
        loop {
            let piece = output.len() - *kept;
            if piece >= longest {
                progress.is_full = true;
                return Ok(consumed);
            }
            if output.len() == output.capacity() {
                output.reserve(room(input.len() - consumed, piece, longest));
            }
            let before = stream.total_in();
            let (status, has_room) = append(stream, &input[consumed..], output, longest - piece)?;
            consumed += (stream.total_in() - before) as usize;
            let is_over = consumed == input.len();
            match status {
                Status::StreamEnd => {
                    // Another stream may follow (section 7.2.3.4). It cannot refer to this one: a sender that finishes a
                    // stream has to start over.
                    stream.reset(false);
                    if is_over {
                        progress.has_ended = true;
                        return Ok(consumed);
                    }
                }
                Status::Ok | Status::BufError if has_room => {
                    // Room is left, so the input is used up; were it not, going on would not help.
                    return if is_over { Ok(consumed) } else { Err(Violation::InvalidDeflate) };
                }
                Status::Ok | Status::BufError => {}
            }
        }
    }

    /// Makes ready for the next message.
    fn finish(&mut self) {
        self.progress = Progress::default();
        if let (Some(stream), false) = (&mut self.stream, self.context_takeover) {
            stream.reset(false);
        }
    }
}

impl Progress {
    /// Takes note of payload that was inflated.
    fn note(&mut self, payload: &[u8]) {
        self.has_begun |= !payload.is_empty();
        let new = &payload[payload.len().saturating_sub(TAIL.len())..];
        self.last.rotate_left(new.len());
        self.last[TAIL.len() - new.len()..].copy_from_slice(new);
    }
}

impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { context_takeover, output, progress, .. } = self;
        f.debug_struct("Inflater")
            .field("context_takeover", context_takeover)
            .field("output", &output.len())
            .field("progress", progress)
            .finish_non_exhaustive()
    }
}

/// Inflates into the spare memory of the output, but no more than `most` bytes; gives whether some of that was left.
#[allow(unsafe_code, reason = "set to zero first, a message of 64 KiB would take 11 % longer to inflate")]
fn append(stream: &mut Inflate, input: &[u8], output: &mut BytesMut, most: usize) -> Result<(Status, bool), Violation> {
    let spare = output.spare_capacity_mut();
    let most = most.min(spare.len());
    let before = stream.total_out();
    let status = stream.decompress_uninit(input, &mut spare[..most], InflateFlush::SyncFlush);
    let status = status.map_err(|_| Violation::InvalidDeflate)?;
    let amount = (stream.total_out() - before) as usize;
    assert!(amount <= most, "the library has written behind its place");
    // SAFETY: the library has written `amount` bytes at the beginning of the spare memory, which is how `total_out` is counted,
    // and there was room for them.
    unsafe { output.set_len(output.len() + amount) };
    Ok((status, amount < most))
}

/// The header of an empty block without compression, the tail, and a byte behind it that nothing needs.
const PROBE: [u8; 6] = [0x00, 0x00, 0x00, 0xff, 0xff, 0x00];

/// What the window of a sender has at most (RFC 7692 section 7.1.2.1): 32 KiB.
const MAX_WINDOW_BITS: u8 = 15;

/// How much more room to make for what `input` bytes become, in a piece that is so long.
fn room(input: usize, piece: usize, longest: usize) -> usize {
    let wanted = input.saturating_mul(USUAL_RATIO).max(piece).max(MIN_ROOM);
    wanted.min(longest - piece)
}

/// How much text usually shrinks.
const USUAL_RATIO: usize = 4;

const MIN_ROOM: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    impl Inflater {
        pub(in crate::protocol) fn holds_memory(&self) -> bool {
            self.output.capacity() > 0
        }
    }

    /// "Hello" (RFC 7692 section 7.2.3.1).
    const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

    #[test]
    fn what_is_taken_kept_and_dropped_never_shows_memory_that_was_not_written() {
        let mut inflater = Inflater::new(true);
        let mut held = Vec::new();
        for longest in [1, 2, 100, Inflater::MAX_KEPT_PIECE] {
            for keeps in [false, true] {
                let (mut rest, mut message) = (&HELLO[..], Vec::new());
                loop {
                    let inflated = inflater.inflate(rest, true, longest).unwrap();
                    assert!(inflated.amount <= longest && inflater.piece().len() == inflated.amount);
                    rest = &rest[inflated.consumed..];
                    if keeps && !inflated.is_last {
                        inflater.keep();
                        continue;
                    }
                    let bytes = inflater.take();
                    message.extend_from_slice(&bytes);
                    held.push(bytes);
                    if inflated.is_last {
                        break;
                    }
                }
                assert_eq!(message, b"Hello", "{longest} {keeps}");
            }
            held.clear();
        }
        inflater.trim();
        assert_eq!(inflater.output.capacity(), 0);
    }

    #[test]
    fn a_short_message_holds_no_long_memory_and_a_long_one_is_not_copied() {
        let mut inflater = Inflater::new(true);
        for (reserved, is_copied) in [(2 * HELLO_LEN, false), (2 * HELLO_LEN + 2, true), (64 * 1024, true)] {
            inflater.output = BytesMut::with_capacity(reserved);
            inflater.inflate(&HELLO, true, Inflater::MAX_PIECE).unwrap();
            let place = inflater.piece().as_ptr();
            let bytes = inflater.take();
            assert_eq!((&bytes[..], bytes.as_ptr() != place), (&b"Hello"[..], is_copied), "{reserved}");
            assert!(inflater.output.is_empty());
        }
    }

    /// What it becomes.
    const HELLO_LEN: usize = 5;
}
