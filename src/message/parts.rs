//! Messages in parts: received as they arrive, sent as they come into being.

use std::{
    future::poll_fn,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};

use super::{Message, MessageReceiver, MessageSender, MessageWebSocket, Payload};
use crate::{
    backend::{Chunk, Sink as _, Source},
    control::{ReceiveMode, SocketMessageType},
    error::{Error, ErrorCode, ErrorKind, Result},
    protocol::{self, Kind},
};

/// A part of a message (UWP: `MessageWebSocketMessageReceivedEventArgs` with `ReceiveMode.PartialMessage`).
///
/// # Examples
///
/// ```no_run
/// # fn show(part: websocket_anywhere::Part) {
/// println!("{} bytes, the last ones: {}", part.bytes.len(), part.is_message_complete);
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part {
    /// The type of the message, the same for all of its parts (UWP: `MessageType`).
    pub kind: SocketMessageType,
    /// The bytes; those of a text end with a whole character, so each part is UTF-8. In UWP they may end inside of one.
    pub bytes: Bytes,
    /// Whether the message ends with this part (UWP: `IsMessageComplete`).
    pub is_message_complete: bool,
}

impl Part {
    /// The text, or `None` if the message is binary (UWP: `ReadString`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut socket: websocket_anywhere::MessageWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// let part = socket.receive_part().await?;
    /// println!("{:?}", part.as_ref().and_then(|part| part.as_text()));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self.kind {
            SocketMessageType::Utf8 => simdutf8::basic::from_utf8(&self.bytes).ok(),
            SocketMessageType::Binary => None,
        }
    }

    /// The type of the message, as [`Message::message_type`] (UWP: `MessageType`).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Message, Part, SocketMessageType};
    ///
    /// assert_eq!(Part::from(Message::from("hi")).message_type(), SocketMessageType::Utf8);
    /// ```
    #[must_use]
    pub const fn message_type(&self) -> SocketMessageType {
        self.kind
    }

    /// The bytes, of either type, as [`Message::as_bytes`] (UWP: `ReadBytes`).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Message, Part};
    ///
    /// assert_eq!(Part::from(Message::from("hi")).as_bytes(), b"hi");
    /// ```
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes without a copy, of either type, as [`Message::into_bytes`] (UWP: `GetDataStream`).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Message, Part};
    ///
    /// assert_eq!(Part::from(Message::from("hi")).into_bytes(), "hi");
    /// ```
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// The same part in memory of its own, as [`Message::into_owned`].
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Message, Part};
    ///
    /// let part = Part::from(Message::from("keep me"));
    /// assert_eq!(part.clone().into_owned(), part);
    /// ```
    #[must_use]
    pub fn into_owned(self) -> Self {
        Self { bytes: Bytes::copy_from_slice(&self.bytes), ..self }
    }
}

impl MessageWebSocket {
    /// Receives the next part of a message, or `None` once the connection is closed (UWP: the event `MessageReceived` with
    /// `ReceiveMode.PartialMessage`).
    ///
    /// If [`Control::receive_mode`](crate::Control::receive_mode) is [`Partial`](ReceiveMode::Partial), parts are delivered
    /// as their bytes arrive; their boundaries are unrelated to the frames that the peer sent. A part has at most about 64
    /// KiB (65,536 bytes), and only the last part of a message can be empty. With [`Full`](ReceiveMode::Full), each part is
    /// a whole message.
    ///
    /// # Errors
    ///
    /// As [`receive`](Self::receive).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: a part that was not returned is returned by the next call.
    ///
    /// # Platform notes
    ///
    /// A browser delivers whole messages, so each message is one part.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), websocket_anywhere::Error> {
    /// use websocket_anywhere::{Control, MessageWebSocket, ReceiveMode};
    ///
    /// let control = Control::new().receive_mode(ReceiveMode::Partial).max_message_size(None);
    /// let mut socket = MessageWebSocket::connect_with("wss://example.com/films", control).await?;
    /// while let Some(part) = socket.receive_part().await? {
    ///     println!("{} bytes", part.bytes.len());
    ///     if part.is_message_complete {
    ///         println!("that was one message");
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn receive_part(&mut self) -> Result<Option<Part>> {
        self.receiver.receive_part().await
    }

    /// Sends a part of a message; `last` ends the message (UWP: `SendNonfinalFrameAsync`, `SendFinalFrameAsync`).
    ///
    /// The type of the first part, text or binary, is the type of the message; all parts must have it. `send_part` waits as
    /// [`send`](Self::send) does. Parts are never compressed.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), and [`InvalidArgument`](ErrorKind::InvalidArgument) if the part is of another type than the
    /// message; the part is not sent, and the message can be continued. Until the last part is sent, [`send`](Self::send)
    /// fails with [`MessageIncomplete`](ErrorKind::MessageIncomplete) and sends nothing.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: if the future is dropped before it is ready, nothing of the part is sent.
    ///
    /// # Platform notes
    ///
    /// Natively each part is sent as one frame at once (RFC 6455 section 5.4). A browser sends whole messages, so the parts
    /// are buffered until the last one, up to 64 MiB (67,108,864 bytes); a part beyond that fails with
    /// [`InvalidArgument`](ErrorKind::InvalidArgument).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut socket: websocket_anywhere::MessageWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// socket.send_part("Hello, ", false).await?;
    /// socket.send_part("World!", true).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send_part<'a>(&mut self, part: impl Into<Payload<'a>>, last: bool) -> Result<()> {
        self.sender.send_part(part, last).await
    }
}

