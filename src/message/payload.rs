//! What can be sent as a message.

use super::{Message, PreparedMessage};

/// What can be sent as a message: text or bytes, owned or borrowed (UWP: `String`, `IBuffer`).
///
/// `send` takes `impl Into<Payload>`. Borrowed text and bytes are copied once, into the outbound buffer, and nothing is
/// allocated for them. Natively, what is given away is not copied as a whole where it is long: from 1 MiB (1,048,576 bytes) on
/// it is masked on its way, and a server, which masks nothing, hands it to the system as it is from 16 KiB (16,384 bytes) on. A
/// [`PreparedMessage`] is borrowed and counts as given away. `&str`, `String` and [`Text`](crate::Text) become text; slices,
/// arrays, `Vec<u8>` and [`Bytes`](bytes::Bytes) become binary.
///
/// # Examples
///
/// ```
/// use websocket_anywhere::Payload;
///
/// assert_eq!(Payload::from("hi"), Payload::Str("hi"));
/// assert_eq!(Payload::from(&[1, 2, 3]), Payload::Slice(&[1, 2, 3]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload<'a> {
    /// Text that stays where it is.
    Str(&'a str),
    /// Bytes that stay where they are.
    Slice(&'a [u8]),
    /// A message that is given away.
    Message(Message),
    /// A message that goes to others as well.
    Prepared(&'a PreparedMessage),
}

impl Payload<'_> {
    /// The bytes of the payload (UWP: `IBuffer`).
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(websocket_anywhere::Payload::from("hi").as_bytes(), b"hi");
    /// ```
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Str(text) => text.as_bytes(),
            Self::Slice(bytes) => bytes,
            Self::Message(message) => message.as_bytes(),
            Self::Prepared(prepared) => prepared.message().as_bytes(),
        }
    }

    /// The text, or `None` if the payload is binary (UWP: `String`).
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(websocket_anywhere::Payload::from("hi").as_text(), Some("hi"));
    /// ```
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            Self::Slice(_) => None,
            Self::Message(message) => message.as_text(),
            Self::Prepared(prepared) => prepared.message().as_text(),
        }
    }

    /// The message, of which what was borrowed is copied.
    pub(crate) fn into_message(self) -> Message {
        match self {
            Self::Str(text) => text.into(),
            Self::Slice(bytes) => bytes.into(),
            Self::Message(message) => message,
            Self::Prepared(prepared) => prepared.message().clone(),
        }
    }

    /// The message in memory that can be shared, if it is in such.
    #[allow(dead_code, reason = "a browser copies every payload")]
    pub(crate) fn message(&self) -> Option<&Message> {
        match self {
            Self::Str(_) | Self::Slice(_) => None,
            Self::Message(message) => Some(message),
            Self::Prepared(prepared) => Some(prepared.message()),
        }
    }
}

impl<'a> From<&'a str> for Payload<'a> {
    fn from(text: &'a str) -> Self {
        Self::Str(text)
    }
}

impl<'a> From<&'a String> for Payload<'a> {
    fn from(text: &'a String) -> Self {
        Self::Str(text)
    }
}

impl<'a> From<&'a [u8]> for Payload<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Slice(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Payload<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Slice(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Payload<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Slice(bytes)
    }
}

impl<const N: usize> From<[u8; N]> for Payload<'_> {
    fn from(bytes: [u8; N]) -> Self {
        Self::Message(bytes.into())
    }
}

impl From<Message> for Payload<'_> {
    fn from(message: Message) -> Self {
        Self::Message(message)
    }
}

impl<'a> From<&'a Message> for Payload<'a> {
    fn from(message: &'a Message) -> Self {
        match message {
            Message::Text(text) => Self::Str(text),
            Message::Binary(bytes) => Self::Slice(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_to_many_makes_no_payload_longer() {
        assert_eq!(size_of::<Payload<'_>>(), size_of::<Message>());
        assert_eq!(size_of::<PreparedMessage>(), size_of::<usize>());
    }
}
