//! Many messages and one flush.

use std::{
    future::{Future, poll_fn},
    task::{Context, Poll, ready},
};

use super::{MessageSender, MessageWebSocket, Payload};
use crate::{backend::Sink as _, error::Result};

impl MessageWebSocket {
    /// Queues one message without writing it at once: the cheapest way to send many small messages (UWP: several
    /// `WriteBytes` and one `StoreAsync`).
    ///
    /// The message is written with the next [`flush`](Self::flush) or [`send`](Self::send), or soon after in the background.
    /// `feed` waits as `send` does. It does what `feed` of a [`Sink`](futures::Sink) does, but text and bytes may be
    /// borrowed.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: if the future is dropped before it is ready, nothing of the message is sent.
    ///
    /// # Platform notes
    ///
    /// In a browser it is the same as `send`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut socket: websocket_anywhere::MessageWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// for position in ["1,2", "1,3", "2,3"] {
    ///     socket.feed(position).await?;
    /// }
    /// socket.flush().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn feed<'a>(&mut self, message: impl Into<Payload<'a>>) -> impl Future<Output = Result<()>> {
        self.sender.feed(message)
    }
}

impl MessageSender {
    /// Queues one message without writing it at once, as [`MessageWebSocket::feed`].
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::feed`].
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: if the future is dropped before it is ready, nothing of the message is sent.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut sender: websocket_anywhere::MessageSender) -> Result<(), websocket_anywhere::Error> {
    /// sender.feed("first").await?;
    /// sender.send("second").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn feed<'a>(&mut self, message: impl Into<Payload<'a>>) -> impl Future<Output = Result<()>> {
        let payload = message.into();
        poll_fn(move |cx| self.poll_feed(&payload, cx))
    }

    /// Waits until a whole message may be sent, and takes it.
    #[inline]
    fn poll_feed(&mut self, payload: &Payload<'_>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let sink = self.whole_sink()?;
        ready!(sink.poll_ready_for(payload.as_bytes().len(), cx))?;
        Poll::Ready(sink.feed(payload))
    }
}
