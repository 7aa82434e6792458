//! The answers of servers and proxies: RFC 9112, taken as browsers take them wherever the handshake does not depend on it.

use std::{
    mem::MaybeUninit,
    str,
    time::{Duration, SystemTime},
};

use bytes::BytesMut;
use httparse::{Header, ParserConfig, Status};
use tokio::{io::AsyncRead, time::Instant};
use tokio_tungstenite::tungstenite::{self, error::ProtocolError, http::StatusCode};

use super::{
    body::{self, Body, Framing},
    head::{self, Failure},
};
use crate::{
    error::{Error, ErrorKind},
    response::{Headers, HttpResponse},
};

/// The head of a response.
pub(super) struct Response<'a> {
    pub(super) status: StatusCode,
    is_http_1_1: bool,
    /// Whether it was understood only by overlooking something.
    is_odd: bool,
    headers: &'a [Header<'a>],
}

/// A response that does not grant what was asked for; its body is still to be read.
pub(super) struct Refused {
    status: StatusCode,
    headers: Headers,
    framing: Framing,
    /// Whether the connection carries another request behind the body (RFC 9112 section 9.3).
    goes_on: bool,
}

impl Refused {
    /// Reads the body, not beyond `end`, and tells whether the connection can carry another request.
    pub(super) async fn read<S>(self, transport: &mut S, input: &mut BytesMut, end: Instant) -> (HttpResponse, bool)
    where
        S: AsyncRead + Unpin,
    {
        let Self { status, headers, framing, goes_on } = self;
        let retry_after = headers.get("Retry-After").and_then(retry_after);
        let Body { bytes, is_whole } = body::read(transport, input, framing, end).await;
        (HttpResponse { status: status.as_u16(), headers, body: bytes, retry_after }, goes_on && is_whole)
    }
}

/// How long to wait: a number of seconds, or until a date (RFC 9110 section 10.2.3).
fn retry_after(value: &str) -> Option<Duration> {
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // As many digits as one likes: more than a clock counts is for ever.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

impl<'a> Response<'a> {
    /// A response that another HTTP has read.
    #[cfg(feature = "http2")]
    pub(super) const fn parsed(status: StatusCode, headers: &'a [Header<'a>]) -> Self {
        Self { status, is_http_1_1: false, is_odd: false, headers }
    }

    pub(super) fn values<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s [u8]> {
        self.headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value)
    }

    /// The value of a header that stands there once.
    pub(super) fn only<'s>(&'s self, name: &'s str) -> Option<&'s [u8]> {
        let mut values = self.values(name);
        values.next().filter(|_| values.next().is_none())
    }

    /// Whether a list has this item, in any case.
    pub(super) fn has_token(&self, name: &str, token: &str) -> bool {
        let mut items = self.values(name).flat_map(|value| value.split(|byte| *byte == b','));
        items.any(|item| item.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
    }

    /// Whether it comes from a server of HTTP/1.1, as one that upgrades does (RFC 6455 section 4.2.2).
    pub(super) const fn is_http_1_1(&self) -> bool {
        self.is_http_1_1
    }

    pub(super) fn headers(&self) -> Headers {
        Headers::new(self.headers.iter().map(|header| (header.name, header.value)))
    }

    /// Whether another response follows to the same request (RFC 9110 section 15.2).
    fn is_interim(&self) -> bool {
        self.status.is_informational() && self.status != StatusCode::SWITCHING_PROTOCOLS
    }

    pub(super) fn refused(&self) -> Refused {
        let framing = self.framing();
        let goes_on = self.is_http_1_1 && !self.is_odd && !self.has_token("Connection", "close");
        Refused { status: self.status, headers: self.headers(), framing, goes_on }
    }

    /// Where the body ends (RFC 9112 section 6.3).
    fn framing(&self) -> Framing {
        if matches!(self.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
            return Framing::Length(0);
        }
        if self.values("Transfer-Encoding").next().is_some() {
            return if self.has_token("Transfer-Encoding", "chunked") { Framing::Chunked } else { Framing::Unknown };
        }
        let length = self.only("Content-Length").and_then(|value| str::from_utf8(value).ok()?.parse().ok());
        length.map_or(Framing::Unknown, Framing::Length)
    }

    /// Whether a header that decides the handshake was overlooked, or is none but for what was overlooked.
    fn hides_from(&self, head: &[u8]) -> bool {
        let mut taken = self.headers.iter().map(|header| header.name.as_bytes()).filter(|name| decides(name));
        let mut lines = head.split(|byte| *byte == b'\n').skip(1).peekable();
        while let Some(line) = lines.next() {
            let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
            let is_folded = lines.peek().is_some_and(|next| next.starts_with(b" ") || next.starts_with(b"\t"));
            if decides(name.trim_ascii()) && (is_folded || taken.next() != Some(name)) {
                return true;
            }
        }
        false
    }
}

