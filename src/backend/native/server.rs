//! Sockets whose other side is the client (UWP: `ServerMessageWebSocket`, `ServerStreamWebSocket`).

mod accept;
mod control;
mod decision;
mod parse;
mod request;
mod response;
mod unmasked;

use std::any::Any;

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    runtime::Handle,
};

use self::{accept::accept, unmasked::Unmasked};
pub use self::{control::ServerControl, decision::ServerDecision, request::ServerRequest, response::ServerResponse};
use super::{
    Reader, Writer,
    dial::{Endpoints, Transport},
    no_runtime, start,
    trace::Trace,
    upgrade::Upgraded,
};
use crate::{control::Control, error::Result, message::MessageWebSocket, protocol::Limits, stream::StreamWebSocket};

/// Accepts WebSocket connections as [`MessageWebSocket`]s (UWP: `Windows.Networking.Sockets.ServerMessageWebSocket`).
///
/// The socket type and its rules are those of a client. Only the wire differs: frames from the client are masked, frames
/// from the server are not (RFC 6455 section 5.1), and the server closes the TCP connection first (section 7.1.1).
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

/// Accepts WebSocket connections as [`StreamWebSocket`]s (UWP: `Windows.Networking.Sockets.ServerStreamWebSocket`).
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
    /// Reads the request of the opening handshake, answers it as `control` decides, and returns the connected socket (UWP:
    /// `DevicePortalConnection.GetServerMessageWebSocketForRequest`; RFC 6455 section 4.2).
    ///
    /// # Errors
    ///
    /// [`HttpStatus`](crate::ErrorKind::HttpStatus) with the status of the refusal that was sent: that of the [`ServerDecision`], or
    /// 400, 417, 426 or 431 for a request that is not an opening handshake: another method than `GET`, another version than
    /// HTTP/1.1, bare line feeds, a missing or repeated `Host`, a target that is not a path, a body (`Content-Length`,
    /// `Transfer-Encoding`), `Expect`, or a header of RFC 6455 section 4.2.1 that is missing, invalid or repeated.
    ///
    /// [`ConnectionAborted`](crate::ErrorKind::ConnectionAborted) if the transport ended;
    /// [`Timeout`](crate::ErrorKind::Timeout) if the request took longer than
    /// [`request_timeout`](ServerControl::request_timeout) or the whole handshake longer than `connect_timeout`; before
    /// anything is read, [`NotSupported`](crate::ErrorKind::NotSupported) for a setting that does not apply to servers,
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) and [`NoRuntime`](crate::ErrorKind::NoRuntime).
    ///
    /// A refused client gets an HTTP response. To let the client read it, the transport is kept open in the background, and
    /// what the client sends is discarded, for at most 1 MiB and 2 s.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the transport.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(tcp: tokio::net::TcpStream) -> Result<(), websocket_anywhere::Error> {
    /// use websocket_anywhere::{ServerControl, ServerDecision, ServerMessageWebSocket};
    ///
    /// let control = ServerControl::new().on_request(|request| match request.path() {
    ///     "/chat" => ServerDecision::accept(),
    ///     _ => ServerDecision::refuse(404),
    /// });
    /// let socket = ServerMessageWebSocket::accept(tcp, control).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn accept<T>(transport: T, control: ServerControl) -> Result<MessageWebSocket>
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (transport, early, response, trace) = accepted(transport, &control).await?;
        message_socket(transport, early, &response, &control, trace)
    }

    /// Creates the socket over a transport on which a web server has completed the opening handshake with this response,
    /// made by [`ServerControl::respond`]. With HTTP/1.1 the transport is the connection, with HTTP/2 the stream of the
    /// request.
    ///
    /// # Errors
    ///
    /// [`HttpStatus`](crate::ErrorKind::HttpStatus) if the response is a refusal; those of [`accept`](Self::accept) about
    /// settings.
    ///
    /// # Examples
    ///
    /// The examples `hyper_server` and `axum_server` of this crate are complete programs.
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
        message_socket(transport, BytesMut::new(), response, control, Trace::server(control.peer()))
    }
}

impl ServerStreamWebSocket {
    /// Reads the request of the opening handshake, answers it as `control` decides, and returns the connected stream, as
    /// [`ServerMessageWebSocket::accept`].
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
        let (transport, early, response, trace) = accepted(transport, &control).await?;
        stream_socket(transport, early, &response, &control, trace)
    }

    /// Creates the stream over a transport on which a web server has completed the opening handshake, as
    /// [`ServerMessageWebSocket::upgraded`].
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
        stream_socket(transport, BytesMut::new(), response, control, Trace::server(control.peer()))
    }
}

/// Accepts, and gives the name under which that was told.
async fn accepted<T>(transport: T, control: &ServerControl) -> Result<(T, BytesMut, ServerResponse, Trace)>
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let trace = Trace::server(control.peer());
    let (transport, early, response) =
        trace.follow(accept(transport, control)).await.inspect_err(|error| trace.refused(error))?;
    Ok((transport, early, response, trace))
}

fn message_socket<T>(
    transport: T,
    early: BytesMut,
    response: &ServerResponse,
    control: &ServerControl,
    trace: Trace,
) -> Result<MessageWebSocket>
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let ends = Endpoints { remote: control.peer(), trace, ..Endpoints::default() };
    let control = control.settings_of_sockets();
    let halves = open(transport, early, response, control, control.message_limits(), ends)?;
    Ok(MessageWebSocket::new(halves, control.message_modes()))
}

fn stream_socket<T>(
    transport: T,
    early: BytesMut,
    response: &ServerResponse,
    control: &ServerControl,
    trace: Trace,
) -> Result<StreamWebSocket>
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let ends = Endpoints { remote: control.peer(), trace, ..Endpoints::default() };
    let control = control.settings_of_sockets();
    Ok(StreamWebSocket::new(open(transport, early, response, control, control.stream_limits()?, ends)?))
}

fn open<T>(
    transport: T,
    early: BytesMut,
    response: &ServerResponse,
    control: &Control,
    limits: Limits,
    ends: Endpoints,
) -> Result<(Reader, Writer)>
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    control::check(control)?;
    if !response.is_accepted() {
        return Err(response.refused());
    }
    let runtime = Handle::try_current().map_err(|_| no_runtime())?;
    let extensions = response.header("sec-websocket-extensions").unwrap_or_default().to_owned();
    let protocol = response.protocol().map(str::to_owned);
    let upgraded = Upgraded::by_client(protocol, extensions, response.compression());
    let transport = apart(transport, early);
    start(&runtime, transport, upgraded, control, limits, ends)
}

/// The two directions of a transport. Those of TCP need no lock, and the system tells how much of what was sent has not arrived.
fn apart<T>(transport: T, early: BytesMut) -> Transport
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let mut transport = Some(transport);
    let tcp = (&mut transport as &mut dyn Any).downcast_mut::<Option<TcpStream>>().and_then(Option::take);
    if let Some(tcp) = tcp {
        let (reader, writer) = tcp.into_split();
        return Transport { reader: Box::new(Unmasked::new(reader, early)), writer: Box::new(writer) };
    }
    let (reader, writer) = tokio::io::split(transport.expect("only TCP was taken"));
    Transport { reader: Box::new(Unmasked::new(reader, early)), writer: Box::new(writer) }
}