impl MessageSender {
    /// Sends a part of a message, as [`MessageWebSocket::send_part`].
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::send_part`].
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: if the future is dropped before it is ready, nothing of the part is sent.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut sender: websocket_anywhere::MessageSender) -> Result<(), websocket_anywhere::Error> {
    /// sender.send_part(&[1, 2], false).await?;
    /// sender.send_part(&[3], true).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send_part<'a>(&mut self, part: impl Into<Payload<'a>>, last: bool) -> Result<()> {
        let part = part.into();
        let is_first = self.outgoing.check_part(&part)?;
        let sink = self.open_sink()?;
        poll_fn(|cx| sink.poll_ready(cx)).await?;
        sink.start_part(&part, is_first, last)?;
        self.outgoing.0 = (!last).then(|| part.message_type());
        Ok(())
    }
}

impl MessageReceiver {
    /// Receives the next part of a message, as [`MessageWebSocket::receive_part`].
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::receive`].
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: a part that was not returned is returned by the next call.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut receiver: websocket_anywhere::MessageReceiver) -> Result<(), websocket_anywhere::Error> {
    /// while let Some(part) = receiver.receive_part().await? {
    ///     println!("{} bytes", part.bytes.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn receive_part(&mut self) -> Result<Option<Part>> {
        poll_fn(|cx| self.poll_part(cx)).await
    }

    fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Part>>> {
        if self.incoming.mode == ReceiveMode::Full {
            return self.poll_receive(cx).map_ok(|message| message.map(Part::from));
        }
        loop {
            let part = match ready!(self.source.poll_chunk(cx))? {
                None => return Poll::Ready(Ok(None)),
                Some(Chunk::Message(message)) => return Poll::Ready(Ok(Some(message.into()))),
                Some(Chunk::Part(part)) => part,
            };
            if let Some(part) = self.incoming.cut(part) {
                return Poll::Ready(Ok(Some(part)));
            }
        }
    }
}

impl From<Message> for Part {
    fn from(message: Message) -> Self {
        Self { kind: message.message_type(), bytes: message.into_bytes(), is_message_complete: true }
    }
}

/// The type of the message that is being sent in parts.
#[derive(Debug, Default)]
pub(super) struct Outgoing(Option<SocketMessageType>);

impl Outgoing {
    /// Fails while a message is incomplete.
    pub(super) fn check_whole(&self) -> Result<()> {
        if self.0.is_none() { Ok(()) } else { Err(ErrorCode::SendsParts.into()) }
    }

    /// Whether `part` is the first of its message; fails if it belongs to another.
    fn check_part(&self, part: &Payload<'_>) -> Result<bool> {
        match self.0 {
            None => Ok(true),
            Some(kind_of_message) if kind_of_message == part.message_type() => Ok(false),
            Some(kind_of_message) => {
                let message = format!("the parts of a message have one type, here {kind_of_message:?}");
                Err(Error::new(ErrorKind::InvalidArgument, message))
            }
        }
    }
}

/// The message that is being received in parts.
#[derive(Debug)]
pub(super) struct Incoming {
    mode: ReceiveMode,
    /// Whether a part was taken and the last was not.
    is_inside: bool,
    /// The beginning of a character whose end has not arrived.
    carry: [u8; MAX_CUT],
    /// How long it is.
    carried: u8,
}

impl Incoming {
    pub(super) const fn new(mode: ReceiveMode) -> Self {
        Self { mode, is_inside: false, carry: [0; MAX_CUT], carried: 0 }
    }

    /// Fails while a message is incomplete.
    pub(super) fn check_whole(&self) -> Result<()> {
        if self.is_inside { Err(ErrorCode::ReceivesParts.into()) } else { Ok(()) }
    }

    /// Moves the cut behind a part of a text to the end of a character; `None` if nothing is left of the part.
    fn cut(&mut self, part: protocol::Part) -> Option<Part> {
        let protocol::Part { kind, mut bytes, is_last } = part;
        if self.carried > 0 {
            let carry = &self.carry[..self.carried.into()];
            let mut joined = BytesMut::with_capacity(carry.len() + bytes.len());
            joined.extend_from_slice(carry);
            joined.extend_from_slice(&bytes);
            bytes = joined.freeze();
            self.carried = 0;
        }
        if kind == Kind::Text && !is_last {
            let cut = bytes.split_off(whole_characters(&bytes));
            self.carry[..cut.len()].copy_from_slice(&cut);
            self.carried = cut.len() as u8;
        }
        self.is_inside = !is_last;
        let kind = if kind == Kind::Text { SocketMessageType::Utf8 } else { SocketMessageType::Binary };
        (is_last || !bytes.is_empty()).then_some(Part { kind, bytes, is_message_complete: is_last })
    }
}

/// How many bytes there are up to the end of the last whole character of a text that is valid so far.
fn whole_characters(text: &[u8]) -> usize {
    let tail = text.iter().rev().take(MAX_CUT).position(|byte| byte & 0b1100_0000 != 0b1000_0000);
    let Some(after) = tail else { return text.len() };
    let start = text.len() - 1 - after;
    let width = match text[start] {
        0b1111_0000.. => 4,
        0b1110_0000.. => 3,
        0b1100_0000.. => 2,
        _ => 1,
    };
    if start + width > text.len() { start } else { text.len() }
}

/// How many bytes of a character can be there without its end (RFC 3629 section 3).
const MAX_CUT: usize = 3;
