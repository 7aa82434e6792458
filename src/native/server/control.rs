//! The settings of a server, and what it answers.

use std::{fmt, sync::Arc};

use super::request::{ServerRequest, ServerResponse};
use crate::{
    control::{Control, Place},
    error::Result,
};

/// The settings of a server (UWP: `ServerMessageWebSocketControl`, and the arguments of
/// `DevicePortalConnection.GetServerMessageWebSocketForRequest`). A clone is cheap enough for each connection.
///
/// # Examples
///
/// ```
/// use websocket_anywhere::{Control, ServerControl};
///
/// let control = ServerControl::new().settings(Control::new().supported_protocol("chat").max_message_size(Some(65_536)));
/// ```
#[derive(Clone, Default)]
pub struct ServerControl {
    settings: Control,
    on_request: Option<Arc<Decide>>,
}

type Decide = dyn Fn(&ServerRequest) -> Answer + Send + Sync;

/// What a server answers to a request (RFC 6455 section 4.2.2).
///
/// # Examples
///
/// ```
/// use websocket_anywhere::{Answer, ServerControl};
///
/// let control = ServerControl::new().on_request(|request| {
///     if request.header("Origin") == Some("https://example.com") { Answer::accept() } else { Answer::refuse(403) }
/// });
/// ```
#[derive(Clone, Debug)]
pub struct Answer(Decision);

#[derive(Clone, Debug)]
enum Decision {
    Accept,
    AcceptProtocol(String),
    Refuse(u16),
}

impl Answer {
    /// Accepts, with the first subprotocol of the settings that the client offers, if there is one (RFC 6455 section
    /// 4.2.2).
    ///
    /// # Examples
    ///
    /// ```
    /// let answer = websocket_anywhere::Answer::accept();
    /// ```
    #[must_use]
    pub const fn accept() -> Self {
        Self(Decision::Accept)
    }

    /// Accepts with this subprotocol, which the client must have offered: otherwise it is refused with 500, for it would have
    /// to fail the connection (RFC 6455 section 4.1).
    ///
    /// # Examples
    ///
    /// ```
    /// let answer = websocket_anywhere::Answer::accept_protocol("chat");
    /// ```
    #[must_use]
    pub fn accept_protocol(protocol: impl Into<String>) -> Self {
        Self(Decision::AcceptProtocol(protocol.into()))
    }

    /// Refuses with an HTTP status from 300 to 599; any other becomes 500 (RFC 6455 section 4.2.2).
    ///
    /// # Examples
    ///
    /// ```
    /// let answer = websocket_anywhere::Answer::refuse(404);
    /// ```
    #[must_use]
    pub const fn refuse(status: u16) -> Self {
        Self(Decision::Refuse(status))
    }
}

impl ServerControl {
    /// The default settings: every request for a WebSocket is accepted, without a subprotocol (UWP: those of a new
    /// `ServerMessageWebSocketControl`).
    ///
    /// # Examples
    ///
    /// ```
    /// let control = websocket_anywhere::ServerControl::new();
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The settings of the sockets (UWP: `ServerMessageWebSocketControl`).
    ///
    /// Of the subprotocols in [`supported_protocols`](Control::supported_protocols) the first one
    /// that the client offers is chosen; [`connect_timeout`](Control::connect_timeout) is for the opening handshake.
    ///
    /// # Errors
    ///
    /// Accepting fails with [`NotSupported`](crate::ErrorKind::NotSupported) for a setting in use that a server has no use
    /// for: `request_header`, `server_credential`, `root_certificate`, and `compression`, which it always declines.
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Control, ServerControl};
    ///
    /// let control = ServerControl::new().settings(Control::new().supported_protocol("chat"));
    /// ```
    #[must_use]
    pub fn settings(mut self, settings: Control) -> Self {
        self.settings = settings;
        self
    }

    /// Looks at each request and decides: its path, its headers, its subprotocols. Default: every request is accepted (UWP:
    /// `DevicePortalConnection.RequestReceived`).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Answer, ServerControl};
    ///
    /// let control = ServerControl::new().on_request(|request| match request.path() {
    ///     "/chat" => Answer::accept_protocol("chat"),
    ///     _ => Answer::refuse(404),
    /// });
    /// ```
    #[must_use]
    pub fn on_request(mut self, decide: impl Fn(&ServerRequest) -> Answer + Send + Sync + 'static) -> Self {
        self.on_request = Some(Arc::new(decide));
        self
    }

    /// What to answer to a request, for a web server that answers by itself and then hands its transport to
    /// [`ServerMessageWebSocket::upgraded`](super::ServerMessageWebSocket::upgraded) (RFC 6455 section 4.2).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{ServerControl, ServerRequest};
    ///
    /// let headers = [
    ///     ("Connection", "Upgrade"),
    ///     ("Upgrade", "websocket"),
    ///     ("Sec-WebSocket-Version", "13"),
    ///     ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    /// ];
    /// let response = ServerControl::new().respond(&ServerRequest::new("/chat", headers)?);
    /// assert_eq!(response.status(), 101);
    /// # Ok::<(), websocket_anywhere::Error>(())
    /// ```
    #[must_use]
    pub fn respond(&self, request: &ServerRequest) -> ServerResponse {
        let Answer(decision) = self.on_request.as_ref().map_or_else(Answer::accept, |decide| decide(request));
        match decision {
            Decision::Refuse(status @ 300..600) => ServerResponse::refusal(status),
            Decision::AcceptProtocol(protocol) if request.protocols().any(|offered| offered == protocol) => {
                request.accept(Some(&protocol))
            }
            Decision::Refuse(_) | Decision::AcceptProtocol(_) => ServerResponse::refusal(INTERNAL_SERVER_ERROR),
            Decision::Accept => {
                let mut ours = self.settings.extras().supported_protocols.iter();
                request
                    .accept(ours.find(|ours| request.protocols().any(|offered| offered == *ours)).map(String::as_str))
            }
        }
    }

    pub(super) const fn settings_of_sockets(&self) -> &Control {
        &self.settings
    }

    pub(super) fn check(&self) -> Result<()> {
        check(&self.settings)
    }
}

/// Refuses impossible settings, and those that a server has no use for.
pub(super) fn check(settings: &Control) -> Result<()> {
    settings.check()?;
    settings.check_supported(Place::Server)
}

impl fmt::Debug for ServerControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerControl").field("settings", &self.settings).finish_non_exhaustive()
    }
}

const INTERNAL_SERVER_ERROR: u16 = 500;
