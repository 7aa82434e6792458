//! Many messages and one flush.

use std::{
    future::{Future, poll_fn},
    task::{Context, Poll, ready},
};

use super::{MessageSender, MessageWebSocket, Payload};
use crate::{backend::Sink as _, error::Result};

impl MessageWebSocket {
    /// Sends one message that need not leave before those that follow: the cheapest way to send many small ones (UWP: several
    /// `WriteBytes` and one `StoreAsync`).
    ///
    /// It leaves with the next [`flush`](Self::flush) or [`send`](Self::send), or by itself soon after. It waits as `send` does.
    /// This is what a [`Sink`](futures::Sink) does with a [`Message`](crate::Message), but text and bytes may stay borrowed.
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
    /// Sends one message that need not leave before those that follow, as [`MessageWebSocket::feed`].
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
