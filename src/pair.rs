//! Two sockets that are connected to each other in memory, for the tests of programs.

use crate::{
    backend::{self, Line, Reader, Writer},
    control::Control,
    error::Result,
    message::MessageWebSocket,
    protocol::Limits,
    stream::StreamWebSocket,
};

impl MessageWebSocket {
    /// Creates two sockets that are connected to each other in memory, for tests without a server.
    ///
    /// Each socket receives what the other sends. Both behave as over a network, including limits, closing, back-pressure
    /// and timeouts. The settings apply to both; the first subprotocol that they offer is chosen, and nothing is compressed.
    /// The module `test_util` (feature `test-util`) has a scripted peer that can stall or vanish.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if a setting is invalid,
    /// [`NotSupported`](crate::ErrorKind::NotSupported) if a setting is about a request or TLS, which a pair does not have,
    /// and natively [`NoRuntime`](crate::ErrorKind::NoRuntime) outside a tokio runtime.
    ///
    /// # Platform notes
    ///
    /// Natively both sockets use RFC 6455 over an in-memory pipe, and work with tokio's paused clock. In a browser, and in
    /// Node, messages are passed in turns of the event loop; both sides have back-pressure, as with
    /// [`Control::backpressure`], and [`Information::backend`](crate::Information::backend) is
    /// [`Memory`](crate::Backend::Memory).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Control, MessageWebSocket};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), websocket_anywhere::Error> {
    /// let (mut client, mut server) = MessageWebSocket::pair(Control::new())?;
    /// client.send("ping").await?;
    /// assert_eq!(server.receive().await?.unwrap().as_text(), Some("ping"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn pair(control: Control) -> Result<(Self, Self)> {
        let limits = control.message_limits();
        let ([socket, other], _) = open(&control, [limits; 2])?;
        let modes = control.message_modes();
        Ok((Self::new(socket, modes), Self::new(other, modes)))
    }
}

impl StreamWebSocket {
    /// Creates two streams that are connected to each other in memory, for tests without a server.
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::pair`].
    ///
    /// # Platform notes
    ///
    /// As [`MessageWebSocket::pair`].
    ///
    /// # Examples
    ///
    /// ```
    /// use tokio::io::AsyncWriteExt;
    /// use websocket_anywhere::{Control, StreamWebSocket};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (mut client, mut server) = StreamWebSocket::pair(Control::new())?;
    /// client.write_all(b"bytes").await?;
    /// assert_eq!(server.read_chunk().await?.unwrap(), &b"bytes"[..]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn pair(control: Control) -> Result<(Self, Self)> {
        let ([socket, other], _) = open(&control, [control.stream_limits()?; 2])?;
        Ok((Self::new(socket), Self::new(other)))
    }
}

/// Two connections with their own limits, and the line between them.
pub(crate) fn open(control: &Control, limits: [Limits; 2]) -> Result<([(Reader, Writer); 2], Line)> {
    control.check()?;
    backend::pair(control, limits)
}
