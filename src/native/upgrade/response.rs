//! The answer to the request of the opening handshake: RFC 6455 section 4.1, from "Once the client's opening handshake has
//! been sent" on.

use std::{mem::MaybeUninit, str};

use bytes::BytesMut;
use httparse::{Header, ParserConfig, Status};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_tungstenite::tungstenite::{
    error::{Error, ProtocolError, SubProtocolError},
    handshake::derive_accept_key,
    http::{StatusCode, header},
};

/// The head of a response.
pub(super) struct Response<'a> {
    status: StatusCode,
    headers: &'a [Header<'a>],
}

/// What a response says that makes a connection.
pub(super) struct Granted {
    /// The subprotocol that the server chose.
    pub(super) protocol: Option<String>,
    /// The extensions in the server's words, which are not checked here; `None` without any header of that name.
    pub(super) extensions: Option<String>,
}

/// What a response says that makes none.
pub(in crate::backend::native) struct Refused {
    pub(in crate::backend::native) status: StatusCode,
    /// How to say who we are, each with its scheme.
    pub(in crate::backend::native) challenges: Vec<String>,
    /// The length of a body that ends by itself and is worth reading, on a connection that goes on (RFC 9112 sections 6 and 9).
    pub(super) body: Option<usize>,
}

impl Response<'_> {
    /// What is granted, or why that cannot be. Another status is none of the errors.
    pub(super) fn judge(&self, key: &str, offered: &[String]) -> Result<Result<Granted, Refused>, ProtocolError> {
        if self.status != StatusCode::SWITCHING_PROTOCOLS {
            return Ok(Err(self.refused()));
        }
        if !self.only("Upgrade").is_some_and(|value| value.eq_ignore_ascii_case(b"websocket")) {
            return Err(ProtocolError::MissingUpgradeWebSocketHeader);
        }
        if !self.has_token("Connection", "upgrade") {
            return Err(ProtocolError::MissingConnectionUpgradeHeader);
        }
        // "MUST NOT appear more than once in an HTTP response", as the subprotocol (sections 11.3.3 and 11.3.4).
        if self.only("Sec-WebSocket-Accept") != Some(derive_accept_key(key.as_bytes()).as_bytes()) {
            return Err(ProtocolError::SecWebSocketAcceptKeyMismatch);
        }
        let protocol = self.protocol(offered).map_err(ProtocolError::SecWebSocketSubProtocolError)?;
        Ok(Ok(Granted { protocol, extensions: self.extensions()? }))
    }

    fn protocol(&self, offered: &[String]) -> Result<Option<String>, SubProtocolError> {
        match (self.values("Sec-WebSocket-Protocol").next(), offered) {
            (None, []) => return Ok(None),
            (None, _) => return Err(SubProtocolError::NoSubProtocol),
            (Some(_), []) => return Err(SubProtocolError::ServerSentSubProtocolNoneRequested),
            _ => {}
        }
        let choice = self.only("Sec-WebSocket-Protocol");
        let choice = offered.iter().find(|offer| Some(offer.as_bytes()) == choice);
        choice.cloned().map(Some).ok_or(SubProtocolError::InvalidSubProtocol)
    }

    /// All extensions, which may stand in several headers (section 9.1).
    fn extensions(&self) -> Result<Option<String>, ProtocolError> {
        let values: Vec<_> = self.values("Sec-WebSocket-Extensions").collect();
        if values.is_empty() {
            return Ok(None);
        }
        let name = Box::new(header::SEC_WEBSOCKET_EXTENSIONS);
        String::from_utf8(values.join(&b", "[..])).map(Some).map_err(|_| ProtocolError::InvalidHeader(name))
    }

    fn refused(&self) -> Refused {
        let challenges = self.values("WWW-Authenticate").filter_map(|value| str::from_utf8(value).ok());
        Refused { status: self.status, challenges: challenges.map(str::to_owned).collect(), body: self.body() }
    }

    fn body(&self) -> Option<usize> {
        if self.has_token("Connection", "close") || self.values("Transfer-Encoding").next().is_some() {
            return None;
        }
        let length = str::from_utf8(self.only("Content-Length")?).ok()?.parse().ok()?;
        (length <= MAX_BODY).then_some(length)
    }

    fn values<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s [u8]> {
        self.headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value)
    }

    /// The value of a header that stands there once.
    fn only<'s>(&'s self, name: &'s str) -> Option<&'s [u8]> {
        let mut values = self.values(name);
        values.next().filter(|_| values.next().is_none())
    }

    /// Whether a list has this item, in any case.
    fn has_token(&self, name: &str, token: &str) -> bool {
        let mut items = self.values(name).flat_map(|value| value.split(|byte| *byte == b','));
        items.any(|item| item.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
    }
}

/// The judgement and the length of the head, if all of it is there.
pub(super) fn parse<T>(
    input: &[u8],
    judge: impl Fn(&Response<'_>) -> Result<T, ProtocolError>,
) -> Result<Option<(usize, T)>, Error> {
    let mut space = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut parsed = httparse::Response::new(&mut []);
    let status = ParserConfig::default().parse_response_with_uninit_headers(&mut parsed, input, &mut space)?;
    let Status::Complete(size) = status else { return Ok(None) };
    if parsed.version != Some(HTTP_1_1) {
        return Err(ProtocolError::WrongHttpVersion.into());
    }
    let status = StatusCode::from_u16(parsed.code.unwrap_or_default())?;
    Ok(Some((size, judge(&Response { status, headers: parsed.headers })?)))
}

/// Reads what is left of a body of which `input` has the beginning, so that the transport can carry another request; false if it
/// cannot.
pub(super) async fn discard_body<S>(transport: &mut S, input: &mut BytesMut, length: Option<usize>) -> bool
where
    S: AsyncRead + Unpin,
{
    let Some(mut missing) = length else { return false };
    while input.len() < missing {
        missing -= input.len();
        input.clear();
        input.reserve(READ_SIZE);
        if !transport.read_buf(input).await.is_ok_and(|amount| amount > 0) {
            return false;
        }
    }
    // Nothing may come before it was asked for.
    let is_clean = input.len() == missing;
    input.clear();
    is_clean
}

/// How much of a body is read at once.
const READ_SIZE: usize = 4096;

/// How many headers a response may have.
const MAX_HEADERS: usize = 128;

/// The minor version that makes a connection.
const HTTP_1_1: u8 = 1;

/// A longer body costs more than a fresh connection.
const MAX_BODY: usize = 64 * 1024;
