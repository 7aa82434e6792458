//! Sockets whose other side is the client (UWP: `ServerMessageWebSocket`, `ServerStreamWebSocket`).

mod accept;
mod answer;
mod control;
mod parse;
mod request;
mod response;
mod unmasked;

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    runtime::Handle,
};

use self::{accept::accept, unmasked::Unmasked};
pub use self::{answer::Answer, control::ServerControl, request::ServerRequest, response::ServerResponse};
use super::{
    Reader, Writer,
    dial::{Ends, Transport},
    no_runtime, start,
    upgrade::Upgraded,
};
use crate::{control::Control, error::Result, message::MessageWebSocket, protocol::Limits, stream::StreamWebSocket};

/// Makes [`MessageWebSocket`]s of connections from clients (UWP: `Windows.Networking.Sockets.ServerMessageWebSocket`).
///
/// What comes out is the same type as on the client's side, with the same rules. Only the wire differs: the client's frames
/// have to be masked, the server's are not (RFC 6455 section 5.1), and the server is the one to end TCP (section 7.1.1).
///
/// # Platform notes
///
/// Native only: a browser cannot be a server.
///
/// # Examples
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use websocket_anywhere::{ServerControl, ServerMessageWebSocket};
///
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:9000").await?;
/// let (tcp, _) = listener.accept().await?;
/// let mut socket = ServerMessageWebSocket::accept(tcp, ServerControl::new()).await?;
/// while let Some(message) = socket.receive().await? {
///     socket.send(message).await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ServerMessageWebSocket;

/// Makes [`StreamWebSocket`]s of connections from clients (UWP: `Windows.Networking.Sockets.ServerStreamWebSocket`).
///
/// # Platform notes
///
/// Native only, as [`ServerMessageWebSocket`].
///
/// # Examples
///
/// ```no_run
/// # async fn run(tcp: tokio::net::TcpStream) -> Result<(), Box<dyn std::error::Error>> {
/// use websocket_anywhere::{ServerControl, ServerStreamWebSocket};
///
/// let stream = ServerStreamWebSocket::accept(tcp, ServerControl::new()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ServerStreamWebSocket;

impl ServerMessageWebSocket {
    /// Reads a request, answers it as `control` says, and gives the connected socket (UWP:
    /// `DevicePortalConnection.GetServerMessageWebSocketForRequest`; RFC 6455 section 4.2).
    ///
    /// # Errors
    ///
    /// [`HttpStatus`](crate::ErrorKind::HttpStatus) with the status of the refusal, which was sent: that of the [`Answer`], or 400,
    /// 417, 426 or 431 to what is no opening handshake: another method than `GET` or another version than HTTP/1.1, bare line
    /// feeds, no `Host` or two, a target that is no path, a body (`Content-Length`, `Transfer-Encoding`), `Expect`, and whatever
    /// of RFC 6455 section 4.2.1 is missing, wrong or there twice. [`ConnectionAborted`](crate::ErrorKind::ConnectionAborted) if the
    /// transport ended, [`Timeout`](crate::ErrorKind::Timeout) if the request took longer than
    /// [`request_timeout`](ServerControl::request_timeout) or all of it longer than `connect_timeout`,
    /// [`NotSupported`](crate::ErrorKind::NotSupported), before anything is read, for a setting that a server has no use for;
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), [`NoRuntime`](crate::ErrorKind::NoRuntime).
    ///
    /// Whoever is refused gets an answer of HTTP, and time to read it: what it sends meanwhile is read and thrown away in the
    /// background, at most 1 MiB and for 2 s.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the transport.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(tcp: tokio::net::TcpStream) -> Result<(), websocket_anywhere::Error> {
    /// use websocket_anywhere::{Answer, ServerControl, ServerMessageWebSocket};
    ///
    /// let control = ServerControl::new().on_request(|request| match request.path() {
    ///     "/chat" => Answer::accept(),
    ///     _ => Answer::refuse(404),
    /// });
    /// let socket = ServerMessageWebSocket::accept(tcp, control).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn accept<T>(transport: T, control: ServerControl) -> Result<MessageWebSocket>
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (transport, early, response) = accept(transport, &control).await?;
        message_socket(transport, early, &response, &control)
    }

    /// The socket over a transport whose opening handshake a web server has made, with this response: that of
    /// [`ServerControl::respond`]. By HTTP/1.1 it is the connection, by HTTP/2 the stream of the request.
    ///
    /// # Errors
    ///
    /// [`HttpStatus`](crate::ErrorKind::HttpStatus) if the response is a refusal; as [`accept`](Self::accept) for the settings.
    ///
    /// # Examples
    ///
    /// The examples `hyper_server` and `axum_server` of this crate have all of it.
    ///
    /// ```no_run
    /// # fn run(upgraded: tokio::io::DuplexStream, request: websocket_anywhere::ServerRequest) -> Result<(), websocket_anywhere::Error> {
    /// use websocket_anywhere::{ServerControl, ServerMessageWebSocket};
    ///
    /// let control = ServerControl::new();
    /// let response = control.respond(&request);
    /// let socket = ServerMessageWebSocket::upgraded(upgraded, &response, &control)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn upgraded<T>(transport: T, response: &ServerResponse, control: &ServerControl) -> Result<MessageWebSocket>
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        message_socket(transport, BytesMut::new(), response, control)
    }
}

