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
    /// Two sockets that are connected to each other in memory, without a server and a network: for tests.
    ///
    /// What one sends, the other receives; both behave as over a network, limits, closing, back-pressure and timeouts
    /// included. The settings are for both; the first subprotocol that they offer is that of both, and nothing is
    /// compressed. For a peer that a test directs, and that stalls or vanishes, there is `test_util` (feature `test-util`).
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if a setting is invalid,
    /// [`NotSupported`](crate::ErrorKind::NotSupported) if one is about what is not there, a request or TLS, and
    /// natively [`NoRuntime`](crate::ErrorKind::NoRuntime) outside a tokio runtime.
    ///
    /// # Platform notes
    ///
    /// Natively both speak RFC 6455 over a pipe, and on tokio's paused clock nothing of it takes time. In a browser, and in
    /// Node, messages go from one to the other in turns of the event loop; both always wait for each other, as with
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
    /// Two streams that are connected to each other in memory, without a server and a network: for tests.
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
