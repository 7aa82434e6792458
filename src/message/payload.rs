//! What can be sent as a message, and all the types that become one.

use std::borrow::Cow;

use bytes::Bytes;

use super::{Message, PreparedMessage, Text};

/// What can be sent as a message: text or bytes, owned or borrowed (UWP: `String`, `IBuffer`).
///
/// `send` takes `impl Into<Payload>`. `str`, `String` and [`Text`] become text; slices, arrays, `Vec<u8>` and [`Bytes`]
/// become binary: owned, borrowed, boxed or a [`Cow`]. Borrowed text and bytes are copied once, into the outbound buffer,
/// without an allocation of their own. Natively, an owned payload of 1 MiB (1,048,576 bytes) or more is masked piece by
/// piece while it is sent, without a copy of the whole; a server, which does not mask, passes one of 16 KiB (16,384 bytes) or
/// more to the system without a copy. A [`PreparedMessage`] is borrowed and counts as owned.
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
    Vec<u8> => Binary;
    Box<[u8]> => Binary;
    String => Text;
    Text => Text;
    Box<str> => Text;
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

/// What is lent for the time of a send: the bytes stay where they are.
macro_rules! lent {
    ($($from:ty => $variant:ident;)*) => {$(
        impl<'a> From<&'a $from> for Payload<'a> {
            fn from(value: &'a $from) -> Self {
                Self::$variant(value)
            }
        }
    )*};
}

lent! {
    [u8] => Slice;
    Bytes => Slice;
    Vec<u8> => Slice;
    Box<[u8]> => Slice;
    str => Str;
    String => Str;
    Text => Str;
    Box<str> => Str;
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

/// What is owned or borrowed; a generic `Cow` would leave the compiler without an answer to `(&x).into()`.
macro_rules! owned_or_lent {
    ($($of:ty)*) => {$(
        impl<'a> From<Cow<'a, $of>> for Message {
            fn from(value: Cow<'a, $of>) -> Self {
                match value {
                    Cow::Borrowed(value) => value.into(),
                    Cow::Owned(value) => value.into(),
                }
            }
        }

        impl<'a> From<Cow<'a, $of>> for Payload<'a> {
            fn from(value: Cow<'a, $of>) -> Self {
                match value {
                    Cow::Borrowed(value) => value.into(),
                    Cow::Owned(value) => value.into(),
                }
            }
        }

        impl<'a> From<&'a Cow<'_, $of>> for Payload<'a> {
            fn from(value: &'a Cow<'_, $of>) -> Self {
                Self::from(&**value)
            }
        }
    )*};
}

owned_or_lent! { str [u8] }

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

    /// What a value and a loan of it become.
    fn both<'a, T>(value: &'a T) -> [Payload<'a>; 2]
    where
        T: Clone + Into<Payload<'a>>,
        &'a T: Into<Payload<'a>>,
    {
        [value.into(), value.clone().into()]
    }

    #[test]
    fn whatever_holds_text_or_bytes_can_be_sent_owned_or_lent() {
        let text = "caf\u{e9}";
        let texts = [
            both(&text.to_owned()).map(|payload| payload.as_text() == Some(text)),
            both(&Text::from(text)).map(|payload| payload.as_text() == Some(text)),
            both(&Box::<str>::from(text)).map(|payload| payload.as_text() == Some(text)),
            both(&Cow::from(text)).map(|payload| payload.as_text() == Some(text)),
            both(&Cow::from(text.to_owned())).map(|payload| payload.as_text() == Some(text)),
            both(&Message::from(text)).map(|payload| payload.as_text() == Some(text)),
        ];
        assert_eq!(texts, [[true; 2]; 6]);
        let bytes = &[0xff, 0][..];
        let is_binary = |payload: Payload<'_>| payload.as_text().is_none() && payload.as_bytes() == bytes;
        let binaries = [
            both(&bytes.to_vec()).map(is_binary),
            both(&Bytes::from_static(bytes)).map(is_binary),
            both(&Box::<[u8]>::from(bytes)).map(is_binary),
            both(&Cow::from(bytes)).map(is_binary),
            both(&Cow::from(bytes.to_vec())).map(is_binary),
            both(&[0xff, 0]).map(is_binary),
            both(&Message::from(bytes)).map(is_binary),
        ];
        assert_eq!(binaries, [[true; 2]; 7]);
    }

    #[test]
    fn what_is_lent_is_not_copied() {
        let bytes = Bytes::from_static(b"lent");
        assert_eq!(Payload::from(&bytes), Payload::Slice(&bytes));
        assert_eq!(Payload::from(Cow::from("lent")), Payload::Str("lent"));
        assert_eq!(Payload::from(&Text::from("lent")), Payload::Str("lent"));
    }

    #[test]
    fn what_goes_to_many_makes_no_payload_longer() {
        assert_eq!(size_of::<Payload<'_>>(), size_of::<Message>());
        assert_eq!(size_of::<PreparedMessage>(), size_of::<usize>());
    }
}
