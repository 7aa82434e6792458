//! Sockets whose other side is the client (UWP: `ServerMessageWebSocket`, `ServerStreamWebSocket`).

mod accept;
mod answer;
mod control;
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
pub use self::{answer::Answer, control::ServerControl, request::ServerRequest, response::ServerResponse};
use super::{
    Reader, Writer,
    dial::{Ends, Transport},
    no_runtime, start,
    trace::Trace,
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
        let (transport, early, response, trace) = accepted(transport, &control).await?;
        message_socket(transport, early, &response, &control, trace)
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
        message_socket(transport, BytesMut::new(), response, control, Trace::server(control.peer()))
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
        let (transport, early, response, trace) = accepted(transport, &control).await?;
        stream_socket(transport, early, &response, &control, trace)
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
    let ends = Ends { remote: control.peer(), trace, ..Ends::default() };
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
    let ends = Ends { remote: control.peer(), trace, ..Ends::default() };
    let control = control.settings_of_sockets();
    Ok(StreamWebSocket::new(open(transport, early, response, control, control.stream_limits()?, ends)?))
}

fn open<T>(
    transport: T,
    early: BytesMut,
    response: &ServerResponse,
    control: &Control,
    limits: Limits,
    ends: Ends,
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
