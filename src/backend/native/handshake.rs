//! Sockets over a transport that the program brings: Unix sockets, tunnels, pipes in memory.

use tokio::{
    io::{AsyncRead, AsyncWrite},
    runtime::Handle,
};
use url::Url;

use super::{
    Reader, Writer,
    credentials::take_user_info,
    dial::{Dialled, Endpoints, Opaque, Stage, Transport, after, dial_over},
    no_runtime, start,
    trace::Trace,
    upgrade::{Upgraded, map_subprotocol_error, upgrade},
};
use crate::{
    address::Address,
    control::{ConnectionKind, Control},
    error::Result,
    message::MessageWebSocket,
    protocol::Limits,
    stream::StreamWebSocket,
};

impl MessageWebSocket {
    /// Performs the opening handshake over a connected transport, such as a Unix socket, a tunnel or an in-memory pipe.
    ///
    /// The URL determines the request and its header `Host`; no name is resolved and no connection is opened. The transport
    /// is used as it is: for a `wss` URL it must already be encrypted, or use
    /// [`handshake_with_tls`](Self::handshake_with_tls).
    ///
    /// # Errors
    ///
    /// As [`connect_with`](Self::connect_with), without the errors of name lookup, TCP and TLS. A setting of the [`Control`]
    /// about these fails with [`NotSupported`](crate::ErrorKind::NotSupported), and the error names the setting; nothing is
    /// sent then. [`CannotConnect`](crate::ErrorKind::CannotConnect) if the transport ends before the response,
    /// [`Timeout`](crate::ErrorKind::Timeout) after `connect_timeout`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the attempt and drops the transport.
    ///
    /// # Platform notes
    ///
    /// Native only: a browser connects by itself. [`Information`](crate::Information) has no addresses. Must be called in a
    /// tokio runtime, which drives the socket.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// use websocket_anywhere::{Control, MessageWebSocket};
    ///
    /// let tcp = tokio::net::TcpStream::connect("127.0.0.1:9000").await?;
    /// let mut socket = MessageWebSocket::handshake(tcp, "ws://example.com/chat", Control::new()).await?;
    /// socket.send("Hello, World!").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn handshake<T>(transport: T, url: &str, control: Control) -> Result<Self>
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (limits, modes) = (control.message_limits(), control.message_modes());
        Ok(Self::new(handshake(transport, url, control, limits).await?, modes))
    }

    /// Performs the TLS handshake, if the URL is `wss`, and then the opening handshake over a connected transport.
    ///
    /// The host of the URL is the server name of TLS, and the settings about certificates apply. [`Control::dialer`] is for
    /// programs that supply a new transport for each connection, for example with [`Reconnect`](crate::Reconnect).
    ///
    /// # Errors
    ///
    /// As [`handshake`](Self::handshake), and for `wss` the `Certificate..` kinds and [`Tls`](crate::ErrorKind::Tls).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the attempt and drops the transport.
    ///
    /// # Platform notes
    ///
    /// As [`handshake`](Self::handshake).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(tunnel: tokio::io::DuplexStream) -> Result<(), websocket_anywhere::Error> {
    /// use websocket_anywhere::{Control, MessageWebSocket};
    ///
    /// let mut socket = MessageWebSocket::handshake_with_tls(tunnel, "wss://example.com/chat", Control::new()).await?;
    /// socket.send("Hello, World!").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn handshake_with_tls<T>(transport: T, url: &str, control: Control) -> Result<Self>
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (limits, modes) = (control.message_limits(), control.message_modes());
        Ok(Self::new(handshake_with_tls(Opaque::new(transport), url, control, limits).await?, modes))
    }
}

impl StreamWebSocket {
    /// Performs the opening handshake over a connected transport, as [`MessageWebSocket::handshake`].
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::handshake`].
    ///
    /// # Cancel safety
    ///
    /// As [`MessageWebSocket::handshake`].
    ///
    /// # Platform notes
    ///
    /// As [`MessageWebSocket::handshake`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(tunnel: tokio::io::DuplexStream) -> Result<(), websocket_anywhere::Error> {
    /// use websocket_anywhere::{Control, StreamWebSocket};
    ///
    /// let stream = StreamWebSocket::handshake(tunnel, "ws://example.com/upload", Control::new()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn handshake<T>(transport: T, url: &str, control: Control) -> Result<Self>
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let limits = control.stream_limits()?;
        Ok(Self::new(handshake(transport, url, control, limits).await?))
    }

    /// Performs the TLS handshake, if the URL is `wss`, and then the opening handshake over a connected transport, as
    /// [`MessageWebSocket::handshake_with_tls`].
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::handshake_with_tls`].
    ///
    /// # Cancel safety
    ///
    /// As [`MessageWebSocket::handshake`].
    ///
    /// # Platform notes
    ///
    /// As [`MessageWebSocket::handshake`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(tunnel: tokio::io::DuplexStream) -> Result<(), websocket_anywhere::Error> {
    /// use websocket_anywhere::{Control, StreamWebSocket};
    ///
    /// let stream = StreamWebSocket::handshake_with_tls(tunnel, "wss://example.com/upload", Control::new()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn handshake_with_tls<T>(transport: T, url: &str, control: Control) -> Result<Self>
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let limits = control.stream_limits()?;
        Ok(Self::new(handshake_with_tls(Opaque::new(transport), url, control, limits).await?))
    }
}

async fn handshake<T>(transport: T, url: &str, mut control: Control, limits: Limits) -> Result<(Reader, Writer)>
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (runtime, url) = prepare(url, &mut control, ConnectionKind::OwnTransport)?;
    let end = after(control.one_attempt());
    let trace = Trace::client(&url);
    let upgrading = trace.follow(Stage::Handshake.until(end, upgrade(transport, &url, &control, end)));
    let upgraded = upgrading.await.map_err(map_subprotocol_error);
    let (transport, upgraded): (T, Upgraded) = upgraded.inspect_err(|error| trace.refused(error))?;
    let transport = Transport::of(transport);
    let ends = Endpoints { url: Some(url.into()), trace, ..Endpoints::default() };
    start(&runtime, transport, upgraded, &control, limits, ends)
}

async fn handshake_with_tls(
    transport: Opaque,
    url: &str,
    mut control: Control,
    limits: Limits,
) -> Result<(Reader, Writer)> {
    let (runtime, url) = prepare(url, &mut control, ConnectionKind::OwnTransportBelowTls)?;
    let end = after(control.one_attempt());
    let trace = Trace::client(&url);
    let dialled = trace.follow(dial_over(&url, &control, transport, end)).await.map_err(map_subprotocol_error);
    let Dialled { transport, upgraded, ends } = dialled.inspect_err(|error| trace.refused(error))?;
    let ends = Endpoints { url: Some(url.into()), trace, ..ends };
    start(&runtime, transport, upgraded, &control, limits, ends)
}

/// Refuses what cannot be done over a transport of the program's own, before anything is sent.
fn prepare(url: &str, control: &mut Control, kind: ConnectionKind) -> Result<(Handle, Url)> {
    let address = Address::parse(url)?;
    control.check()?;
    control.check_supported(kind)?;
    let runtime = Handle::try_current().map_err(|_| no_runtime())?;
    Ok((runtime, take_user_info(&address, control)?))
}
