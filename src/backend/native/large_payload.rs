//! A long payload on its way out.

use bytes::{Buf, Bytes};

use crate::protocol::append_masked;

/// The payload of a frame whose header has been queued; of the payload itself nothing is copied before it can be written.
///
/// It is masked piece by piece, so that a piece is still in the cache when the operating system copies it, and no buffer is
/// ever as long as the message.
pub(super) struct LargePayload {
    rest: Bytes,
    /// `None` for a server, which masks nothing.
    key: Option<[u8; 4]>,
}

impl LargePayload {
    pub(super) const fn new(payload: Bytes, key: Option<[u8; 4]>) -> Self {
        Self { rest: payload, key }
    }

    pub(super) fn len(&self) -> usize {
        self.rest.len()
    }

    /// What is left, if it is sent as it is.
    pub(super) fn plain(&self) -> Option<&[u8]> {
        self.key.is_none().then_some(&self.rest)
    }

    /// So much of what is sent as it is has been written.
    pub(super) fn advance(&mut self, amount: usize) {
        self.rest.advance(amount);
    }

    /// Appends the next piece in its masked form; false once nothing is left.
    pub(super) fn next_piece(&mut self, out: &mut Vec<u8>) -> bool {
        // A multiple of the key's length, so that each piece begins with its first byte.
        self.next(PIECE, out);
        !self.rest.is_empty()
    }

    /// Appends all of it.
    pub(super) fn finish(mut self, out: &mut Vec<u8>) {
        self.next(usize::MAX, out);
    }

    fn next(&mut self, most: usize, out: &mut Vec<u8>) {
        let len = self.rest.len().min(most);
        out.reserve_exact(len);
        match self.key {
            Some(key) => append_masked(key, &self.rest[..len], out),
            None => out.extend_from_slice(&self.rest[..len]),
        }
        self.rest.advance(len);
    }
}

/// A payload of at least this length is long, if the program gives it away.
pub(super) const MIN_LARGE_PAYLOAD: usize = PIECE;

/// The same for a server, which masks nothing: from here on a copy costs more than handing the system two pieces.
pub(super) const MIN_LARGE_UNMASKED: usize = 16 * 1024;

/// How much is masked at once: it stays in the second cache of most processors until the system copies it. Each write of a
/// shorter piece wakes a peer that has taken all the others, which costs more than a smaller cache saves.
const PIECE: usize = 1024 * 1024;
