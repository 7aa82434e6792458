//! Messages in: RFC 7692 sections 6.2 and 7.2.2.

use std::mem;

use bytes::Bytes;
use flate2::{Decompress, FlushDecompress, Status};

use super::TAIL;
use crate::protocol::violation::Violation;

/// Decompresses messages piece by piece.
#[derive(Debug)]
pub struct Inflater {
    /// Made by the first compressed message.
    stream: Option<Decompress>,
    context_takeover: bool,
    output: Vec<u8>,
    progress: Progress,
}

/// How far the current message has come.
#[derive(Debug, Default)]
struct Progress {
    /// Whether there was payload.
    has_begun: bool,
    /// How many bytes of the tail have been put back.
    tail: usize,
    /// Whether the output was filled, so that there may be more without more input.
    is_full: bool,
    /// Whether a block was marked as the last of its stream.
    has_final_block: bool,
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
        let progress = Progress { has_begun: false, tail: 0, is_full: false, has_final_block: false };
        Self { stream: None, context_takeover, output: Vec::new(), progress }
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
    /// [`Violation::InvalidDeflate`] if they cannot be inflated.
    pub fn inflate(&mut self, input: &[u8], is_end: bool) -> Result<Inflated, Violation> {
        self.progress.has_begun |= !input.is_empty();
        let consumed = self.run(input)?;
        let mut is_last = false;
        if is_end && consumed == input.len() {
            while self.needs_tail() {
                self.progress.tail += self.run(&TAIL[self.progress.tail..])?;
            }
            is_last = !self.progress.is_full;
        }
        let bytes = self.take_output();
        if is_last {
            self.finish();
        }
        Ok(Inflated { consumed, bytes, is_last })
    }

    /// Whether the tail is to be put back now (section 7.2.2).
    ///
    /// Not behind nothing at all, which some peers send for an empty message instead of a zero byte (section 7.2.3.6), and not
    /// behind a final block, which ended its stream by itself (section 7.2.3.4).
    const fn needs_tail(&self) -> bool {
        let Progress { has_begun, tail, is_full, has_final_block } = self.progress;
        has_begun && !has_final_block && !is_full && tail < TAIL.len()
    }

    /// Inflates until the input is used up or the output is full, and tells how much of the input was used.
    fn run(&mut self, input: &[u8]) -> Result<usize, Violation> {
        let Self { stream, output, progress, .. } = self;
        // The largest window reads what was written for any, and the library takes no less memory for a smaller one.
        let stream = stream.get_or_insert_with(|| Decompress::new(false));
        let mut consumed = 0;
        progress.is_full = false;
        loop {
            if output.len() == output.capacity() {
                if output.len() >= Self::MAX_PIECE {
                    progress.is_full = true;
                    return Ok(consumed);
                }
                output.reserve_exact(room(input.len() - consumed, output.capacity()));
            }
            let before = stream.total_in();
            let status = stream.decompress_vec(&input[consumed..], output, FlushDecompress::Sync);
            let status = status.map_err(|_| Violation::InvalidDeflate)?;
            let used = (stream.total_in() - before) as usize;
            consumed += used;
            let is_over = consumed == input.len();
            match status {
                Status::StreamEnd => {
                    // Another stream may follow (section 7.2.3.4). It cannot refer to this one: a sender that finishes a
                    // stream has to start over.
                    progress.has_final_block = true;
                    stream.reset(false);
                    if is_over {
                        return Ok(consumed);
                    }
                }
                Status::Ok | Status::BufError if output.len() < output.capacity() => {
                    // Room is left, so the input is used up; were it not, going on would not help.
                    return if is_over { Ok(consumed) } else { Err(Violation::InvalidDeflate) };
                }
                Status::Ok | Status::BufError => {}
            }
        }
    }

    /// Gives the output away, or a copy if most of its memory is unused.
    fn take_output(&mut self) -> Bytes {
        if self.output.len() >= self.output.capacity() / 2 {
            return Bytes::from(mem::take(&mut self.output));
        }
        let bytes = Bytes::copy_from_slice(&self.output);
        self.output.clear();
        bytes
    }

    /// Makes ready for the next message.
    fn finish(&mut self) {
        let has_final_block = mem::take(&mut self.progress).has_final_block;
        if let (Some(stream), true) = (&mut self.stream, has_final_block || !self.context_takeover) {
            stream.reset(false);
        }
        if self.output.capacity() > MAX_KEPT {
            self.output = Vec::new();
        }
    }
}

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
