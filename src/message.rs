//! `MessageWebSocket`: whole messages.

mod data;
mod feed;
mod halves;
mod parts;
mod payload;
mod prepared;
mod try_send;
mod way_out;

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use futures::{Sink, Stream};

pub use self::{
    data::{Message, Text},
    halves::{MessageReceiver, MessageSender},
    parts::Part,
    payload::Payload,
    prepared::PreparedMessage,
    try_send::TrySendError,
};
use crate::{
    address::Address,
    backend,
    close::{CloseCode, Closed},
    control::{Control, MessageModes},
    error::{Error, Result},
    information::Information,
};

/// A WebSocket for whole messages, text and binary (UWP: `Windows.Networking.Sockets.MessageWebSocket`).
///
/// It is for many small messages: games, chat, tickers. For very large transfers there is
/// [`StreamWebSocket`](crate::StreamWebSocket). It is also a [`Stream`] of `Result<Message>` and a [`Sink`] of [`Message`].
///
/// Pings are answered by themselves and never show up as messages. Dropping the socket sends what is queued and a Close without
/// a code, and lets the closing handshake finish in the background. [`lifecycle`](crate::docs::lifecycle) says how long everything
/// waits, and what slow, silent and vanished peers change.
///
/// # Cancel safety
///
/// A future is *cancel-safe* if dropping it before it is ready loses nothing: no message is lost, sent twice or sent in part.
/// All futures of this type are, except that a dropped `connect` gives the connection up.
///
/// # Platform notes
///
/// Natively the socket belongs to the tokio runtime that opened it. There, pings are answered within a second though nobody
/// receives, until [`inbound_buffer_size`](Control::inbound_buffer_size) bytes are unread. In a browser it belongs to the thread
/// that opened it; elsewhere every operation fails with [`WrongThread`](crate::ErrorKind::WrongThread).
///
/// # Examples
///
/// ```no_run
/// # async fn run() -> Result<(), websocket_anywhere::Error> {
/// use websocket_anywhere::{CloseCode, MessageWebSocket};
///
/// let mut socket = MessageWebSocket::connect("wss://example.com/chat").await?;
/// socket.send("Hello, World!").await?;
/// while let Some(message) = socket.receive().await? {
///     println!("{message:?}");
/// }
/// println!("closed: {:?}", socket.closed());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct MessageWebSocket {
    pub(crate) sender: MessageSender,
    pub(crate) receiver: MessageReceiver,
}

