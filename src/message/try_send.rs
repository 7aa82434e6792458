//! Sending without waiting.

use std::{
    error, fmt,
    task::{Context, Poll, Waker},
};

use super::{Message, MessageSender, MessageWebSocket, Payload};
use crate::{
    backend::Sink as _,
    error::{Error, Result},
};

impl MessageWebSocket {
    /// Sends one message if it need not wait, else gives it back: for a server that tells many clients the same, and does not let
    /// the slowest of them hold up the others (UWP has no such member).
    ///
    /// It is full when [`send`](Self::send) would wait: while more than
    /// [`outbound_buffer_size`](crate::Control::outbound_buffer_size) bytes are unsent, or any where the message is longer than
    /// that. What was taken leaves by itself, as with `send`. A clone of a message shares its memory, and a
    /// [`PreparedMessage`](crate::PreparedMessage) shares what compression makes of it as well. What is borrowed is copied only
    /// if it is sent, or comes back.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] has the message again, and says whether the socket is full or, as `send` would, why nothing can be sent.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run(clients: &mut Vec<websocket_anywhere::MessageWebSocket>) {
    /// use websocket_anywhere::Message;
    ///
    /// let news = Message::from("the news");
    /// // Whoever is full misses them; who is gone is forgotten.
    /// clients.retain_mut(|client| match client.try_send(news.clone()) {
    ///     Ok(()) => true,
    ///     Err(error) => error.is_full(),
    /// });
    /// # }
    /// ```
    pub fn try_send<'a>(&mut self, message: impl Into<Payload<'a>>) -> Result<(), TrySendError> {
        self.sender.try_send(message)
    }
}

impl MessageSender {
    /// Sends one message if it need not wait, else gives it back, as [`MessageWebSocket::try_send`].
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::try_send`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run(sender: &mut websocket_anywhere::MessageSender) {
    /// match sender.try_send("the news") {
    ///     Ok(()) => {}
    ///     Err(error) if error.is_full() => println!("too slow for {:?}", error.into_message()),
    ///     Err(error) => println!("gone: {error}"),
    /// }
    /// # }
    /// ```
    pub fn try_send<'a>(&mut self, message: impl Into<Payload<'a>>) -> Result<(), TrySendError> {
        let payload = message.into();
        let cause = match self.try_start(&payload) {
            Ok(true) => return Ok(()),
            Ok(false) => None,
            Err(error) => Some(error),
        };
        Err(TrySendError { message: payload.into_message(), cause })
    }

    /// Whether there was room.
    fn try_start(&mut self, payload: &Payload<'_>) -> Result<bool> {
        let sink = self.whole_sink()?;
        match sink.poll_ready_for(payload.as_bytes().len(), &mut Context::from_waker(Waker::noop())) {
            Poll::Pending => Ok(false),
            Poll::Ready(Err(error)) => Err(error),
            Poll::Ready(Ok(())) => sink.start(payload).map(|()| true),
        }
    }
}

/// A message that [`try_send`](MessageWebSocket::try_send) did not take (UWP has no such type).
///
/// # Examples
///
/// ```no_run
/// # fn run(error: websocket_anywhere::TrySendError) {
/// if error.is_full() {
///     println!("later, perhaps: {:?}", error.into_message());
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct TrySendError {
    message: Message,
    /// `None` if it is full.
    cause: Option<Error>,
}

impl TrySendError {
    /// Whether too much is unsent: later there may be room, as [`MessageWebSocket::send`] would wait for.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run(error: websocket_anywhere::TrySendError) {
    /// assert!(error.is_full() || error.error().is_some());
    /// # }
    /// ```
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.cause.is_none()
    }

    /// Why nothing can be sent, as [`MessageWebSocket::send`] would say; `None` if the socket is full.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run(error: websocket_anywhere::TrySendError) {
    /// if let Some(error) = error.error() {
    ///     println!("{:?}", error.kind());
    /// }
    /// # }
    /// ```
    #[must_use]
    pub const fn error(&self) -> Option<&Error> {
        self.cause.as_ref()
    }

    /// The message, as [`MessageWebSocket::try_send`] was given it.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(error: websocket_anywhere::TrySendError, mut socket: websocket_anywhere::MessageWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// socket.send(error.into_message()).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn into_message(self) -> Message {
        self.message
    }
}

impl fmt::Display for TrySendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_full() { "too much is unsent" } else { "the message cannot be sent" })
    }
}

/// Without the message, which may be long, or secret.
impl fmt::Debug for TrySendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrySendError").field("cause", &self.cause).finish_non_exhaustive()
    }
}

impl error::Error for TrySendError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.cause.as_ref().map(|error| error as _)
    }
}
