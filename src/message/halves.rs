//! The two halves of a `MessageWebSocket`.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use futures::{Sink, Stream};

use super::{
    Message, MessageWebSocket, Payload,
    parts::{Incoming, Outgoing},
};
use crate::{
    backend::{self, Link, Reader, Sink as _, Source, Writer},
    close::{CloseCode, Closed},
    control::{ReceiveMode, SocketMessageType},
    error::{Error, Result},
    information::Information,
    reunite::ReuniteError,
};

/// The sending half of a [`MessageWebSocket`], from [`split`](MessageWebSocket::split); also a [`Sink`] of [`Message`], and
/// what a [`DataWriter`](crate::DataWriter) writes to (UWP: `MessageWebSocket.OutputStream`).
///
/// # Examples
///
/// ```no_run
/// # async fn run(socket: websocket_anywhere::MessageWebSocket) -> Result<(), websocket_anywhere::Error> {
/// let (mut sender, receiver) = socket.split();
/// sender.send("hello").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct MessageSender {
    pub(crate) sink: Writer,
    /// Of what a `DataWriter` sends.
    pub(crate) message_type: SocketMessageType,
    /// The message that is being sent in parts.
    pub(super) outgoing: Outgoing,
    /// A `DataWriter` was dropped with this half, borrowed, in it.
    pub(super) is_shut: bool,
}

/// The receiving half of a [`MessageWebSocket`], from [`split`](MessageWebSocket::split); also a [`Stream`] of
/// messages (UWP: the event `MessageReceived`).
///
/// Dropping only this half leaves the connection open for sending; data that arrive afterwards are discarded.
///
/// # Examples
///
/// ```no_run
/// # async fn run(socket: websocket_anywhere::MessageWebSocket) -> Result<(), websocket_anywhere::Error> {
/// let (sender, mut receiver) = socket.split();
/// println!("{:?}", receiver.receive().await?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct MessageReceiver {
    pub(crate) source: Reader,
    pub(super) incoming: Incoming,
}

impl MessageSender {
    pub(crate) fn new(sink: Writer, message_type: SocketMessageType) -> Self {
        Self { sink, message_type, outgoing: Outgoing::default(), is_shut: false }
    }

    /// Sends one message, as [`MessageWebSocket::send`].
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::send`].
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: if the future is dropped before it is ready, nothing of the message is sent.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut sender: websocket_anywhere::MessageSender) -> Result<(), websocket_anywhere::Error> {
    /// sender.send("hello").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn send<'a>(&mut self, message: impl Into<Payload<'a>>) -> impl Future<Output = Result<()>> {
        let payload = message.into();
        poll_fn(move |cx| self.poll_send(&payload, cx))
    }

    /// Waits until the platform has accepted everything that was sent, as [`MessageWebSocket::flush`].
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::flush`].
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut sender: websocket_anywhere::MessageSender) -> Result<(), websocket_anywhere::Error> {
    /// sender.flush().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn flush(&mut self) -> Result<()> {
        let sink = self.open_sink()?;
        poll_fn(|cx| sink.poll_flush(cx)).await
    }

    /// Closes the connection, as [`MessageWebSocket::close`]. The receiving half then returns `None`.
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::close`].
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: once polled the handshake goes on without the future; call it again for the outcome.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut sender: websocket_anywhere::MessageSender) -> Result<(), websocket_anywhere::Error> {
    /// sender.close(websocket_anywhere::CloseCode::NORMAL, "").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn close(&mut self, code: impl Into<CloseCode>, reason: &str) -> Result<Closed> {
        backend::close(&mut self.sink, code.into(), reason)?.await
    }

    /// How the connection ended, as [`MessageWebSocket::closed`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(sender: &websocket_anywhere::MessageSender) {
    /// println!("{:?}", sender.closed());
    /// # }
    /// ```
    #[must_use]
    pub fn closed(&self) -> Option<Closed> {
        self.sink.closed()
    }

    /// What is known about the connection, as [`MessageWebSocket::information`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(sender: &websocket_anywhere::MessageSender) {
    /// println!("{:?}", sender.information());
    /// # }
    /// ```
    #[must_use]
    pub fn information(&self) -> Information {
        self.sink.information()
    }

    /// How many bytes wait to be handed to the platform, as [`MessageWebSocket::buffered_amount`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(sender: &websocket_anywhere::MessageSender) {
    /// println!("{}", sender.buffered_amount());
    /// # }
    /// ```
    #[must_use]
    pub fn buffered_amount(&self) -> usize {
        self.sink.buffered_amount()
    }

    /// Joins the two halves of a socket.
    ///
    /// # Errors
    ///
    /// Returns both halves if they belong to different sockets.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run(socket: websocket_anywhere::MessageWebSocket) {
    /// let (sender, receiver) = socket.split();
    /// let socket = sender.reunite(receiver).unwrap();
    /// # }
    /// ```
    pub fn reunite(self, receiver: MessageReceiver) -> Result<MessageWebSocket, ReuniteError<Self, MessageReceiver>> {
        if receiver.source.is_half_of(&self.sink) {
            Ok(MessageWebSocket { sender: self, receiver })
        } else {
            Err(ReuniteError::new(self, receiver))
        }
    }
}

