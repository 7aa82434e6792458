//! `MessageWebSocket`: whole messages.

mod data;
mod feed;
mod halves;
mod parts;
mod payload;
mod prepared;
mod sendable;
mod try_send;

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
/// Use it for messages: games, chat, tickers. For very large transfers use [`StreamWebSocket`](crate::StreamWebSocket). It
/// implements [`Stream`] with `Result<Message>` items and [`Sink`] for [`Message`].
///
/// The socket answers pings automatically and never delivers them as messages. Dropping the socket sends the queued messages
/// and a Close frame without a code, and completes the closing handshake in the background.
/// [`lifecycle`](crate::docs::lifecycle) lists every timeout and describes slow, silent and vanished peers.
///
/// # Cancel safety
///
/// A future is *cancel-safe* if dropping it before completion loses nothing: no message is lost, sent twice or sent in part.
/// All futures of this type are cancel-safe, except that dropping `connect` abandons the connection.
///
/// # Platform notes
///
/// Natively the socket belongs to the tokio runtime that opened it, and answers pings within a second even if the program
/// does not receive, until [`inbound_buffer_size`](Control::inbound_buffer_size) bytes are unread. In a browser it belongs
/// to the thread that opened it; on another thread every operation fails with
/// [`WrongThread`](crate::ErrorKind::WrongThread).
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
    /// Dropping the future abandons the attempt and closes what it opened.
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

    /// Connects with the given settings, which cannot change afterwards (UWP: `Control`, `ConnectAsync`).
    ///
    /// The scheme of the URL is `ws` or `wss`, and the URL has no fragment (RFC 6455 section 3); `http` means `ws` and
    /// `https` means `wss` (WHATWG WebSockets, "obtain a WebSocket URL"). The user and password of a URL
    /// (`wss://user:password@example.com`) answer an HTTP authentication challenge: natively they become the
    /// [`server_credential`](Control::server_credential); a browser uses them itself.
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
    /// Dropping the future abandons the attempt and closes what it opened.
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
    /// A single message is handed to the platform before `send` returns; messages of a burst are queued, coalesced and
    /// written in the background. `send` waits only while more than `outbound_buffer_size` bytes are unsent; a message
    /// longer than that waits until nothing is. If a background write fails, the next operation returns the error.
    ///
    /// Natively, if the tokio runtime shuts down right after a send, the queue is still written as far as the operating
    /// system accepts it without waiting, typically some hundred KiB. A program that has queued more calls
    /// [`flush`](Self::flush) or [`close`](Self::close) before it ends.
    ///
    /// # Errors
    ///
    /// [`Closed`](crate::ErrorKind::Closed) once either side has started to close,
    /// [`ConnectionAborted`](crate::ErrorKind::ConnectionAborted) or [`Timeout`](crate::ErrorKind::Timeout) if the
    /// connection has failed.
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

    /// Receives the next message, or `None` once the connection is closed (UWP: the event `MessageReceived`).
    ///
    /// Messages that arrived before the peer's Close frame are delivered first. After a clean close, and after a close by
    /// this side, every call returns `None`; [`closed`](Self::closed) has the code and reason. After a lost connection, one
    /// call returns the error and later calls return `None`.
    ///
    /// # Errors
    ///
    /// An error is returned once, after all messages: [`ConnectionAborted`](crate::ErrorKind::ConnectionAborted) if the
    /// connection was lost; [`Protocol`](crate::ErrorKind::Protocol), [`InvalidUtf8`](crate::ErrorKind::InvalidUtf8) or
    /// [`MessageTooBig`](crate::ErrorKind::MessageTooBig) if the peer sent invalid or too much data;
    /// [`InboundBufferFull`](crate::ErrorKind::InboundBufferFull) in a browser; [`Timeout`](crate::ErrorKind::Timeout) if
    /// the peer accepted no bytes for `send_timeout` or, natively, showed no sign of life for `receive_timeout`.
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

    /// Receives a message if one has arrived, without waiting.
    ///
    /// Returns `None` if no message has arrived or the connection is closed. Meant for programs that draw frames: call it
    /// until it returns `None`, then check [`closed`](Self::closed).
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

    /// Waits until the platform has accepted everything that was sent (UWP: `FlushAsync`). Rarely needed: `send` does not
    /// depend on it.
    ///
    /// It waits while the peer accepts bytes, and fails after `send_timeout` without progress.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), except that flushing what was sent before a close succeeds.
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

    /// Closes the connection: sends the queue and a Close frame, then waits for the peer's Close frame (UWP: `Close(code,
    /// reason)`).
    ///
    /// It waits while the peer accepts bytes, and then up to `close_timeout` for the answer
    /// ([`lifecycle`](crate::docs::lifecycle) has the details). If the peer does not answer, the result is a [`Closed`] with
    /// code 1006 that is not clean. Calling `close` again, or on the other half, returns the same [`Closed`]. After `close`,
    /// nothing can be received: later data of the peer are discarded (RFC 6455 section 7.1.2).
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if the code is neither 1000 nor in 3000..=4999, or if the
    /// reason is longer than 123 bytes; nothing is sent then. [`Timeout`](crate::ErrorKind::Timeout) or
    /// [`ConnectionAborted`](crate::ErrorKind::ConnectionAborted) if the Close frame could not be sent.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: once the future has been polled, the closing handshake continues without it; call `close` again for the
    /// result.
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

    /// How the connection ended, or `None` while it is open (UWP: the event `Closed`). The code of a lost connection is
    /// 1006.
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

    /// A snapshot of what is known about the connection (UWP: `Information`).
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

    /// The number of bytes that are queued and not yet handed to the platform (WHATWG: `bufferedAmount`).
    ///
    /// # Platform notes
    ///
    /// Natively the count includes frame headers; in a browser it does not.
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

    /// Splits the socket into halves that two tasks can use at the same time.
    ///
    /// Both halves can close the connection. [`MessageSender::reunite`] joins them again.
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