/// Reads the final response, and leaves in `input` what follows its head; `judge` says what it grants, `None` if nothing.
pub(super) async fn read<S, T>(
    transport: &mut S,
    input: &mut BytesMut,
    judge: impl Fn(&Response<'_>) -> Result<Option<T>, ProtocolError>,
) -> Result<Result<T, Refused>, Failure<tungstenite::Error>>
where
    S: AsyncRead + Unpin,
{
    for _ in 0..=MAX_INTERIM {
        let judge = |response: &Response<'_>| match judge(response) {
            _ if response.is_interim() => Ok(None),
            Ok(granted) => Ok(Some(granted.ok_or_else(|| response.refused()))),
            Err(error) => Err(error),
        };
        if let Some(judged) = head::read(transport, input, |input| parse(input, judge)).await? {
            return Ok(judged);
        }
    }
    Err(Failure::TooLong)
}

/// The error of a response that refuses.
pub(super) fn refused(kind: ErrorKind, what: &str, response: HttpResponse) -> Error {
    Error::new(kind, words(what, response.status)).answered(response)
}

/// What happened, and the status by number and name.
pub(super) fn words(what: &str, status: u16) -> String {
    let words = StatusCode::from_u16(status).map_or_else(|_| status.to_string(), |status| status.to_string());
    format!("{what}: {words}")
}

/// What is made of a head and its length, if all of it is there.
fn parse<T>(
    input: &[u8],
    judge: impl Fn(&Response<'_>) -> Result<T, ProtocolError>,
) -> Result<Option<(usize, T)>, tungstenite::Error> {
    match parse_by(&ParserConfig::default(), input, false, &judge) {
        Err(tungstenite::Error::Protocol(ProtocolError::HttparseError(_))) => {
            let mut tolerant = ParserConfig::default();
            tolerant
                .allow_multiple_spaces_in_response_status_delimiters(true)
                .allow_obsolete_multiline_headers_in_responses(true)
                .allow_spaces_after_header_name_in_responses(true)
                .ignore_invalid_headers_in_responses(true);
            parse_by(&tolerant, input, true, &judge)
        }
        strict => strict,
    }
}

fn parse_by<T>(
    config: &ParserConfig,
    input: &[u8],
    is_odd: bool,
    judge: impl Fn(&Response<'_>) -> Result<T, ProtocolError>,
) -> Result<Option<(usize, T)>, tungstenite::Error> {
    let mut space = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut parsed = httparse::Response::new(&mut []);
    let status = config.parse_response_with_uninit_headers(&mut parsed, input, &mut space)?;
    let Status::Complete(size) = status else { return Ok(None) };
    let status = StatusCode::from_u16(parsed.code.unwrap_or_default())?;
    let response = Response { status, is_http_1_1: parsed.version == Some(1), is_odd, headers: parsed.headers };
    if is_odd && response.hides_from(&input[..size]) {
        return Err(httparse::Error::HeaderName.into());
    }
    Ok(Some((size, judge(&response)?)))
}

/// Whether a header of this name is one of those by which the handshake is judged.
fn decides(name: &[u8]) -> bool {
    let begins = |prefix: &[u8]| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    name.eq_ignore_ascii_case(b"Connection") || name.eq_ignore_ascii_case(b"Upgrade") || begins(b"Sec-WebSocket-")
}

/// How many headers a response may have.
const MAX_HEADERS: usize = 128;

/// How many responses of the class 1xx may come before the final one.
const MAX_INTERIM: usize = 16;
