//! The answer to the request of the opening handshake: RFC 6455 section 4.1, from "Once the client's opening handshake has
//! been sent" on.

use bytes::{Buf, BufMut, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_tungstenite::tungstenite::{
    error::{Error, ProtocolError, SubProtocolError},
    handshake::{client::Response, derive_accept_key, machine::TryParse},
    http::{HeaderMap, HeaderName, HeaderValue, header},
};

/// Reads the head of a response, and leaves in `input` what follows it.
pub(super) async fn read<S>(transport: &mut S, input: &mut BytesMut) -> Result<Response, Error>
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
            if let Some((size, response)) = Response::try_parse(input)? {
                input.advance(size);
                return Ok(response);
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

/// Reads what is left of a response of which `input` has the beginning, so that the transport can carry another request;
/// false if it cannot.
pub(super) async fn discard_body<S>(transport: &mut S, input: &mut BytesMut, response: &Response) -> bool
where
    S: AsyncRead + Unpin,
{
    let Some(mut missing) = body_length(response) else { return false };
    while input.len() < missing {
        missing -= input.len();
        input.clear();
        input.reserve(READ_SIZE);
        if !transport.read_buf(input).await.is_ok_and(|amount| amount > 0) {
            return false;
        }
    }
    // Nothing may come before it was asked for.
    input.len() == missing && {
        input.clear();
        true
    }
}

/// The length of a body that ends by itself and is worth reading, on a connection that goes on (RFC 9112 sections 6 and 9).
fn body_length(response: &Response) -> Option<usize> {
    let headers = response.headers();
    if has_token(headers, header::CONNECTION, "close") || headers.contains_key(header::TRANSFER_ENCODING) {
        return None;
    }
    let length = headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()?;
    (length <= MAX_BODY).then_some(length)
}

/// Checks a response of status 101, but for its extensions; gives the subprotocol that the server chose.
pub(super) fn check(response: &Response, key: &str, offered: &[String]) -> Result<Option<String>, ProtocolError> {
    let headers = response.headers();
    if !only(headers, header::UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket")) {
        return Err(ProtocolError::MissingUpgradeWebSocketHeader);
    }
    if !has_token(headers, header::CONNECTION, "upgrade") {
        return Err(ProtocolError::MissingConnectionUpgradeHeader);
    }
    // "MUST NOT appear more than once in an HTTP response", as the subprotocol (sections 11.3.3 and 11.3.4).
    if only(headers, header::SEC_WEBSOCKET_ACCEPT).is_none_or(|value| *value != derive_accept_key(key.as_bytes())) {
        return Err(ProtocolError::SecWebSocketAcceptKeyMismatch);
    }
    if !headers.contains_key(header::SEC_WEBSOCKET_PROTOCOL) {
        return if offered.is_empty() { Ok(None) } else { Err(disagreement(SubProtocolError::NoSubProtocol)) };
    }
    if offered.is_empty() {
        return Err(disagreement(SubProtocolError::ServerSentSubProtocolNoneRequested));
    }
    let choice = only(headers, header::SEC_WEBSOCKET_PROTOCOL);
    let choice = choice.and_then(|choice| offered.iter().find(|offer| *choice == **offer));
    choice.cloned().map(Some).ok_or_else(|| disagreement(SubProtocolError::InvalidSubProtocol))
}

fn disagreement(error: SubProtocolError) -> ProtocolError {
    ProtocolError::SecWebSocketSubProtocolError(error)
}

/// The value of a header that stands there once.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name).into_iter();
    values.next().filter(|_| values.next().is_none())
}

/// Whether a list has this item, in any case.
fn has_token(headers: &HeaderMap, name: HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| item.trim().eq_ignore_ascii_case(token))
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

/// How long a response may be, the status line and all headers.
const MAX_HEAD: usize = 64 * 1024;

/// A longer body costs more than a fresh connection.
const MAX_BODY: usize = 64 * 1024;
