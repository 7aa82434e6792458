//! Pings that a program sends by itself, to measure the way to its peer.

use std::time::Duration;

use crate::{
    backend::Sink as _,
    error::Result,
    message::{MessageSender, MessageWebSocket},
    stream::{OutputStream, StreamWebSocket},
};

impl MessageWebSocket {
    /// Sends a ping and gives the time until its pong came (RFC 6455 sections 5.5.2 and 5.5.3; UWP has no such member).
    ///
    /// The future does not borrow the socket: it can be awaited beside a receive, several can wait at once, and those that wait
    /// while one ping has not left share that one. Nobody need receive meanwhile, as long as less than
    /// [`inbound_buffer_size`](crate::Control::inbound_buffer_size) is unread. The time includes what was sent before and
    /// still has to leave. The payloads of pings and pongs stay hidden.
    ///
    /// It waits as long as the connection is open. A peer that is silent ends it by
    /// [`receive_timeout`](crate::Control::receive_timeout), one that talks and answers no pings does not: for that,
    /// a program has timeouts of its own. Connections are watched by pings anyhow;
    /// [`last_round_trip_time`](crate::Information::last_round_trip_time) has what those have measured.
    ///
    /// # Errors
    ///
    /// [`Closed`](crate::ErrorKind::Closed) once a close has started on either side,
    /// [`ConnectionAborted`](crate::ErrorKind::ConnectionAborted), [`Timeout`](crate::ErrorKind::Timeout) or what else has
    /// failed the connection; [`NotSupported`](crate::ErrorKind::NotSupported) in a browser.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: a ping that was sent is answered, and nobody is told.
    ///
    /// # Platform notes
    ///
    /// Native only: no script can send a ping.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(socket: websocket_anywhere::MessageWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// println!("{:?} there and back", socket.ping().await?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn ping(&self) -> impl Future<Output = Result<Duration>> + use<> {
        self.sender.ping()
    }
}

impl MessageSender {
    /// Sends a ping and gives the time until its pong came, as [`MessageWebSocket::ping`].
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::ping`].
    ///
    /// # Cancel safety
    ///
    /// As [`MessageWebSocket::ping`].
    ///
    /// # Platform notes
    ///
    /// Native only, as [`MessageWebSocket::ping`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(sender: websocket_anywhere::MessageSender) -> Result<(), websocket_anywhere::Error> {
    /// println!("{:?} there and back", sender.ping().await?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn ping(&self) -> impl Future<Output = Result<Duration>> + use<> {
        self.sink.ping()
    }
}

impl StreamWebSocket {
    /// Sends a ping and gives the time until its pong came, as [`MessageWebSocket::ping`].
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::ping`].
    ///
    /// # Cancel safety
    ///
    /// As [`MessageWebSocket::ping`].
    ///
    /// # Platform notes
    ///
    /// Native only, as [`MessageWebSocket::ping`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(stream: websocket_anywhere::StreamWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// println!("{:?} there and back", stream.ping().await?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn ping(&self) -> impl Future<Output = Result<Duration>> + use<> {
        self.output.ping()
    }
}

impl OutputStream {
    /// Sends a ping and gives the time until its pong came, as [`MessageWebSocket::ping`].
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::ping`].
    ///
    /// # Cancel safety
    ///
    /// As [`MessageWebSocket::ping`].
    ///
    /// # Platform notes
    ///
    /// Native only, as [`MessageWebSocket::ping`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(output: websocket_anywhere::OutputStream) -> Result<(), websocket_anywhere::Error> {
    /// println!("{:?} there and back", output.ping().await?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn ping(&self) -> impl Future<Output = Result<Duration>> + use<> {
        self.sink.ping()
    }
}
