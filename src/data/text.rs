//! The three encodings of strings.

use crate::error::{Error, ErrorKind, Result};

/// The encoding of strings (UWP: `Windows.Storage.Streams.UnicodeEncoding`).
///
/// Byte order marks have no special meaning: none is written, and one that is read is part of the string.
///
/// # Examples
///
/// ```
/// use websocket_anywhere::{DataWriter, UnicodeEncoding};
///
/// let mut writer = DataWriter::in_memory();
/// assert_eq!(writer.unicode_encoding(), UnicodeEncoding::Utf8);
/// writer.set_unicode_encoding(UnicodeEncoding::Utf16Le);
/// writer.write_string("hi");
/// assert_eq!(writer.detach_buffer(), "h\0i\0");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum UnicodeEncoding {
    /// UTF-8, the default; a code unit is a byte (UWP: `Utf8`, 0).
    #[default]
    Utf8 = 0,
    /// UTF-16 in little-endian; a code unit is two bytes (UWP: `Utf16LE`, 1).
    Utf16Le = 1,
    /// UTF-16 in big-endian; a code unit is two bytes (UWP: `Utf16BE`, 2).
    Utf16Be = 2,
}

impl UnicodeEncoding {
    /// How many bytes a code unit has.
    pub(super) const fn unit_len(self) -> usize {
        match self {
            Self::Utf8 => 1,
            Self::Utf16Le | Self::Utf16Be => 2,
        }
    }

    /// How many bytes `text` takes.
    pub(super) fn measure(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            Self::Utf16Le | Self::Utf16Be => 2 * text.encode_utf16().count(),
        }
    }

    /// Appends `text`.
    pub(super) fn encode(self, text: &str, into: &mut impl Extend<u8>) {
        match self {
            Self::Utf8 => into.extend(text.bytes()),
            Self::Utf16Le => into.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
            Self::Utf16Be => into.extend(text.encode_utf16().flat_map(u16::to_be_bytes)),
        }
    }

    /// The string that these bytes are, a whole number of code units.
    pub(super) fn decode(self, bytes: &[u8]) -> Result<String> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes)
                .map(str::to_owned)
                .map_err(|error| Error::with_source(ErrorKind::InvalidText, "the bytes are not UTF-8", error)),
            Self::Utf16Le => utf16(bytes, u16::from_le_bytes),
            Self::Utf16Be => utf16(bytes, u16::from_be_bytes),
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units)
        .collect::<Result<String, _>>()
        .map_err(|error| Error::with_source(ErrorKind::InvalidText, "the bytes are not UTF-16", error))
}
