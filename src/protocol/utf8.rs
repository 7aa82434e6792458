//! UTF-8 that arrives in pieces: RFC 6455 section 8.1.

use std::str;

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
        // The check that says only whether it is text is the faster one, so that a character cut off is kept from it.
        let (whole, cut) = rest.split_at(rest.len() - len_of_cut(rest));
        if simdutf8::basic::from_utf8(whole).is_err() || !may_begin_char(cut) {
            return false;
        }
        if !cut.is_empty() {
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
            match str::from_utf8(&self.pending[..self.pending_len]) {
                Ok(_) => self.pending_len = 0,
                Err(error) if error.error_len().is_some() => return None,
                Err(_) => {}
            }
        }
        Some(&[])
    }
}

/// How many bytes at the end are the beginning of a character whose end has not arrived.
fn len_of_cut(text: &[u8]) -> usize {
    for (len, byte) in (1..MAX_CHAR).zip(text.iter().rev()) {
        match byte {
            // It continues a character.
            0x80..0xc0 => {}
            0xc0.. => return if len < len_of_char(*byte) { len } else { 0 },
            _ => return 0,
        }
    }
    0
}

/// How long the character is that begins with this byte (RFC 3629 section 3).
const fn len_of_char(first: u8) -> usize {
    match first {
        0xf0.. => 4,
        0xe0.. => 3,
        _ => 2,
    }
}

/// Whether bytes can become a character if more follow; none can.
fn may_begin_char(cut: &[u8]) -> bool {
    str::from_utf8(cut).map_or_else(|error| error.error_len().is_none(), |_| true)
}

const MAX_CHAR: usize = 4;
