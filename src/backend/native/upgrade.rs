//! The opening handshake: RFC 6455 section 4.1. Keys and accept values are tungstenite's.

mod request;
mod response;

use std::{error, io, time::Duration};

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    time::Instant,
};
use tokio_tungstenite::tungstenite::{
    self,
    error::{ProtocolError, SubProtocolError},
};
use url::Url;

pub(super) use self::request::target;
use self::{request::Request, response::Granted};
#[cfg(feature = "http2")]
pub(super) use self::{
    request::{add_fields, check_size},
    response::granted,
};
use super::{
    credentials::{ChallengeOutcome, Login},
    head::Failure,
    redirect::{is_redirect, redirect},
    response::{self as answer, Refused, Response},
};
use crate::{
    compression::Compression,
    control::{Control, HttpVersion},
    error::{Error, ErrorKind, Result},
    protocol::{
        Decoder, Limits,
        deflate::{Agreement, Deflater},
    },
    response::{Headers, HttpResponse},
};

/// What the opening handshake left.
pub(super) struct Upgraded {
    /// The first frames, if they came together with the response.
    pub(super) early: BytesMut,
    /// The subprotocol that the server chose.
    pub(super) protocol: Option<String>,
    /// The extensions in the server's words; empty if none.
    pub(super) extensions: String,
    /// The headers of the response, if there was one.
    pub(super) response_headers: Option<Headers>,
    /// From the request to the head of the response, if there was one.
    pub(super) round_trip: Option<Duration>,
    /// What the handshake was made by, if anybody knows.
    pub(super) http_version: Option<HttpVersion>,
    /// How messages are compressed, if they are.
    compression: Option<Agreement>,
    /// Whether the other side is the client.
    pub(super) is_server: bool,
}

impl Upgraded {
    /// What a server grants that answered after `round_trip`.
    pub(super) fn granted(granted: Granted, round_trip: Duration, control: &Control) -> Result<Self> {
        let Granted { protocol, extensions, headers } = granted;
        Ok(Self {
            compression: compression(extensions.as_deref(), control.compression.as_ref())?,
            extensions: extensions.unwrap_or_default(),
            response_headers: Some(headers),
            round_trip: Some(round_trip),
            http_version: Some(HttpVersion::Http1),
            ..Self::without_handshake(protocol)
        })
    }

    /// What there is between two that need not shake hands.
    pub(super) fn without_handshake(protocol: Option<String>) -> Self {
        Self {
            early: BytesMut::new(),
            protocol,
            extensions: String::new(),
            response_headers: None,
            round_trip: None,
            http_version: None,
            compression: None,
            is_server: false,
        }
    }

    /// What is left once a client has been answered.
    pub(super) fn by_client(protocol: Option<String>, extensions: String, compression: Option<Agreement>) -> Self {
        Self { is_server: true, extensions, compression, ..Self::without_handshake(protocol) }
    }

    /// What reads the peer's frames.
    pub(super) fn decoder(&self, limits: Limits) -> Decoder {
        let decoder = Decoder::new(limits);
        match &self.compression {
            Some(agreement) => decoder.inflating(agreement.inflater()),
            None => decoder,
        }
    }

    /// What compresses the messages of this side, if they are compressed.
    pub(super) fn deflater(&self) -> Option<Box<Deflater>> {
        self.compression.as_ref().and_then(Agreement::deflater)
    }
}

