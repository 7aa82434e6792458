//! The head of a request or a response, as it comes off a transport.

use std::io;

use bytes::{Buf, BufMut, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Why there is no head.
pub(super) enum Failure<E> {
    /// The transport failed.
    Lost(io::Error),
    /// The transport ended before the head did.
    Ended,
    /// The head is longer than `MAX_HEAD`.
    TooLong,
    /// Whoever parses it says so.
    Bad(E),
}

/// Reads until `parse` finds a whole head and tells its length, and leaves in `input` what follows it. What was read before may be
/// there already, at most `MAX_HEAD` of it.
pub(super) async fn read<S, T, E>(
    transport: &mut S,
    input: &mut BytesMut,
    parse: impl Fn(&[u8]) -> Result<Option<(usize, T)>, E>,
) -> Result<T, Failure<E>>
where
    S: AsyncRead + Unpin,
{
    let mut end = HeadEnd::default();
    // Mostly all of it comes at once. What is no head is refused before its end, which may never come: it is looked at
    // whenever there is twice as much.
    let mut look = 1;
    let mut has_ended = false;
    loop {
        let is_last = has_ended || input.len() == MAX_HEAD;
        if is_last || input.len() >= look || end.is_in(input) {
            if let Some((size, head)) = parse(input).map_err(Failure::Bad)? {
                input.advance(size);
                if input.is_empty() {
                    // A buffer that has served its turn is not kept for the sake of nothing.
                    *input = BytesMut::new();
                }
                return Ok(head);
            }
            look = input.len() * 2;
        }
        if is_last {
            return Err(if has_ended { Failure::Ended } else { Failure::TooLong });
        }
        let room = MAX_HEAD - input.len();
        input.reserve(READ_SIZE.min(room));
        let amount = transport.read_buf(&mut (&mut *input).limit(room)).await.map_err(Failure::Lost)?;
        has_ended = amount == 0;
    }
}

/// Finds the empty line that ends a head.
#[derive(Default)]
struct HeadEnd {
    /// How much has been searched.
    searched: usize,
    /// Whether there was anything but empty lines, which may come before the head.
    has_begun: bool,
    /// How many line ends in a row came last.
    line_ends: u8,
}

impl HeadEnd {
    /// Whether it is in what has not been searched.
    fn is_in(&mut self, input: &[u8]) -> bool {
        let mut is_in = false;
        for byte in &input[self.searched..] {
            match byte {
                b'\n' if self.has_begun => self.line_ends = self.line_ends.saturating_add(1),
                b'\r' | b'\n' => {}
                _ => (self.has_begun, self.line_ends) = (true, 0),
            }
            is_in |= self.line_ends == 2;
        }
        self.searched = input.len();
        is_in
    }
}

/// How long a head may be, its first line and all headers.
const MAX_HEAD: usize = 64 * 1024;

/// How much is read at once.
const READ_SIZE: usize = 4096;