impl ServerStreamWebSocket {
    /// Reads a request, answers it as `control` says, and gives the connected stream, as [`ServerMessageWebSocket::accept`].
    ///
    /// # Errors
    ///
    /// As [`ServerMessageWebSocket::accept`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the transport.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(tcp: tokio::net::TcpStream) -> Result<(), websocket_anywhere::Error> {
    /// use websocket_anywhere::{ServerControl, ServerStreamWebSocket};
    ///
    /// let mut stream = ServerStreamWebSocket::accept(tcp, ServerControl::new()).await?;
    /// println!("{:?}", stream.read_chunk().await?);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn accept<T>(transport: T, control: ServerControl) -> Result<StreamWebSocket>
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (transport, early, response) = accept(transport, &control).await?;
        stream_socket(transport, early, &response, &control)
    }

    /// The stream over a transport whose opening handshake a web server has made, as [`ServerMessageWebSocket::upgraded`].
    ///
    /// # Errors
    ///
    /// As [`ServerMessageWebSocket::upgraded`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run(upgraded: tokio::io::DuplexStream, request: websocket_anywhere::ServerRequest) -> Result<(), websocket_anywhere::Error> {
    /// use websocket_anywhere::{ServerControl, ServerStreamWebSocket};
    ///
    /// let control = ServerControl::new();
    /// let stream = ServerStreamWebSocket::upgraded(upgraded, &control.respond(&request), &control)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn upgraded<T>(transport: T, response: &ServerResponse, control: &ServerControl) -> Result<StreamWebSocket>
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        stream_socket(transport, BytesMut::new(), response, control)
    }
}

fn message_socket<T>(
    transport: T,
    early: BytesMut,
    response: &ServerResponse,
    control: &ServerControl,
) -> Result<MessageWebSocket>
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let control = control.settings_of_sockets();
    let halves = open(transport, early, response, control, control.message_limits())?;
    Ok(MessageWebSocket::new(halves, control.message_modes()))
}

fn stream_socket<T>(
    transport: T,
    early: BytesMut,
    response: &ServerResponse,
    control: &ServerControl,
) -> Result<StreamWebSocket>
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let control = control.settings_of_sockets();
    Ok(StreamWebSocket::new(open(transport, early, response, control, control.stream_limits()?)?))
}

fn open<T>(
    transport: T,
    early: BytesMut,
    response: &ServerResponse,
    control: &Control,
    limits: Limits,
) -> Result<(Reader, Writer)>
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    control::check(control)?;
    if !response.is_accepted() {
        return Err(response.refused());
    }
    let runtime = Handle::try_current().map_err(|_| no_runtime())?;
    let extensions = response.headers().find(|(name, _)| *name == "sec-websocket-extensions");
    let extensions = extensions.map(|(_, value)| value.to_owned()).unwrap_or_default();
    let protocol = response.protocol().map(str::to_owned);
    let upgraded = Upgraded::by_client(protocol, extensions, response.compression());
    let (reader, writer) = tokio::io::split(transport);
    let transport = Transport { reader: Box::new(Unmasked::new(reader, early)), writer: Box::new(writer) };
    start(&runtime, transport, upgraded, control, limits, Ends::default())
}
