//! Pings that a program sends by itself, to measure the way to its peer.

use std::time::Duration;

use crate::{
    backend::Sink as _,
    error::Result,
    message::{MessageSender, MessageWebSocket},
    stream::{OutputStream, StreamWebSocket},
};

impl MessageWebSocket {
    /// Sends a ping and returns the time until the pong arrived (RFC 6455 sections 5.5.2 and 5.5.3).
    ///
    /// The future does not borrow the socket, so it can be awaited together with a receive. Several can wait at the same
    /// time; those that start while a ping is queued share it. The program need not receive meanwhile, as long as less than
    /// [`inbound_buffer_size`](crate::Control::inbound_buffer_size) is unread. The time includes the sending of data that
    /// were queued before. The payloads of pings and pongs are not exposed.
    ///
    /// It waits as long as the connection is open. [`receive_timeout`](crate::Control::receive_timeout) ends the connection
    /// to a silent peer; for a peer that sends data but does not answer pings, use a timeout of your own. The socket also
    /// sends pings by itself; [`last_round_trip_time`](crate::Information::last_round_trip_time) is what they measured.
    ///
    /// # Errors
    ///
    /// [`Closed`](crate::ErrorKind::Closed) once either side has started to close;
    /// [`ConnectionAborted`](crate::ErrorKind::ConnectionAborted), [`Timeout`](crate::ErrorKind::Timeout) or another error
    /// that has failed the connection; [`NotSupported`](crate::ErrorKind::NotSupported) in a browser.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: the answer to a ping that was sent is ignored.
    ///
    /// # Platform notes
    ///
    /// Native only: scripts in a browser cannot send pings.
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
    /// Sends a ping and returns the time until the pong arrived, as [`MessageWebSocket::ping`].
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
    /// Sends a ping and returns the time until the pong arrived, as [`MessageWebSocket::ping`].
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
    /// Sends a ping and returns the time until the pong arrived, as [`MessageWebSocket::ping`].
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