impl MessageReceiver {
    pub(crate) fn new(source: Reader, mode: ReceiveMode) -> Self {
        Self { source, incoming: Incoming::new(mode) }
    }

    /// Receives the next message, as [`MessageWebSocket::receive`].
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::receive`].
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: a message that was not returned is returned by the next call.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut receiver: websocket_anywhere::MessageReceiver) -> Result<(), websocket_anywhere::Error> {
    /// while let Some(message) = receiver.receive().await? {
    ///     println!("{message:?}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn receive(&mut self) -> impl Future<Output = Result<Option<Message>>> {
        poll_fn(|cx| self.poll_receive(cx))
    }

    /// Receives a message that is already there, as [`MessageWebSocket::try_receive`].
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::receive`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn frame(receiver: &mut websocket_anywhere::MessageReceiver) -> Result<(), websocket_anywhere::Error> {
    /// while let Some(message) = receiver.try_receive()? {
    ///     println!("{message:?}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_receive(&mut self) -> Result<Option<Message>> {
        match self.poll_receive(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result,
            Poll::Pending => Ok(None),
        }
    }

    /// Closes the connection, as [`MessageWebSocket::close`]; the sending half ends, too.
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::close`].
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: once polled the handshake goes on without the future; call it again for the outcome.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut receiver: websocket_anywhere::MessageReceiver) -> Result<(), websocket_anywhere::Error> {
    /// receiver.close(websocket_anywhere::CloseCode::NORMAL, "").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn close(&mut self, code: impl Into<CloseCode>, reason: &str) -> Result<Closed> {
        backend::close(&mut self.source, code.into(), reason)?.await
    }

    /// How the connection ended, as [`MessageWebSocket::closed`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(receiver: &websocket_anywhere::MessageReceiver) {
    /// println!("{:?}", receiver.closed());
    /// # }
    /// ```
    #[must_use]
    pub fn closed(&self) -> Option<Closed> {
        self.source.closed()
    }

    /// What is known about the connection, as [`MessageWebSocket::information`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(receiver: &websocket_anywhere::MessageReceiver) {
    /// println!("{:?}", receiver.information());
    /// # }
    /// ```
    #[must_use]
    pub fn information(&self) -> Information {
        self.source.information()
    }

    #[inline]
    pub(super) fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Message>>> {
        match self.source.take_message() {
            Some(message) => Poll::Ready(Ok(Some(message))),
            None => self.poll_message(cx),
        }
    }

    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Message>>> {
        self.incoming.check_whole()?;
        self.source.poll_message(cx)
    }
}

impl Stream for MessageReceiver {
    type Item = Result<Message>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_receive(cx).map(Result::transpose)
    }
}

impl Sink<Message> for MessageSender {
    type Error = Error;

    #[inline]
    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.open_sink()?.poll_ready(cx)
    }

    #[inline]
    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<()> {
        let sink = self.whole_sink()?;
        match message.as_bytes().len() {
            // To move it once more would take longer than to mask it.
            ..SHORT => sink.feed(&Payload::from(&message)),
            _ => sink.feed(&message.into()),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.open_sink()?.poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        backend::poll_close_normally(&mut self.sink, cx).map_ok(drop)
    }
}

/// A shorter message is copied in any case.
const SHORT: usize = 64 * 1024;
