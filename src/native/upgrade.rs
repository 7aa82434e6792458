//! The opening handshake, by tungstenite: RFC 6455 section 4.

use std::{error, time::Duration};

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::Instant,
};
use tokio_tungstenite::{
    client_async_with_config,
    tungstenite::{
        self,
        client::IntoClientRequest,
        error::{ProtocolError, SubProtocolError},
        handshake::client::{Request, Response},
        http::{self, HeaderMap, HeaderName, HeaderValue, header},
        protocol::WebSocketConfig,
    },
};
use url::{Position, Url};

use super::{credentials::Login, head::Head};
use crate::{
    compression::Compression,
    control::{Control, RequestHeader},
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
    /// From the request to the head of the response, if there was one.
    pub(super) round_trip: Option<Duration>,
    /// How messages are compressed, if they are.
    compression: Option<Agreement>,
    /// Whether the other side is the client.
    pub(super) is_server: bool,
}

impl Upgraded {
    /// What there is between two that need not shake hands.
    pub(super) fn without_handshake(protocol: Option<String>) -> Self {
        Self {
            early: BytesMut::new(),
            protocol,
            extensions: String::new(),
            round_trip: None,
            compression: None,
            is_server: false,
        }
    }

    /// What is left once a client has been answered: it is asked for nothing but the subprotocol.
    pub(super) fn by_client(protocol: Option<String>) -> Self {
        Self { is_server: true, ..Self::without_handshake(protocol) }
    }

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
pub(super) async fn upgrade<S>(transport: S, url: &Url, control: &Control) -> Result<(S, Upgraded)>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut login = Login::new(control.extras().server_credential.as_ref());
    let mut head = Head::new(transport);
    let target = &url[Position::BeforePath..Position::AfterQuery];
    let mut challenge = None;
    let (response, round_trip) = loop {
        let mut request = request(url.as_str(), control)?;
        login.sign(&mut request)?;
        // Its engine is not used, only its handshake: the smallest buffers will do.
        let config = WebSocketConfig::default().read_buffer_size(0).write_buffer_size(0);
        let sent = Instant::now();
        match (client_async_with_config(request, &mut head, Some(config)).await.map_err(Refusal::from), &challenge) {
            (Ok((_, response)), _) => break (response, Some(sent.elapsed())),
            (Err(Refusal::Http(response)), _) if login.answer(&response, target) => {
                if !head.discard_body(&response).await {
                    return Err(login.needs_fresh_connection(&http_error(&response)));
                }
                challenge = Some(response);
            }
            // A server may end the connection of its challenge without saying so.
            (Err(Refusal::Lost(_)), Some(challenge)) => {
                return Err(login.needs_fresh_connection(&http_error(challenge)));
            }
            (Err(refusal), _) => return Err(refusal.into()),
        }
    };
    let Head { transport, early, .. } = head;
    let extensions = extensions(&response)?;
    let compression = compression(extensions.as_deref(), control.compression.as_ref())?;
    let protocol = protocol(&response)?;
    let extensions = extensions.unwrap_or_default();
    Ok((transport, Upgraded { early, protocol, extensions, round_trip, compression, is_server: false }))
}

fn request(url: &str, control: &Control) -> Result<Request> {
    let invalid = |error| Error::with_source(ErrorKind::InvalidUrl, "not a WebSocket URL", error);
    let mut request = url.into_client_request().map_err(invalid)?;
    let headers = request.headers_mut();
    let extras = control.extras();
    if !extras.supported_protocols.is_empty() {
        let offer = HeaderValue::from_str(&extras.supported_protocols.join(", "));
        let offer = offer.map_err(|error| Error::with_source(ErrorKind::InvalidArgument, "bad subprotocol", error))?;
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, offer);
    }
    if let Some(compression) = &control.compression {
        let offer = HeaderValue::try_from(deflate::offer(compression)).expect("an offer is made of tokens");
        headers.insert(header::SEC_WEBSOCKET_EXTENSIONS, offer);
    }
    for header in &extras.request_headers {
        add_header(headers, header)
            .map_err(|error| Error::with_source(ErrorKind::InvalidArgument, "bad request header", error))?;
    }
    Ok(request)
}

fn add_header(headers: &mut HeaderMap, RequestHeader { name, value }: &RequestHeader) -> Result<(), http::Error> {
    headers.try_append(HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_bytes(value.as_bytes())?)?;
    Ok(())
}

/// Tells a disagreement about subprotocols as browsers do, which fail to connect and keep the reason to themselves. It is
/// for those who have no other address to try: until then it is a server that has answered.
pub(super) fn like_a_browser(error: Error) -> Error {
    use tungstenite::Error::Protocol;
    let cause = error::Error::source(&error).and_then(|source| source.downcast_ref());
    let Some(Protocol(ProtocolError::SecWebSocketSubProtocolError(disagreement))) = cause else { return error };
    let message = "the server did not choose one of the subprotocols that were offered";
    Error::with_source(ErrorKind::CannotConnect, message, *disagreement)
}

/// The server's choice of a subprotocol, which tungstenite has checked if it is one.
fn protocol(response: &Response) -> Result<Option<String>> {
    let mut choices = response.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    let choice = choices.next().and_then(|value| value.to_str().ok()).map(str::to_owned);
    if choices.next().is_some() {
        // "MUST NOT appear more than once in an HTTP response" (section 11.3.4).
        let twice = ProtocolError::SecWebSocketSubProtocolError(SubProtocolError::InvalidSubProtocol);
        return Err(Refusal::Invalid(twice.into()).into());
    }
    Ok(choice)
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

/// Why there is no upgrade.
enum Refusal {
    /// Another status than 101.
    Http(Box<Response>),
    /// The transport ended.
    Lost(tungstenite::Error),
    /// Something that is not an answer to the request.
    Invalid(tungstenite::Error),
}

impl From<tungstenite::Error> for Refusal {
    fn from(error: tungstenite::Error) -> Self {
        match error {
            tungstenite::Error::Http(response) => Self::Http(response),
            tungstenite::Error::Io(_) | tungstenite::Error::Protocol(ProtocolError::HandshakeIncomplete) => {
                Self::Lost(error)
            }
            error => Self::Invalid(error),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Http(response) => http_error(&response),
            Refusal::Lost(error) => {
                let message = "the server ended the connection before the upgrade";
                Self::with_source(ErrorKind::CannotConnect, message, error)
            }
            Refusal::Invalid(error) => {
                Self::with_source(ErrorKind::InvalidResponse, "the server's answer is not an upgrade", error)
            }
        }
    }
}

fn http_error(response: &Response) -> Error {
    let status = response.status();
    Error::new(ErrorKind::HttpStatus(status.as_u16()), format!("the server refused the upgrade: {status}"))
}
