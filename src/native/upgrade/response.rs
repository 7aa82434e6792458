//! The answer to the request of the opening handshake: RFC 6455 section 4.1, from "Once the client's opening handshake has
//! been sent" on.

use std::{mem::MaybeUninit, str};

use bytes::{Buf, BufMut, BytesMut};
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

/// Reads the head of a response and judges it, and leaves in `input` what follows it.
pub(super) async fn read<S, T>(
    transport: &mut S,
    input: &mut BytesMut,
    judge: impl Fn(&Response<'_>) -> Result<T, ProtocolError>,
) -> Result<T, Error>
where
    S: AsyncRead + Unpin,
{
    let mut end = HeadEnd::default();
    // Mostly all of it comes at once. What is no response is refused before its end, which may never come: it is looked at
    // whenever there is twice as much.
    let mut look = 1;
    loop {
        let room = MAX_HEAD - input.len();
        input.reserve(READ_SIZE.min(room));
        let amount = transport.read_buf(&mut (&mut *input).limit(room)).await?;
        if amount == 0 || input.len() >= look || end.is_in(input) {
            if let Some((size, judgement)) = parse(input, &judge)? {
                input.advance(size);
                return Ok(judgement);
            }
            look = input.len() * 2;
        }
        if input.len() == MAX_HEAD {
            return Err(Error::AttackAttempt);
        }
        if amount == 0 {
            return Err(ProtocolError::HandshakeIncomplete.into());
        }
    }
}

/// The judgement and the length of the head, if all of it is there.
fn parse<T>(
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

/// Finds the empty line that ends a head.
#[derive(Default)]
struct HeadEnd {
    /// How much has been searched.
    searched: usize,
    /// Whether there was anything but empty lines, which may come before the head.
    has_begun: bool,
    /// How many line ends in a row came last.
    line_ends: u8,
}

impl HeadEnd {
    /// Whether it is in what has not been searched.
    fn is_in(&mut self, input: &[u8]) -> bool {
        let mut is_in = false;
        for byte in &input[self.searched..] {
            match byte {
                b'\n' if self.has_begun => self.line_ends = self.line_ends.saturating_add(1),
                b'\r' | b'\n' => {}
                _ => (self.has_begun, self.line_ends) = (true, 0),
            }
            is_in |= self.line_ends == 2;
        }
        self.searched = input.len();
        is_in
    }
}

/// How much is read at once.
const READ_SIZE: usize = 4096;

/// How many headers a response may have.
const MAX_HEADERS: usize = 128;

/// The minor version that makes a connection.
const HTTP_1_1: u8 = 1;

/// How long a response may be, the status line and all headers.
const MAX_HEAD: usize = 64 * 1024;

/// A longer body costs more than a fresh connection.
const MAX_BODY: usize = 64 * 1024;