impl MessageWebSocket {
    /// Connects with the default settings (UWP: `ConnectAsync`).
    ///
    /// # Errors
    ///
    /// As [`connect_with`](Self::connect_with).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the attempt up and closes what was opened.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), websocket_anywhere::Error> {
    /// let socket = websocket_anywhere::MessageWebSocket::connect("wss://example.com/chat").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn connect(url: &str) -> Result<Self> {
        let (opening, modes) = Self::open(url, Control::new())?;
        Ok(Self::new(opening.await?, modes))
    }

    /// Connects with the given settings, which are fixed from here on (UWP: `Control`, `ConnectAsync`).
    ///
    /// The URL is `ws` or `wss`, and has no fragment (RFC 6455 section 3); `http` is taken for `ws`, `https` for `wss` (WHATWG
    /// WebSockets, "obtain a WebSocket URL"). A user and a password in it (`wss://user:password@example.com`) are for a server that
    /// asks for them by HTTP: natively they are a [`server_credential`](Control::server_credential); browsers answer challenges.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`InvalidUrl`](crate::ErrorKind::InvalidUrl),
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), [`NotSupported`](crate::ErrorKind::NotSupported),
    /// [`NoRuntime`](crate::ErrorKind::NoRuntime). Then [`HostNameNotResolved`](crate::ErrorKind::HostNameNotResolved),
    /// [`CannotConnect`](crate::ErrorKind::CannotConnect), the `Certificate..` kinds, [`Tls`](crate::ErrorKind::Tls),
    /// [`HttpStatus`](crate::ErrorKind::HttpStatus), [`InvalidResponse`](crate::ErrorKind::InvalidResponse) or
    /// [`Timeout`](crate::ErrorKind::Timeout).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the attempt up and closes what was opened.
    ///
    /// # Platform notes
    ///
    /// In a browser the URL may be relative to that of the page, its `<base>` included, or of the worker: on
    /// `https://example.com/app/`, `/chat` is `wss://example.com/chat`. Elsewhere, in Node too, such a URL is an
    /// [`InvalidUrl`](crate::ErrorKind::InvalidUrl).
    ///
    /// A browser tells no cause: there, every failure to connect but [`Timeout`](crate::ErrorKind::Timeout) is
    /// [`CannotConnect`](crate::ErrorKind::CannotConnect).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), websocket_anywhere::Error> {
    /// use websocket_anywhere::{Control, MessageWebSocket};
    ///
    /// let control = Control::new().supported_protocol("chat");
    /// let socket = MessageWebSocket::connect_with("wss://example.com/chat", control).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn connect_with(url: &str, control: Control) -> Result<Self> {
        let (opening, modes) = Self::open(url, control)?;
        Ok(Self::new(opening.await?, modes))
    }

    /// The part of connecting that does not wait: the settings are handed on without a stay in a future of this file.
    fn open(
        url: &str,
        control: Control,
    ) -> Result<(impl Future<Output = Result<(backend::Reader, backend::Writer)>> + use<>, MessageModes)> {
        let address = Address::parse(url)?;
        control.check()?;
        let (limits, modes) = (control.message_limits(), control.message_modes());
        Ok((backend::open(address, control, limits), modes))
    }

    pub(crate) fn new((source, sink): (backend::Reader, backend::Writer), modes: MessageModes) -> Self {
        let receiver = MessageReceiver::new(source, modes.receive_mode);
        Self { sender: MessageSender::new(sink, modes.message_type), receiver }
    }

    /// Sends one message: text from `&str`, `String` or [`Text`], binary from bytes (UWP: `OutputStream` and `StoreAsync`).
    ///
    /// It returns when the message is on its way: a lone message has been handed to the platform, one of a burst is gathered
    /// with its neighbours and written in the background. It waits only while more than `outbound_buffer_size` bytes are
    /// unsent; a message that is longer than that waits until none are. An error of a background write is returned by the next operation.
    ///
    /// Natively, what was sent also leaves when the tokio runtime ends right after it, as far as the system can take it at once:
    /// some hundred KiB. A program that has sent more calls [`flush`](Self::flush) or [`close`](Self::close) before it ends.
    ///
    /// # Errors
    ///
    /// [`Closed`](crate::ErrorKind::Closed) once a close has started on either side,
    /// [`ConnectionAborted`](crate::ErrorKind::ConnectionAborted) or [`Timeout`](crate::ErrorKind::Timeout) if the connection
    /// has failed.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: if the future is dropped before it is ready, nothing of the message is sent.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut socket: websocket_anywhere::MessageWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// socket.send("text").await?;
    /// socket.send(&[1, 2, 3]).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn send<'a>(&mut self, message: impl Into<Payload<'a>>) -> impl Future<Output = Result<()>> {
        self.sender.send(message)
    }

    /// Receives the next message; `None` once the connection is closed (UWP: the event `MessageReceived`).
    ///
    /// Messages that arrived before the peer's Close are delivered first. After a clean end, and after a close started here,
    /// it gives `None` for ever; see [`closed`](Self::closed) for code and reason. A lost connection gives one error, then
    /// `None`.
    ///
    /// # Errors
    ///
    /// Once, and last: [`ConnectionAborted`](crate::ErrorKind::ConnectionAborted) if the connection was lost,
    /// [`Protocol`](crate::ErrorKind::Protocol), [`InvalidUtf8`](crate::ErrorKind::InvalidUtf8) or
    /// [`MessageTooBig`](crate::ErrorKind::MessageTooBig) if the peer's data were refused,
    /// [`InboundBufferFull`](crate::ErrorKind::InboundBufferFull) (browser), [`Timeout`](crate::ErrorKind::Timeout) if the
    /// peer took nothing for `send_timeout`, or (native) showed no sign of life for `receive_timeout`.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: a message that was not returned is returned by the next call.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut socket: websocket_anywhere::MessageWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// while let Some(message) = socket.receive().await? {
    ///     println!("{} bytes", message.as_bytes().len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn receive(&mut self) -> impl Future<Output = Result<Option<Message>>> {
        self.receiver.receive()
    }

    /// Receives a message that is already there; `None` if there is none now, or the connection is closed. Never waits.
    ///
    /// It is for programs that draw frames: call it until it gives `None`, then look at [`closed`](Self::closed).
    ///
    /// # Errors
    ///
    /// As [`receive`](Self::receive).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn frame(socket: &mut websocket_anywhere::MessageWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// while let Some(message) = socket.try_receive()? {
    ///     println!("{message:?}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_receive(&mut self) -> Result<Option<Message>> {
        self.receiver.try_receive()
    }

    /// Waits until everything sent has been handed to the platform (UWP: `FlushAsync`). Seldom needed: sending needs no flush.
    ///
    /// It waits as long as the peer takes bytes, and for `send_timeout` in which none leaves.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), but it is fine to flush what was sent before a close.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut socket: websocket_anywhere::MessageWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// socket.send("now").await?;
    /// socket.flush().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn flush(&mut self) -> Result<()> {
        self.sender.flush().await
    }

    /// Closes the connection: sends what is queued, then a Close, then waits for the peer's (UWP: `Close(code, reason)`).
    ///
    /// It takes as long as the peer takes bytes, and then `close_timeout` for the answer ([`lifecycle`](crate::docs::lifecycle) has
    /// the details); a peer that does not answer gives a [`Closed`] with 1006 that is not clean. Closing
    /// again, or from the other half, gives the same [`Closed`]. Nothing can be received any more: what the peer sends from
    /// here on is discarded (RFC 6455 section 7.1.2).
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), and nothing is sent, if the code is not 1000 or 3000..=4999 or
    /// the reason is longer than 123 bytes. [`Timeout`](crate::ErrorKind::Timeout) or
    /// [`ConnectionAborted`](crate::ErrorKind::ConnectionAborted) if the Close could not be sent.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: once polled the handshake goes on without the future; call it again for the outcome.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut socket: websocket_anywhere::MessageWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// let closed = socket.close(websocket_anywhere::CloseCode::NORMAL, "bye").await?;
    /// assert!(closed.was_clean());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn close(&mut self, code: impl Into<CloseCode>, reason: &str) -> Result<Closed> {
        backend::close(&mut self.sender.sink, code.into(), reason)?.await
    }

    /// How the connection ended; `None` while it has not (UWP: the event `Closed`). A lost connection gives 1006.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(socket: &websocket_anywhere::MessageWebSocket) {
    /// if let Some(closed) = socket.closed() {
    ///     println!("{closed}");
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn closed(&self) -> Option<Closed> {
        self.sender.closed()
    }

    /// What is known about the connection, now (UWP: `Information`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(socket: &websocket_anywhere::MessageWebSocket) {
    /// println!("{:?}", socket.information().protocol());
    /// # }
    /// ```
    #[must_use]
    pub fn information(&self) -> Information {
        self.sender.information()
    }

    /// How many bytes wait to be handed to the platform (WHATWG: `bufferedAmount`).
    ///
    /// # Platform notes
    ///
    /// Natively frame headers count; in a browser they do not.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(socket: &websocket_anywhere::MessageWebSocket) {
    /// println!("{} bytes to go", socket.buffered_amount());
    /// # }
    /// ```
    #[must_use]
    pub fn buffered_amount(&self) -> usize {
        self.sender.buffered_amount()
    }

    /// Takes the socket apart, so that two tasks can send and receive at the same time (UWP has no such member: there
    /// any thread may use the socket).
    ///
    /// Both halves can close. Put them together again with [`MessageSender::reunite`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(socket: websocket_anywhere::MessageWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// let (mut sender, mut receiver) = socket.split();
    /// sender.send("hello").await?;
    /// println!("{:?}", receiver.receive().await?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn split(self) -> (MessageSender, MessageReceiver) {
        (self.sender, self.receiver)
    }
}

impl Stream for MessageWebSocket {
    type Item = Result<Message>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.receiver).poll_next(cx)
    }
}

impl Sink<Message> for MessageWebSocket {
    type Error = Error;

    #[inline]
    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.sender).poll_ready(cx)
    }

    #[inline]
    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<()> {
        Pin::new(&mut self.sender).start_send(message)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.sender).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.sender).poll_close(cx)
    }
}
