//! Whether a `DataWriter` sends text or binary messages.

use super::{Control, ReceiveMode};
use crate::{
    error::{Error, ErrorKind, Result},
    message::{Message, MessageSender, MessageWebSocket, Payload},
};

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

impl Control {
    /// The type of the messages that a [`DataWriter`](crate::DataWriter) sends. Default: Binary (UWP:
    /// `MessageWebSocketControl.MessageType`).
    ///
    /// It affects neither received messages nor `send`, which sends text as text and bytes as binary.
    /// [`MessageWebSocket::set_message_type`] changes it later.
    ///
    /// # Errors
    ///
    /// Connecting a [`StreamWebSocket`](crate::StreamWebSocket), which sends binary messages only, fails with
    /// [`ErrorKind::InvalidArgument`] if it is [`Utf8`](SocketMessageType::Utf8).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Control, SocketMessageType};
    ///
    /// let control = Control::new().message_type(SocketMessageType::Utf8);
    /// ```
    #[must_use]
    pub const fn message_type(mut self, message_type: SocketMessageType) -> Self {
        self.message_type = message_type;
        self
    }

    pub(crate) const fn message_modes(&self) -> MessageModes {
        MessageModes { message_type: self.message_type, receive_mode: self.receive_mode }
    }

    /// Refuses what a socket that sends binary messages only cannot do.
    pub(super) fn check_binary(&self) -> Result<()> {
        match self.message_type {
            SocketMessageType::Binary => Ok(()),
            SocketMessageType::Utf8 => Err(Error::new(
                ErrorKind::InvalidArgument,
                "a StreamWebSocket sends binary messages only: message_type cannot be Utf8",
            )),
        }
    }
}

/// What the halves of a `MessageWebSocket` keep of its settings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MessageModes {
    pub(crate) message_type: SocketMessageType,
    pub(crate) receive_mode: ReceiveMode,
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

impl Payload<'_> {
    /// The type of the message that this becomes, as [`Message::message_type`] (UWP: `MessageType`).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Payload, SocketMessageType};
    ///
    /// assert_eq!(Payload::from("hi").message_type(), SocketMessageType::Utf8);
    /// ```
    #[must_use]
    pub fn message_type(&self) -> SocketMessageType {
        if self.as_text().is_some() { SocketMessageType::Utf8 } else { SocketMessageType::Binary }
    }
}

impl MessageWebSocket {
    /// The type of the messages that a [`DataWriter`](crate::DataWriter) sends (UWP:
    /// `MessageWebSocketControl.MessageType`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(socket: &websocket_anywhere::MessageWebSocket) {
    /// println!("{:?}", socket.message_type());
    /// # }
    /// ```
    #[must_use]
    pub const fn message_type(&self) -> SocketMessageType {
        self.sender.message_type()
    }

    /// Changes [`Control::message_type`], the one setting that may change while connected (UWP:
    /// `MessageWebSocketControl.MessageType`).
    ///
    /// Data that were stored before keep their type.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run(mut socket: websocket_anywhere::MessageWebSocket) {
    /// socket.set_message_type(websocket_anywhere::SocketMessageType::Utf8);
    /// # }
    /// ```
    pub fn set_message_type(&mut self, message_type: SocketMessageType) {
        self.sender.set_message_type(message_type);
    }
}

impl MessageSender {
    /// The type of the messages that a [`DataWriter`](crate::DataWriter) sends, as [`MessageWebSocket::message_type`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(sender: &websocket_anywhere::MessageSender) {
    /// println!("{:?}", sender.message_type());
    /// # }
    /// ```
    #[must_use]
    pub const fn message_type(&self) -> SocketMessageType {
        self.message_type
    }

    /// Changes the type of the messages that a [`DataWriter`](crate::DataWriter) sends, as
    /// [`MessageWebSocket::set_message_type`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run(mut sender: websocket_anywhere::MessageSender) {
    /// sender.set_message_type(websocket_anywhere::SocketMessageType::Utf8);
    /// # }
    /// ```
    pub const fn set_message_type(&mut self, message_type: SocketMessageType) {
        self.message_type = message_type;
    }
}
