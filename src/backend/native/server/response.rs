//! What is answered to a client's request: RFC 6455 section 4.2.2.

use std::{borrow::Cow, fmt};

use bytes::Bytes;
use tokio_tungstenite::tungstenite::http::StatusCode;

use crate::{
    error::{Error, ErrorKind},
    protocol::deflate::Agreement,
};

/// The response to a [`ServerRequest`](super::ServerRequest), for a web server that sends it (RFC 6455 section 4.2.2).
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
#[derive(Clone)]
pub struct ServerResponse {
    status: StatusCode,
    headers: Vec<(Cow<'static, str>, String)>,
    body: Bytes,
    protocol: Option<String>,
    compression: Option<Agreement>,
    /// What is wrong with the answer that the program gave, if that is why it is 500.
    fault: Option<String>,
}

impl ServerResponse {
    /// A refusal; what is no status of HTTP is 500.
    pub(super) fn refusal(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let (mut connection, mut headers) = ("close", Vec::new());
        if status == StatusCode::UPGRADE_REQUIRED {
            // "an HTTP response with a |Sec-WebSocket-Version| header field indicating the version(s)" (section 4.4), and what
            // to upgrade to (RFC 9110 section 15.5.22).
            connection = "upgrade, close";
            headers.push(("upgrade".into(), "websocket".to_owned()));
            headers.push(("sec-websocket-version".into(), "13".to_owned()));
        }
        headers.push(("connection".into(), connection.to_owned()));
        headers.push(("content-length".into(), "0".to_owned()));
        Self { status, headers, body: Bytes::new(), protocol: None, compression: None, fault: None }
    }

    /// 500, because the program gave an answer that cannot be sent.
    pub(super) fn fault(what: impl Into<String>) -> Self {
        Self { fault: Some(what.into()), ..Self::refusal(INTERNAL_SERVER_ERROR) }
    }

    /// A WebSocket; without an accept value for HTTP/2, where a 200 is enough (RFC 8441 section 5).
    pub(super) fn opening(
        accept: Option<String>,
        protocol: Option<String>,
        compression: Option<(String, Agreement)>,
    ) -> Self {
        let (status, mut headers) = match accept {
            None => (StatusCode::OK, Vec::new()),
            Some(accept) => {
                let headers = vec![
                    ("connection".into(), "Upgrade".to_owned()),
                    ("upgrade".into(), "websocket".to_owned()),
                    ("sec-websocket-accept".into(), accept),
                ];
                (StatusCode::SWITCHING_PROTOCOLS, headers)
            }
        };
        headers.extend(protocol.clone().map(|protocol| ("sec-websocket-protocol".into(), protocol)));
        let (extensions, compression) = compression.unzip();
        headers.extend(extensions.map(|extensions| ("sec-websocket-extensions".into(), extensions)));
        Self { status, headers, body: Bytes::new(), protocol, compression, fault: None }
    }

    pub(super) fn with_headers(mut self, headers: impl IntoIterator<Item = (String, String)>) -> Self {
        self.headers.extend(headers.into_iter().map(|(name, value)| (name.into(), value)));
        self
    }

    pub(super) fn with_body(mut self, body: Bytes) -> Self {
        let length = self.headers.iter_mut().find(|(name, _)| name == "content-length");
        if let Some((_, length)) = length {
            *length = body.len().to_string();
        }
        self.body = body;
        self
    }

    /// The same for HTTP/2, which knows no headers about the connection (RFC 9113 section 8.2.2).
    pub(super) fn over_http2(mut self) -> Self {
        self.headers.retain(|(name, _)| !matches!(&**name, "connection" | "upgrade"));
        self
    }

    /// How messages are compressed, if they are.
    pub(super) const fn compression(&self) -> Option<Agreement> {
        self.compression
    }

    /// The status: 101, or 200 with HTTP/2, or that of a refusal (RFC 6455 section 4.2.2, RFC 8441 section 5).
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

    /// Whether the response opens a WebSocket; otherwise it is a refusal (RFC 6455 section 4.2.2, RFC 8441 section 5).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(response: &websocket_anywhere::ServerResponse) {
    /// println!("{}", if response.is_accepted() { "welcome" } else { "go away" });
    /// # }
    /// ```
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        matches!(self.status, StatusCode::SWITCHING_PROTOCOLS | StatusCode::OK)
    }

    /// The first header with this name, as [`ServerRequest::header`](super::ServerRequest::header).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(response: &websocket_anywhere::ServerResponse) {
    /// println!("{:?}", response.header("Sec-WebSocket-Protocol"));
    /// # }
    /// ```
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// An iterator over all headers (RFC 6455 section 4.2.2).
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
        self.headers.iter().map(|(name, value)| (&**name, value.as_str()))
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

    /// The body of a refusal, empty if the program gave none (RFC 9110 section 6.4).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(response: &websocket_anywhere::ServerResponse) {
    /// println!("{}", String::from_utf8_lossy(response.body()));
    /// # }
    /// ```
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The whole of the response.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {}\r\n", self.status);
        for (name, value) in self.headers() {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// The error of who wanted a socket.
    pub(super) fn refused(&self) -> Error {
        let message = match &self.fault {
            Some(fault) => format!("the client was refused: {}: {fault}", self.status),
            None => format!("the client was refused: {}", self.status),
        };
        Error::new(ErrorKind::HttpStatus(self.status()), message)
    }
}

impl fmt::Debug for ServerResponse {
    /// Without the body and the values of headers, which may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers().map(|(name, _)| name).collect();
        let mut debug = f.debug_struct("ServerResponse");
        debug.field("status", &self.status()).field("headers", &names).field("body_len", &self.body.len()).finish()
    }
}

const INTERNAL_SERVER_ERROR: u16 = 500;
