//! A client's request and what is answered to it: RFC 6455 section 4.2.

use std::{fmt, str};

use tokio_tungstenite::tungstenite::{
    handshake::{machine::TryParse, server},
    http::{HeaderMap, Request, StatusCode, header},
};

use crate::error::{Error, ErrorKind, Result};

/// The request by which a client asks for a WebSocket (RFC 6455 section 4.2.1).
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
}

impl ServerRequest {
    /// A `GET` request that a web server has read: its path, with the query, and its headers (RFC 6455 section
    /// 4.2.1).
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
        Ok(Self { request: request.body(()).map_err(invalid)? })
    }

    /// A request and its length, if all of it is there; the status that refuses what is none.
    pub(super) fn parse(input: &[u8]) -> Result<Option<(usize, Self)>, u16> {
        let parsed = Request::try_parse(input).map_err(|_| BAD_REQUEST)?;
        Ok(parsed.map(|(size, request)| (size, Self { request })))
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

    /// What follows the `?` behind the path, as it was sent (RFC 6455 section 3).
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

    /// The first header of this name, in any case; `None` if there is none or it is not ASCII (RFC 9110 section
    /// 5.1).
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

    /// All headers, their names in lower case (RFC 9110 section 5.1).
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

    /// The subprotocols that the client offers, the one that it likes best first (RFC 6455 section 4.1; UWP:
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

    /// Answers with 101, or refuses what is no opening handshake.
    pub(super) fn accept(&self, protocol: Option<&str>) -> ServerResponse {
        let Ok(response) = server::create_response(&self.request) else {
            let is_other_version = self.header("Sec-WebSocket-Version").is_some_and(|version| version != "13");
            return ServerResponse::refusal(if is_other_version { UPGRADE_REQUIRED } else { BAD_REQUEST });
        };
        ServerResponse::switching(response.headers(), protocol)
    }
}

impl fmt::Debug for ServerRequest {
    /// Without the headers, which may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerRequest").field("path", &self.path()).finish_non_exhaustive()
    }
}

/// What is answered to a [`ServerRequest`]: for a web server that answers by itself (RFC 6455 section 4.2.2).
///
/// # Examples
///
/// ```
/// use websocket_anywhere::{ServerControl, ServerRequest};
///
/// let request = ServerRequest::new("/chat", [("Host", "example.com")])?;
/// assert_eq!(ServerControl::new().respond(&request).status(), 400, "it asks for no upgrade");
/// # Ok::<(), websocket_anywhere::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ServerResponse {
    status: StatusCode,
    headers: Vec<(&'static str, String)>,
    protocol: Option<String>,
}

impl ServerResponse {
    /// A refusal; what is no status of HTTP is 500.
    pub(super) fn refusal(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut headers = vec![("connection", "close".to_owned()), ("content-length", "0".to_owned())];
        if status == StatusCode::UPGRADE_REQUIRED {
            // "an HTTP response with a |Sec-WebSocket-Version| header field indicating the version(s)" (section 4.4).
            headers.push(("sec-websocket-version", "13".to_owned()));
        }
        Self { status, headers, protocol: None }
    }

    fn switching(made: &HeaderMap, protocol: Option<&str>) -> Self {
        let text = |name| made.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let mut headers = vec![
            ("connection", "Upgrade".to_owned()),
            ("upgrade", "websocket".to_owned()),
            ("sec-websocket-accept", text(header::SEC_WEBSOCKET_ACCEPT)),
        ];
        headers.extend(protocol.map(|protocol| ("sec-websocket-protocol", protocol.to_owned())));
        Self { status: StatusCode::SWITCHING_PROTOCOLS, headers, protocol: protocol.map(str::to_owned) }
    }

    /// The status: 101, or that of a refusal (RFC 6455 section 4.2.2).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(response: &websocket_anywhere::ServerResponse) {
    /// println!("{}", response.status());
    /// # }
    /// ```
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// All headers (RFC 6455 section 4.2.2).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(response: &websocket_anywhere::ServerResponse) {
    /// for (name, value) in response.headers() {
    ///     println!("{name}: {value}");
    /// }
    /// # }
    /// ```
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The subprotocol that was chosen (RFC 6455 section 4.2.2).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(response: &websocket_anywhere::ServerResponse) {
    /// println!("{:?}", response.protocol());
    /// # }
    /// ```
    #[must_use]
    pub fn protocol(&self) -> Option<&str> {
        self.protocol.as_deref()
    }

    /// The head of the response.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {}\r\n", self.status);
        for (name, value) in self.headers() {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// The error of who wanted a socket.
    pub(super) fn refused(&self) -> Error {
        Error::new(ErrorKind::HttpStatus(self.status()), format!("the client was refused: {}", self.status))
    }
}

const BAD_REQUEST: u16 = 400;
const UPGRADE_REQUIRED: u16 = 426;
