//! What a program decides about a request.

use std::fmt;

use bytes::Bytes;

use super::{ServerRequest, ServerResponse};
use crate::{
    control::{Control, RequestHeader},
    protocol::deflate,
};

/// The decision of a server about a request (RFC 6455 section 4.2.2).
///
/// # Examples
///
/// ```
/// use websocket_anywhere::{ServerControl, ServerDecision};
///
/// let control = ServerControl::new().on_request(|request| match request.header("Origin") {
///     Some("https://example.com") => ServerDecision::accept().header("Set-Cookie", "visited=1"),
///     _ => ServerDecision::refuse(403).header("Content-Type", "text/plain").body("not from there"),
/// });
/// ```
#[derive(Clone)]
pub struct ServerDecision {
    decision: Decision,
    headers: Vec<(String, String)>,
    body: Bytes,
}

#[derive(Clone, Debug)]
enum Decision {
    Accept,
    AcceptProtocol(String),
    Refuse(u16),
}

impl ServerDecision {
    /// Accepts with the first subprotocol of the settings that the client offers, or without one (RFC 6455 section 4.2.2).
    ///
    /// # Examples
    ///
    /// ```
    /// let answer = websocket_anywhere::ServerDecision::accept();
    /// ```
    #[must_use]
    pub const fn accept() -> Self {
        Self::new(Decision::Accept)
    }

    /// Accepts with this subprotocol. If the client has not offered it, the client would have to fail the connection (RFC
    /// 6455 section 4.1), so it is refused with 500.
    ///
    /// # Examples
    ///
    /// ```
    /// let answer = websocket_anywhere::ServerDecision::accept_protocol("chat");
    /// ```
    #[must_use]
    pub fn accept_protocol(protocol: impl Into<String>) -> Self {
        Self::new(Decision::AcceptProtocol(protocol.into()))
    }

    /// Refuses with an HTTP status from 300 to 599; any other becomes 500 (RFC 6455 section 4.2.2).
    ///
    /// # Examples
    ///
    /// ```
    /// let answer = websocket_anywhere::ServerDecision::refuse(404);
    /// ```
    #[must_use]
    pub const fn refuse(status: u16) -> Self {
        Self::new(Decision::Refuse(status))
    }

    /// Adds a header to the response, such as `Set-Cookie`, `Location` or `Retry-After` (RFC 9110 section 5).
    ///
    /// # Errors
    ///
    /// If the name or value is not valid in HTTP, or the header belongs to the handshake or to the framing of HTTP as listed
    /// at [`Control::request_header`](Control::request_header), the client is refused with 500 and accepting fails.
    ///
    /// # Examples
    ///
    /// ```
    /// let answer = websocket_anywhere::ServerDecision::refuse(503).header("Retry-After", "120");
    /// ```
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The body of a refusal (RFC 9110 section 6.4).
    ///
    /// # Errors
    ///
    /// An accepting answer cannot have a body: the client is refused with 500 and accepting fails.
    ///
    /// # Examples
    ///
    /// ```
    /// let answer = websocket_anywhere::ServerDecision::refuse(404).body("there is nothing here");
    /// ```
    #[must_use]
    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = Bytes::copy_from_slice(body.as_ref());
        self
    }

    const fn new(decision: Decision) -> Self {
        Self { decision, headers: Vec::new(), body: Bytes::new() }
    }

    /// The response by which this is said to who asked.
    pub(super) fn response(self, request: &ServerRequest, settings: &Control) -> ServerResponse {
        let response = self.decided(request, settings);
        if request.is_over_http2() { response.over_http2() } else { response }
    }

    fn decided(self, request: &ServerRequest, settings: &Control) -> ServerResponse {
        let Self { decision, headers, body } = self;
        for (name, value) in &headers {
            let header = RequestHeader { name: name.clone(), value: value.clone() };
            if header.check().is_err() {
                return ServerResponse::fault(format!("the header {name:?} of the answer cannot be sent"));
            }
        }
        let offers = |ours: &str| request.protocols().any(|offered| offered == ours);
        let protocol = match decision {
            Decision::Refuse(status @ 300..600) => {
                return ServerResponse::refusal(status).with_headers(headers).with_body(body);
            }
            Decision::Refuse(status) => return ServerResponse::fault(format!("{status} refuses nobody")),
            _ if !body.is_empty() => return ServerResponse::fault("who accepts sends no body"),
            Decision::AcceptProtocol(protocol) if offers(&protocol) => Some(protocol),
            Decision::AcceptProtocol(protocol) => {
                return ServerResponse::fault(format!("the client does not offer the subprotocol {protocol:?}"));
            }
            Decision::Accept => settings.extras().supported_protocols.iter().find(|ours| offers(ours)).cloned(),
        };
        match request.accept_key() {
            Ok(accept) => {
                let compression = settings.compression.as_ref();
                let compression = compression.and_then(|ours| deflate::accept(request.extensions(), ours));
                ServerResponse::opening(accept, protocol, compression).with_headers(headers)
            }
            Err(status) => ServerResponse::refusal(status),
        }
    }
}

impl fmt::Debug for ServerDecision {
    /// Without the body and the values of headers, which may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        let mut debug = f.debug_struct("ServerDecision");
        debug.field("decision", &self.decision).field("headers", &names).field("body_len", &self.body.len()).finish()
    }
}
