//! The head of a client's request, off the wire: RFC 9112, and what RFC 6455 section 4.2.1 asks of it beyond that.
//!
//! What a proxy before the server could take otherwise than the server does is refused: bodies, two hosts, odd line ends.

use httparse::Status;
use tokio_tungstenite::tungstenite::http::{
    HeaderMap, HeaderName, HeaderValue, Request, Uri,
    header::{self, AsHeaderName},
    uri::Authority,
};

/// A request and its length, if all of it is there; the status that refuses what is none.
pub(super) fn parse(input: &[u8]) -> Result<Option<(usize, Request<()>)>, u16> {
    let mut space = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut space);
    let size = match parsed.parse(input) {
        Ok(Status::Complete(size)) => size,
        Ok(Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(HEAD_TOO_LARGE),
        Err(_) => return Err(BAD_REQUEST),
    };
    // "An HTTP/1.1 or higher GET request" (section 4.2.1); each line ends in CRLF (RFC 9112 section 2.2).
    if parsed.method != Some("GET") || parsed.version != Some(1) || has_bare_line_feed(&input[..size]) {
        return Err(BAD_REQUEST);
    }
    let mut headers = HeaderMap::with_capacity(parsed.headers.len());
    for header in parsed.headers.iter() {
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| BAD_REQUEST)?;
        let value = HeaderValue::from_bytes(header.value).map_err(|_| BAD_REQUEST)?;
        headers.append(name, value);
    }
    // A body would be read as frames: "request smuggling" (RFC 9112 section 11.2).
    if headers.contains_key(header::CONTENT_LENGTH) || headers.contains_key(header::TRANSFER_ENCODING) {
        return Err(BAD_REQUEST);
    }
    if headers.contains_key(header::EXPECT) {
        return Err(EXPECTATION_FAILED);
    }
    let host = only(&headers, header::HOST).and_then(|host| authority(host.as_bytes())).ok_or(BAD_REQUEST)?;
    let target = target(parsed.path.unwrap_or_default(), &host).ok_or(BAD_REQUEST)?;
    let mut request = Request::new(());
    *request.uri_mut() = target;
    *request.headers_mut() = headers;
    Ok(Some((size, request)))
}

/// The value of a header that stands there once.
pub(super) fn only(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

fn has_bare_line_feed(head: &[u8]) -> bool {
    head.iter().enumerate().any(|(at, byte)| *byte == b'\n' && (at == 0 || head[at - 1] != b'\r'))
}

/// A host with or without a port (RFC 9110 section 7.2).
fn authority(host: &[u8]) -> Option<Authority> {
    let authority = Authority::try_from(host).ok()?;
    let is_host = !authority.host().is_empty() && !authority.as_str().contains('@');
    is_host.then_some(authority)
}

/// A path and a query: the origin form, or an absolute URI of HTTP for the same host (section 4.1; RFC 9112 section 3.2).
fn target(text: &str, host: &Authority) -> Option<Uri> {
    if text.contains('#') {
        return None;
    }
    let uri: Uri = text.parse().ok()?;
    if text.starts_with('/') {
        return Some(uri);
    }
    let default_port = match uri.scheme_str()? {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let named = authority(uri.authority()?.as_str().as_bytes())?;
    let port = |authority: &Authority| authority.port_u16().unwrap_or(default_port);
    if !named.host().eq_ignore_ascii_case(host.host()) || port(&named) != port(host) {
        return None;
    }
    uri.path_and_query()?.as_str().parse().ok()
}

/// How many headers a request may have.
const MAX_HEADERS: usize = 128;

const BAD_REQUEST: u16 = 400;
const EXPECTATION_FAILED: u16 = 417;
const HEAD_TOO_LARGE: u16 = 431;
