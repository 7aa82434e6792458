//! Messages in: RFC 7692 sections 6.2 and 7.2.2.

use std::{fmt, mem};

use bytes::Bytes;
use zlib_rs::{Inflate, InflateFlush, Status};

use super::TAIL;
use crate::protocol::violation::Violation;

/// Decompresses messages piece by piece.
pub struct Inflater {
    /// Made by the first compressed message.
    stream: Option<Inflate>,
    context_takeover: bool,
    /// Longer than what it holds: memory is set to zero once, not for each message.
    output: Vec<u8>,
    /// How much of the output is in use.
    filled: usize,
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
    /// What it became, at most [`Inflater::MAX_PIECE`] bytes; possibly nothing.
    pub bytes: Bytes,
    /// Whether the message ends here.
    pub is_last: bool,
}

impl Inflater {
    /// The longest piece in bytes: the most that is in memory before the limit of a message is checked.
    pub const MAX_PIECE: usize = 64 * 1024;

    pub(super) const fn new(context_takeover: bool) -> Self {
        let progress = Progress { has_begun: false, last: [0; TAIL.len()], is_full: false, has_ended: false };
        Self { stream: None, context_takeover, output: Vec::new(), filled: 0, progress }
    }

    /// Whether [`inflate`](Self::inflate) can go on without more input.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.progress.is_full
    }

    /// Inflates the next bytes of a message; `is_end` if no payload follows them.
    ///
    /// # Errors
    ///
    /// [`Violation::InvalidDeflate`] if they cannot be inflated, or if the message ends before its last block does.
    pub fn inflate(&mut self, input: &[u8], is_end: bool) -> Result<Inflated, Violation> {
        let consumed = self.run(input)?;
        self.progress.note(&input[..consumed]);
        let is_last = is_end && consumed == input.len() && !self.progress.is_full;
        if is_last {
            self.check_end()?;
        }
        let bytes = self.take_output();
        if is_last {
            self.finish();
        }
        Ok(Inflated { consumed, bytes, is_last })
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
    fn run(&mut self, input: &[u8]) -> Result<usize, Violation> {
        let Self { stream, output, filled, progress, .. } = self;
        // The largest window reads what was written for any, and the library takes no less memory for a smaller one.
        let stream = stream.get_or_insert_with(|| Inflate::new(false, MAX_WINDOW_BITS));
        let mut consumed = 0;
        progress.is_full = false;
        progress.has_ended &= input.is_empty();
        loop {
            if *filled == output.len() {
                if *filled >= Self::MAX_PIECE {
                    progress.is_full = true;
                    return Ok(consumed);
                }
                let room = room(input.len() - consumed, output.len());
                output.reserve_exact(room);
                output.resize(*filled + room, 0);
            }
            let before = (stream.total_in(), stream.total_out());
            let status = stream.decompress(&input[consumed..], &mut output[*filled..], InflateFlush::SyncFlush);
            let status = status.map_err(|_| Violation::InvalidDeflate)?;
            consumed += (stream.total_in() - before.0) as usize;
            *filled += (stream.total_out() - before.1) as usize;
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
                Status::Ok | Status::BufError if *filled < output.len() => {
                    // Room is left, so the input is used up; were it not, going on would not help.
                    return if is_over { Ok(consumed) } else { Err(Violation::InvalidDeflate) };
                }
                Status::Ok | Status::BufError => {}
            }
        }
    }

    /// Gives the output away, or a copy if most of its memory is unused.
    fn take_output(&mut self) -> Bytes {
        let filled = mem::take(&mut self.filled);
        if filled >= self.output.len() / 2 {
            let mut output = mem::take(&mut self.output);
            output.truncate(filled);
            return Bytes::from(output);
        }
        Bytes::copy_from_slice(&self.output[..filled])
    }

    /// Makes ready for the next message.
    fn finish(&mut self) {
        self.progress = Progress::default();
        if let (Some(stream), false) = (&mut self.stream, self.context_takeover) {
            stream.reset(false);
        }
        if self.output.capacity() > MAX_KEPT {
            self.output = Vec::new();
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
        let Self { context_takeover, filled, progress, .. } = self;
        f.debug_struct("Inflater")
            .field("context_takeover", context_takeover)
            .field("filled", filled)
            .field("progress", progress)
            .finish_non_exhaustive()
    }
}

/// The header of an empty block without compression, the tail, and a byte behind it that nothing needs.
const PROBE: [u8; 6] = [0x00, 0x00, 0x00, 0xff, 0xff, 0x00];

/// What the window of a sender has at most (RFC 7692 section 7.1.2.1): 32 KiB.
const MAX_WINDOW_BITS: u8 = 15;

/// How much more room to make for what `input` bytes become, in an output that has `capacity`.
fn room(input: usize, capacity: usize) -> usize {
    let wanted = input.saturating_mul(USUAL_RATIO).max(capacity).max(MIN_ROOM);
    wanted.min(Inflater::MAX_PIECE - capacity)
}

/// How much text usually shrinks.
const USUAL_RATIO: usize = 4;

const MIN_ROOM: usize = 1024;

/// A larger buffer is not kept for the next message.
const MAX_KEPT: usize = 4 * 1024;
