//! The opening handshake, by tungstenite: RFC 6455 section 4.

use std::{
    error, io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::{
    client_async_with_config,
    tungstenite::{
        self,
        client::IntoClientRequest,
        error::ProtocolError,
        handshake::client::{Request, Response},
        http::{HeaderValue, header},
        protocol::WebSocketConfig,
    },
};

use crate::{
    compression::Compression,
    control::Control,
    error::{Error, ErrorKind, Result},
    protocol::{
        Decoder, Limits,
        deflate::{self, Agreement, Deflater},
    },
};

/// What the opening handshake left.
pub(super) struct Upgraded {
    /// The first frames, if they came together with the response.
    pub(super) early: BytesMut,
    /// The subprotocol that the server chose.
    pub(super) protocol: Option<String>,
    /// The extensions in the server's words; empty if none.
    pub(super) extensions: String,
    /// How messages are compressed, if they are.
    compression: Option<Agreement>,
}

impl Upgraded {
    /// What reads the server's frames.
    pub(super) fn decoder(&self, limits: Limits) -> Decoder {
        let decoder = Decoder::new(limits);
        match &self.compression {
            Some(agreement) => decoder.inflating(agreement.inflater()),
            None => decoder,
        }
    }

    /// What compresses the client's messages, if they are compressed.
    pub(super) fn deflater(&self) -> Option<Box<Deflater>> {
        self.compression.as_ref().and_then(Agreement::deflater)
    }
}

/// Makes the opening handshake on a fresh transport and gives the transport back.
pub(super) async fn upgrade<S>(transport: S, url: &str, control: &Control) -> Result<(S, Upgraded)>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let request = request(url, control)?;
    // Its engine is not used, only its handshake: the smallest buffers will do.
    let config = WebSocketConfig::default().read_buffer_size(0).write_buffer_size(0);
    let head = Head { transport, early: BytesMut::new(), has_begun: false, line_ends: 0 };
    let (socket, response) = client_async_with_config(request, head, Some(config)).await.map_err(refused)?;
    let Head { transport, early, .. } = socket.into_inner();
    let extensions = extensions(&response)?;
    let compression = compression(extensions.as_deref(), control.compression.as_ref())?;
    let protocol = protocol(&response);
    Ok((transport, Upgraded { early, protocol, extensions: extensions.unwrap_or_default(), compression }))
}

fn request(url: &str, control: &Control) -> Result<Request> {
    let invalid = |error| Error::with_source(ErrorKind::InvalidUrl, "not a WebSocket URL", error);
    let mut request = url.into_client_request().map_err(invalid)?;
    if !control.supported_protocols.is_empty() {
        let offer = HeaderValue::from_str(&control.supported_protocols.join(", "));
        let offer = offer.map_err(|error| Error::with_source(ErrorKind::InvalidArgument, "bad subprotocol", error))?;
        request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, offer);
    }
    if let Some(compression) = &control.compression {
        let offer = HeaderValue::try_from(deflate::offer(compression)).expect("an offer is made of tokens");
        request.headers_mut().insert(header::SEC_WEBSOCKET_EXTENSIONS, offer);
    }
    Ok(request)
}

/// The server's choice of a subprotocol, which tungstenite has checked.
fn protocol(response: &Response) -> Option<String> {
    let protocol = response.headers().get(header::SEC_WEBSOCKET_PROTOCOL);
    protocol.and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// The extensions of the response, which may stand in several headers (RFC 6455 section 9.1); `None` without any header.
fn extensions(response: &Response) -> Result<Option<String>> {
    let values = response.headers().get_all(header::SEC_WEBSOCKET_EXTENSIONS).iter().map(HeaderValue::to_str);
    let values = values.collect::<Result<Vec<_>, _>>().map_err(bad_extensions)?;
    Ok(if values.is_empty() { None } else { Some(values.join(", ")) })
}

/// Checks the extensions, which tungstenite does not.
fn compression(extensions: Option<&str>, offered: Option<&Compression>) -> Result<Option<Agreement>> {
    match (extensions, offered) {
        (None, _) => Ok(None),
        (Some(extensions), Some(offered)) => Agreement::parse(extensions, offered).map(Some).map_err(bad_extensions),
        // "If this header field indicates the use of an extension that was not present in the client's handshake [...] the
        // client MUST fail the connection" (section 4.1).
        (Some(_), None) => {
            Err(Error::new(ErrorKind::InvalidResponse, "the server uses an extension that was not offered"))
        }
    }
}

fn bad_extensions(error: impl error::Error + Send + Sync + 'static) -> Error {
    Error::with_source(ErrorKind::InvalidResponse, "the server's choice of extensions was refused", error)
}

fn refused(error: tungstenite::Error) -> Error {
    match error {
        tungstenite::Error::Http(response) => {
            let status = response.status();
            Error::new(ErrorKind::HttpStatus(status.as_u16()), format!("the server refused the upgrade: {status}"))
        }
        tungstenite::Error::Io(_) | tungstenite::Error::Protocol(ProtocolError::HandshakeIncomplete) => {
            Error::with_source(ErrorKind::CannotConnect, "the server ended the connection before the upgrade", error)
        }
        error => Error::with_source(ErrorKind::InvalidResponse, "the server's answer is not an upgrade", error),
    }
}

/// Shows tungstenite the head of the response and keeps what follows it: those are the first frames.
///
/// tungstenite alone would keep them inside the WebSocket that it makes, out of reach.
struct Head<S> {
    transport: S,
    early: BytesMut,
    /// Whether there was anything but empty lines, which may come before the head.
    has_begun: bool,
    /// How many line ends in a row came last; two end the head.
    line_ends: u8,
}

impl<S> Head<S> {
    /// How many of the `bytes` belong to the head.
    fn scan(&mut self, bytes: &[u8]) -> usize {
        for (index, byte) in bytes.iter().enumerate() {
            match byte {
                b'\n' if self.has_begun => self.line_ends += 1,
                b'\r' | b'\n' => {}
                _ => (self.has_begun, self.line_ends) = (true, 0),
            }
            if self.line_ends == 2 {
                return index + 1;
            }
        }
        bytes.len()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Head<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.line_ends == 2 {
            // Whoever wants more of the head will not get what follows it.
            return Poll::Ready(Ok(()));
        }
        let mut space = [0; READ_SIZE];
        let size = READ_SIZE.min(buf.remaining());
        let mut read = ReadBuf::new(&mut space[..size]);
        ready!(Pin::new(&mut this.transport).poll_read(cx, &mut read))?;
        let (head, early) = read.filled().split_at(this.scan(read.filled()));
        buf.put_slice(head);
        this.early.extend_from_slice(early);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Head<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().transport).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().transport).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().transport).poll_shutdown(cx)
    }
}

/// How much of the response is read at once.
const READ_SIZE: usize = 4096;
