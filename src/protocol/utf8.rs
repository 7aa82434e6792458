//! UTF-8 that arrives in pieces: RFC 6455 section 8.1.

/// Checks text piece by piece; a character may be cut anywhere.
#[derive(Clone, Debug, Default)]
pub struct Utf8 {
    /// The beginning of a character whose end has not arrived.
    pending: [u8; MAX_CHAR],
    pending_len: usize,
}

impl Utf8 {
    /// Takes the next piece; false as soon as the text cannot be UTF-8 any more, or ends inside a character.
    #[must_use]
    pub fn push(&mut self, piece: &[u8], is_last: bool) -> bool {
        let Some(rest) = self.complete(piece) else { return false };
        if let Err(error) = simdutf8::compat::from_utf8(rest) {
            if error.error_len().is_some() {
                return false;
            }
            let cut = &rest[error.valid_up_to()..];
            self.pending[..cut.len()].copy_from_slice(cut);
            self.pending_len = cut.len();
        }
        !(is_last && self.pending_len > 0)
    }

    /// Finishes the character that the last piece began and gives what follows it, or `None` if it is invalid.
    fn complete<'a>(&mut self, piece: &'a [u8]) -> Option<&'a [u8]> {
        for (taken, &byte) in piece.iter().enumerate() {
            if self.pending_len == 0 {
                return Some(&piece[taken..]);
            }
            self.pending[self.pending_len] = byte;
            self.pending_len += 1;
            match std::str::from_utf8(&self.pending[..self.pending_len]) {
                Ok(_) => self.pending_len = 0,
                Err(error) if error.error_len().is_some() => return None,
                Err(_) => {}
            }
        }
        Some(&[])
    }
}

const MAX_CHAR: usize = 4;
