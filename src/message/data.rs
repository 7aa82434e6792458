//! Messages.

use std::{fmt, ops::Deref, str::Utf8Error};

use bytes::Bytes;
use bytestring::ByteString;

use super::Payload;

/// A whole message (RFC 6455 section 5.6).
///
/// # Examples
///
/// ```
/// use websocket_anywhere::Message;
///
/// assert_eq!(Message::from("hello").as_text(), Some("hello"));
/// assert_eq!(Message::from(vec![1, 2, 3]).into_bytes(), &[1, 2, 3][..]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// A text message, always UTF-8 (UWP: `SocketMessageType.Utf8`).
    Text(Text),
    /// A binary message (UWP: `SocketMessageType.Binary`).
    Binary(Bytes),
}

impl Message {
    /// The text, or `None` of a binary message (UWP: `ReadString`).
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(websocket_anywhere::Message::from(vec![0]).as_text(), None);
    /// ```
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Binary(_) => None,
        }
    }

    /// The bytes of the payload, of either type (UWP: `ReadBytes`).
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(websocket_anywhere::Message::from("hi").as_bytes(), b"hi");
    /// ```
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }

    /// The bytes of the payload without a copy, of either type (UWP: `GetDataStream`).
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(websocket_anywhere::Message::from("hi").into_bytes(), "hi");
    /// ```
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        match self {
            Self::Text(text) => text.into_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }

    /// The same message in memory of its own, for a program that keeps few of many messages (UWP has no such member).
    ///
    /// # Platform notes
    ///
    /// Natively messages that arrive together share the memory of one read, up to 128 KiB, until the last of them is dropped; a
    /// message of one byte may hold all of it. In a browser each has its own, and this is a copy without a gain.
    ///
    /// # Examples
    ///
    /// ```
    /// let message = websocket_anywhere::Message::from("keep me");
    /// assert_eq!(message.clone().into_owned(), message);
    /// ```
    #[must_use]
    pub fn into_owned(self) -> Self {
        match self {
            Self::Text(text) => Self::Text(Text::from(text.as_str())),
            Self::Binary(bytes) => Self::Binary(Bytes::copy_from_slice(&bytes)),
        }
    }
}

/// Text that shares its memory, as [`Bytes`] do: a clone is cheap, a received message is not copied.
///
/// # Examples
///
/// ```
/// use websocket_anywhere::Text;
///
/// let text = Text::from("hello");
/// assert!(text.starts_with("he"));
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text(ByteString);

impl Text {
    /// The text as a slice (UWP: `String`).
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(websocket_anywhere::Text::from("hi").as_str(), "hi");
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text that these bytes are.
    ///
    /// # Safety
    ///
    /// They are UTF-8.
    #[allow(unsafe_code, reason = "the one way past the second check of what was checked before")]
    pub(crate) const unsafe fn from_utf8_unchecked(bytes: Bytes) -> Self {
        // SAFETY: that is what the caller promises.
        Self(unsafe { ByteString::from_bytes_unchecked(bytes) })
    }

    /// The UTF-8 bytes without a copy (UWP: `IBuffer`).
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(websocket_anywhere::Text::from("hi").into_bytes(), "hi");
    /// ```
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0.into_bytes()
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl TryFrom<Bytes> for Text {
    type Error = Utf8Error;

    #[allow(unsafe_code, reason = "std's check of text that is not ASCII takes ten times as long as that by SIMD")]
    fn try_from(bytes: Bytes) -> Result<Self, Utf8Error> {
        if simdutf8::basic::from_utf8(&bytes).is_err() {
            // It says only that it is wrong; std says where.
            return ByteString::try_from(bytes).map(Self);
        }
        // SAFETY: the line above has checked that these very bytes are UTF-8, and `Bytes` do not change.
        Ok(unsafe { Self::from_utf8_unchecked(bytes) })
    }
}

/// One list of conversions for what is sent: into a message that owns it, and into a payload.
macro_rules! owned {
    ($($from:ty => $variant:ident;)*) => {$(
        impl From<$from> for Message {
            fn from(value: $from) -> Self {
                Self::$variant(value.into())
            }
        }

        impl From<$from> for Payload<'_> {
            fn from(value: $from) -> Self {
                Self::Message(value.into())
            }
        }
    )*};
}

owned! {
    Bytes => Binary;
    String => Text;
    Text => Text;
    Vec<u8> => Binary;
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<&[u8]> for Message {
    fn from(bytes: &[u8]) -> Self {
        Self::Binary(Bytes::copy_from_slice(bytes))
    }
}

impl<const N: usize> From<&[u8; N]> for Message {
    fn from(bytes: &[u8; N]) -> Self {
        Self::from(&bytes[..])
    }
}

impl<const N: usize> From<[u8; N]> for Message {
    fn from(bytes: [u8; N]) -> Self {
        Self::from(&bytes[..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Also run under Miri, for the sake of the one unsafe line.
    #[test]
    fn bytes_become_text_if_they_are_utf8() {
        for text in ["", "ascii", "ä", "日本語", "🦀", &"é".repeat(200)] {
            let shared = Bytes::copy_from_slice(text.as_bytes());
            assert_eq!(Text::try_from(shared.slice(..)).unwrap(), text);
            assert_eq!(Text::try_from(shared.clone()).unwrap().into_bytes(), shared);
        }
        for bytes in [&b"\xff"[..], b"ok\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"] {
            let error = Text::try_from(Bytes::copy_from_slice(bytes)).unwrap_err();
            assert_eq!(Err(error), std::str::from_utf8(bytes));
        }
    }
}
