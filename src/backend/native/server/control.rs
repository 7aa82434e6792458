//! The settings of a server.

use std::{fmt, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use super::{ServerDecision, ServerRequest, ServerResponse};
use crate::{
    control::{ConnectionKind, Control},
    error::Result,
};

/// The settings of a server (UWP: `ServerMessageWebSocketControl`, and the arguments of
/// `DevicePortalConnection.GetServerMessageWebSocketForRequest`). Cloning is cheap enough for each connection.
///
/// # Examples
///
/// ```
/// use websocket_anywhere::{Control, ServerControl};
///
/// let control = ServerControl::new().settings(Control::new().supported_protocol("chat").max_message_size(Some(65_536)));
/// ```
#[derive(Clone)]
pub struct ServerControl {
    settings: Control,
    on_request: Option<Decide>,
    request_timeout: Duration,
    peer_address: Option<SocketAddr>,
}

/// How requests are decided about.
#[derive(Clone)]
enum Decide {
    Now(Arc<dyn Fn(&ServerRequest) -> ServerDecision + Send + Sync>),
    Later(Arc<dyn Fn(&ServerRequest) -> Deciding + Send + Sync>),
}

type Deciding = Pin<Box<dyn Future<Output = ServerDecision> + Send>>;

impl Default for ServerControl {
    fn default() -> Self {
        Self {
            settings: Control::new(),
            on_request: None,
            request_timeout: Duration::from_secs(10),
            peer_address: None,
        }
    }
}

impl ServerControl {
    /// The default settings, which accept every opening handshake without a subprotocol (UWP: those of a new
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
    /// The first of the [`supported_protocols`](Control::supported_protocols) that the client offers is chosen.
    /// [`connect_timeout`](Control::connect_timeout) limits the opening handshake, including the decision.
    /// [`compression`](Control::compression) accepts a client's offer as far as it fits the settings, whose window sizes are
    /// the largest that are granted (RFC 7692 section 7.1). Default: offers are declined.
    ///
    /// # Errors
    ///
    /// Accepting fails with [`NotSupported`](crate::ErrorKind::NotSupported) for a setting about connecting: those that the
    /// column *server* of the [table of all settings](Control#every-setting) calls an error. The client gets a 500.
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

    /// A function that decides about each request by its path, headers and subprotocols. Default: every request is accepted
    /// (UWP: `DevicePortalConnection.RequestReceived`).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{ServerControl, ServerDecision};
    ///
    /// let control = ServerControl::new().on_request(|request| match request.path() {
    ///     "/chat" => ServerDecision::accept_protocol("chat"),
    ///     _ => ServerDecision::refuse(404),
    /// });
    /// ```
    #[must_use]
    pub fn on_request(mut self, decide: impl Fn(&ServerRequest) -> ServerDecision + Send + Sync + 'static) -> Self {
        self.on_request = Some(Decide::Now(Arc::new(decide)));
        self
    }

    /// An asynchronous [`on_request`](Self::on_request), which it replaces, for example to look up a session. The closure
    /// copies what it needs from the request and returns a future (UWP: the deferral of
    /// `DevicePortalConnection.RequestReceived`).
    ///
    /// # Errors
    ///
    /// If the decision takes longer than [`connect_timeout`](Control::connect_timeout),
    /// [`accept`](super::ServerMessageWebSocket::accept) fails with [`Timeout`](crate::ErrorKind::Timeout) and the client
    /// gets a 503.
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{ServerControl, ServerDecision};
    ///
    /// # async fn knows(cookie: Option<String>) -> bool { cookie.is_some() }
    /// let control = ServerControl::new().on_request_async(|request| {
    ///     let cookie = request.header("Cookie").map(str::to_owned);
    ///     async move { if knows(cookie).await { ServerDecision::accept() } else { ServerDecision::refuse(401) } }
    /// });
    /// ```
    #[must_use]
    pub fn on_request_async<F>(mut self, decide: impl Fn(&ServerRequest) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ServerDecision> + Send + 'static,
    {
        self.on_request = Some(Decide::Later(Arc::new(move |request| Box::pin(decide(request)))));
        self
    }

    /// How long a client may take to send its whole request; after that it gets a 408. Default: 10 s.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let control = websocket_anywhere::ServerControl::new().request_timeout(Duration::from_secs(3));
    /// ```
    #[must_use]
    pub const fn request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = timeout;
        self
    }

    /// The address of the client, for the decision and for
    /// [`Information::remote_address`](crate::Information::remote_address). Set it for each connection: a transport does not
    /// expose it. Default: none (UWP: `ServerMessageWebSocketInformation` has none).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(listener: tokio::net::TcpListener) -> Result<(), Box<dyn std::error::Error>> {
    /// use websocket_anywhere::{ServerControl, ServerDecision, ServerMessageWebSocket};
    ///
    /// let control = ServerControl::new().on_request(|request| match request.peer_address() {
    ///     Some(address) if address.ip().is_loopback() => ServerDecision::accept(),
    ///     _ => ServerDecision::refuse(403),
    /// });
    /// let (tcp, address) = listener.accept().await?;
    /// let socket = ServerMessageWebSocket::accept(tcp, control.clone().peer_address(address)).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn peer_address(mut self, address: impl Into<SocketAddr>) -> Self {
        self.peer_address = Some(address.into());
        self
    }

    /// The address that was told.
    pub(super) const fn peer(&self) -> Option<SocketAddr> {
        self.peer_address
    }

    /// The response to a request, for a web server that sends it and then passes its transport to
    /// [`ServerMessageWebSocket::upgraded`](super::ServerMessageWebSocket::upgraded) (RFC 6455 section 4.2).
    ///
    /// With an asynchronous decision use [`respond_async`](Self::respond_async); this returns a 500.
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
        match &self.on_request {
            None => ServerDecision::accept().response(request, &self.settings),
            Some(Decide::Now(decide)) => decide(request).response(request, &self.settings),
            Some(Decide::Later(_)) => ServerResponse::fault("on_request_async is for respond_async"),
        }
    }

    /// The response to a request, after an asynchronous decision (RFC 6455 section 4.2).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the future of the decision.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(control: websocket_anywhere::ServerControl, request: websocket_anywhere::ServerRequest) {
    /// let response = control.respond_async(&request).await;
    /// # }
    /// ```
    pub async fn respond_async(&self, request: &ServerRequest) -> ServerResponse {
        match &self.on_request {
            Some(Decide::Later(decide)) => decide(request).await.response(request, &self.settings),
            _ => self.respond(request),
        }
    }

    pub(super) const fn time_for_request(&self) -> Duration {
        self.request_timeout
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
    settings.check_supported(ConnectionKind::Server)
}

impl fmt::Debug for ServerControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("ServerControl");
        debug.field("settings", &self.settings).field("request_timeout", &self.request_timeout).finish_non_exhaustive()
    }
}
