//! Whether a message is text or binary.

use crate::message::Message;

/// Text or binary (UWP: `Windows.Networking.Sockets.SocketMessageType`; RFC 6455 section 5.6).
///
/// # Examples
///
/// ```
/// use websocket_anywhere::{Message, SocketMessageType};
///
/// assert_eq!(Message::from("text").message_type(), SocketMessageType::Utf8);
/// assert_eq!(SocketMessageType::Utf8 as i32, 1);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum SocketMessageType {
    /// Binary messages (UWP: `Binary`, 0).
    #[default]
    Binary = 0,
    /// Text messages, always UTF-8 (UWP: `Utf8`, 1).
    Utf8 = 1,
}

impl Message {
    /// Whether it is text or binary (UWP: `MessageWebSocketMessageReceivedEventArgs.MessageType`).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Message, SocketMessageType};
    ///
    /// assert_eq!(Message::from(vec![0]).message_type(), SocketMessageType::Binary);
    /// ```
    #[must_use]
    pub const fn message_type(&self) -> SocketMessageType {
        match self {
            Self::Text(_) => SocketMessageType::Utf8,
            Self::Binary(_) => SocketMessageType::Binary,
        }
    }
}
