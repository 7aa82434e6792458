//! A client's request: RFC 6455 section 4.2.1, RFC 8441 section 4.

use std::{fmt, net::SocketAddr};

use tokio_tungstenite::tungstenite::{
    handshake::derive_accept_key,
    http::{HeaderName, HeaderValue, Request, Version, header},
};

use super::parse::{only, parse};
use crate::error::{Error, ErrorKind, Result};

/// The request of a client's opening handshake (RFC 6455 section 4.2.1).
///
/// # Examples
///
/// ```
/// use websocket_anywhere::ServerRequest;
///
/// let headers = [("Host", "example.com"), ("Sec-WebSocket-Protocol", "v2.chat, v1.chat")];
/// let request = ServerRequest::new("/chat?room=1", headers)?;
/// assert_eq!(request.path(), "/chat");
/// assert_eq!(request.query(), Some("room=1"));
/// assert_eq!(request.header("host"), Some("example.com"));
/// assert_eq!(request.protocols().collect::<Vec<_>>(), ["v2.chat", "v1.chat"]);
/// # Ok::<(), websocket_anywhere::Error>(())
/// ```
pub struct ServerRequest {
    request: Request<()>,
    peer_address: Option<SocketAddr>,
}

impl ServerRequest {
    /// Creates a request from the path, with its query, and headers of a `GET` request that a web server has read (RFC 6455
    /// section 4.2.1).
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if HTTP does not know such a path or header.
    ///
    /// # Examples
    ///
    /// ```
    /// let request = websocket_anywhere::ServerRequest::new("/", [("Host", "example.com")]);
    /// assert!(request.is_ok());
    /// ```
    pub fn new(path: &str, headers: impl IntoIterator<Item = (impl AsRef<[u8]>, impl AsRef<[u8]>)>) -> Result<Self> {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(name.as_ref(), value.as_ref());
        }
        let invalid = |error| Error::with_source(ErrorKind::InvalidArgument, "not a request of HTTP", error);
        Ok(Self { request: request.body(()).map_err(invalid)?, peer_address: None })
    }

    /// Creates a request from the `:path`, with its query, and headers of an HTTP/2 `CONNECT` request with `:protocol`
    /// `websocket` that a web server has read (RFC 8441 section 4). The status of an accepting response is 200.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if HTTP does not know such a path or header.
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{ServerControl, ServerRequest};
    ///
    /// let request = ServerRequest::over_http2("/chat", [("Sec-WebSocket-Version", "13")])?;
    /// assert_eq!(ServerControl::new().respond(&request).status(), 200);
    /// # Ok::<(), websocket_anywhere::Error>(())
    /// ```
    pub fn over_http2(
        path: &str,
        headers: impl IntoIterator<Item = (impl AsRef<[u8]>, impl AsRef<[u8]>)>,
    ) -> Result<Self> {
        let mut request = Self::new(path, headers)?;
        *request.request.version_mut() = Version::HTTP_2;
        Ok(request)
    }

    /// Whether it is one of HTTP/2.
    pub(super) fn is_over_http2(&self) -> bool {
        self.request.version() == Version::HTTP_2
    }

    /// A request and its length, if all of it is there; the status that refuses what is none.
    pub(super) fn parse(input: &[u8]) -> Result<Option<(usize, Self)>, u16> {
        Ok(parse(input)?.map(|(size, request)| (size, Self { request, peer_address: None })))
    }

    /// Sets the address of the client, for the decision (UWP: `DevicePortalConnection` has none).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::ServerRequest;
    ///
    /// let request = ServerRequest::new("/", [("Host", "example.com")])?.from_peer(([192, 0, 2, 7], 50_000));
    /// assert!(request.peer_address().is_some());
    /// # Ok::<(), websocket_anywhere::Error>(())
    /// ```
    #[must_use]
    pub fn from_peer(mut self, address: impl Into<SocketAddr>) -> Self {
        self.peer_address = Some(address.into());
        self
    }

    /// The address of the client, if the program has set it by
    /// [`ServerControl::peer_address`](super::ServerControl::peer_address) or [`from_peer`](Self::from_peer) (UWP:
    /// `DevicePortalConnection` has none).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(request: &websocket_anywhere::ServerRequest) {
    /// println!("{:?}", request.peer_address());
    /// # }
    /// ```
    #[must_use]
    pub const fn peer_address(&self) -> Option<SocketAddr> {
        self.peer_address
    }

    /// The path, as it was sent (RFC 6455 section 3).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(request: &websocket_anywhere::ServerRequest) {
    /// println!("{}", request.path());
    /// # }
    /// ```
    #[must_use]
    pub fn path(&self) -> &str {
        self.request.uri().path()
    }

    /// The query after the `?`, as it was sent (RFC 6455 section 3).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(request: &websocket_anywhere::ServerRequest) {
    /// println!("{:?}", request.query());
    /// # }
    /// ```
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.request.uri().query()
    }

    /// The first header with this name, which is not case-sensitive; `None` if there is none or if it is not ASCII (RFC 9110
    /// section 5.1).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(request: &websocket_anywhere::ServerRequest) {
    /// println!("{:?}", request.header("Origin"));
    /// # }
    /// ```
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// An iterator over all headers, with names in lower case (RFC 9110 section 5.1).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(request: &websocket_anywhere::ServerRequest) {
    /// for (name, value) in request.headers() {
    ///     println!("{name}: {}", String::from_utf8_lossy(value));
    /// }
    /// # }
    /// ```
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()))
    }

    /// The subprotocols that the client offers, in its order of preference (RFC 6455 section 4.1; UWP:
    /// `WebSocketProtocolsRequested`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(request: &websocket_anywhere::ServerRequest) {
    /// println!("{:?}", request.protocols().collect::<Vec<_>>());
    /// # }
    /// ```
    pub fn protocols(&self) -> impl Iterator<Item = &str> {
        let values = self.request.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
        let names = values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        names.map(str::trim).filter(|name| !name.is_empty())
    }

    /// What `Sec-WebSocket-Accept` answers, if it is there; the status that refuses what is no opening handshake (RFC 6455 section
    /// 4.2.1). By HTTP/2 there is nothing to upgrade, and no key (RFC 8441 section 5).
    pub(super) fn accept_key(&self) -> Result<Option<String>, u16> {
        let headers = self.request.headers();
        if self.is_over_http2() {
            let version = only(headers, header::SEC_WEBSOCKET_VERSION).map(HeaderValue::as_bytes);
            return if version == Some(b"13") { Ok(None) } else { Err(BAD_REQUEST) };
        }
        if !self.has_token(header::CONNECTION, "upgrade") || !self.has_token(header::UPGRADE, "websocket") {
            return Err(BAD_REQUEST);
        }
        let key = only(headers, header::SEC_WEBSOCKET_KEY).filter(|key| is_key(key.as_bytes())).ok_or(BAD_REQUEST)?;
        match only(headers, header::SEC_WEBSOCKET_VERSION).map(HeaderValue::as_bytes) {
            Some(b"13") => Ok(Some(derive_accept_key(key.as_bytes()))),
            Some(version) if version.iter().all(u8::is_ascii_digit) => Err(UPGRADE_REQUIRED),
            _ => Err(BAD_REQUEST),
        }
    }

    /// The extensions that the client offers, in the order in which it likes them.
    pub(super) fn extensions(&self) -> impl Iterator<Item = &str> {
        let values = self.request.headers().get_all(header::SEC_WEBSOCKET_EXTENSIONS).iter();
        values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','))
    }

    /// Whether a list, which may stand in several headers, has this item, in any case.
    fn has_token(&self, name: HeaderName, token: &str) -> bool {
        let values = self.request.headers().get_all(name).iter();
        let mut items = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        items.any(|item| item.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
    }
}

/// "A base64-encoded value that, when decoded, is 16 bytes in length" (RFC 6455 section 4.2.1).
fn is_key(value: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    value.len() == 24 && value[..22].iter().all(is_digit) && value.ends_with(b"==")
}

impl fmt::Debug for ServerRequest {
    /// Without the headers, which may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerRequest").field("path", &self.path()).finish_non_exhaustive()
    }
}

const BAD_REQUEST: u16 = 400;
const UPGRADE_REQUIRED: u16 = 426;