/// Makes the opening handshake on a fresh transport and gives the transport back; it has time until `end`.
pub(super) async fn upgrade<S>(mut transport: S, url: &Url, control: &Control, end: Instant) -> Result<(S, Upgraded)>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let extras = control.extras();
    let mut login = Login::new(url, extras, "GET");
    let mut input = BytesMut::new();
    let mut challenge = None;
    let (granted, round_trip) = loop {
        let request = Request::new(url, control, login.authorization()?.as_ref())?;
        let sent = Instant::now();
        let refusal = match (ask(&mut transport, &request, &mut input, &extras.supported_protocols).await, challenge) {
            (Ok(Ok(granted)), _) => break (granted, sent.elapsed()),
            (Ok(Err(refusal)), _) => refusal,
            // A server may end the connection of its challenge without saying so.
            (Err(Refusal::Lost(_)), Some(challenge)) => return Err(login.needs_fresh_connection(challenge)),
            (Err(refusal), _) => return Err(refusal.into()),
        };
        // Boxed, as most handshakes need none of it.
        let (response, goes_on) = Box::pin(refusal.read(&mut transport, &mut input, end)).await;
        let answer = login.answer(&response, target(url));
        match answer {
            ChallengeOutcome::None => return Err(sent_elsewhere(response, url, control, end)),
            ChallengeOutcome::Forbidden(why) => return Err(refused(why, response)),
            ChallengeOutcome::Given => {
                let error = refused(REFUSED, response);
                if !goes_on {
                    return Err(login.needs_fresh_connection(error));
                }
                challenge = Some(error);
            }
        }
    };
    Ok((transport, Upgraded { early: input, ..Upgraded::granted(granted, round_trip, control)? }))
}

/// One request and its answer; `input` has what follows its head.
async fn ask<S>(
    transport: &mut S,
    request: &Request,
    input: &mut BytesMut,
    offered: &[String],
) -> Result<Result<Granted, Refused>, Refusal>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    transport.write_all(&request.head).await?;
    transport.flush().await?;
    let judge = |response: &Response<'_>| response::judge(response, &request.key, offered);
    Ok(answer::read(transport, input, judge).await?)
}

/// Tells a disagreement about subprotocols as browsers do, which fail to connect and keep the reason to themselves. It is
/// for those who have no other address to try: until then it is a server that has answered.
pub(super) fn map_subprotocol_error(error: Error) -> Error {
    use tungstenite::Error::Protocol;
    let cause = error::Error::source(&error).and_then(|source| source.downcast_ref());
    let Some(Protocol(ProtocolError::SecWebSocketSubProtocolError(disagreement))) = cause else { return error };
    let message = match disagreement {
        SubProtocolError::ServerSentSubProtocolNoneRequested => {
            "the server chose a subprotocol, though none was offered"
        }
        SubProtocolError::InvalidSubProtocol => "the server chose something else than one of the subprotocols offered",
        SubProtocolError::NoSubProtocol => "the server chose none of the subprotocols that were offered",
    };
    Error::with_source(ErrorKind::CannotConnect, message, *disagreement)
}

/// Checks the extensions.
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

/// Why there is no answer to the request.
enum Refusal {
    /// The transport ended.
    Lost(tungstenite::Error),
    /// Something that is not an answer to the request.
    Invalid(tungstenite::Error),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Lost(error.into())
    }
}

impl From<Failure<tungstenite::Error>> for Refusal {
    fn from(failure: Failure<tungstenite::Error>) -> Self {
        match failure {
            Failure::Lost(error) => error.into(),
            Failure::Ended => Self::Lost(ProtocolError::HandshakeIncomplete.into()),
            Failure::TooLong => Self::Invalid(tungstenite::Error::AttackAttempt),
            Failure::Bad(error) => Self::Invalid(error),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
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

/// A refusal, which may be a redirect.
fn sent_elsewhere(response: HttpResponse, url: &Url, control: &Control, end: Instant) -> Error {
    if control.max_redirects == 0 || !is_redirect(response.status) {
        return refused(REFUSED, response);
    }
    let kind = ErrorKind::HttpStatus(response.status);
    let redirect = redirect(url, &response, end);
    Error::with_source(kind, answer::words(REFUSED, response.status), redirect).answered(response)
}

pub(super) fn refused(what: &str, response: HttpResponse) -> Error {
    answer::refused(ErrorKind::HttpStatus(response.status()), what, response)
}

const REFUSED: &str = "the server refused the upgrade";
