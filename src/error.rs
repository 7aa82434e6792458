//! One error type for both sockets and both targets, and its translation into UWP's numbers.

mod hresult;
mod kind;
mod message;
mod source;
mod status;

use std::{error, fmt, io, sync::Arc};

pub(crate) use self::message::{Message, Value};
use self::source::{Source, Words};
pub use self::{hresult::HResult, kind::ErrorKind, status::WebErrorStatus};
use crate::{certificate::ServerCertificates, close::Closed, protocol::Violation};

/// A `Result` whose error is [`Error`] (UWP throws).
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation of a socket failed; the same type for both sockets on both targets (UWP: the exception).
///
/// `Display` says what failed at this level only, [`source`](error::Error::source) has the cause below; the wording is not
/// part of the API. A clone is cheap.
///
/// # Examples
///
/// ```no_run
/// # async fn run() {
/// use websocket_anywhere::{MessageWebSocket, WebErrorStatus};
///
/// let error = MessageWebSocket::connect("wss://example.com/nothing-here").await.unwrap_err();
/// match error.status() {
///     WebErrorStatus::NotFound => println!("wrong path"),
///     status => println!("{error}: {status:?}"),
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct Error {
    inner: Arc<Inner>,
}

struct Inner {
    kind: ErrorKind,
    message: Message,
    closed: Option<Closed>,
    certificates: Option<ServerCertificates>,
    source: Option<Source>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Message>) -> Self {
        Self::build(kind, message.into(), None, None)
    }

    #[allow(dead_code, reason = "a browser has no error types")]
    pub(crate) fn with_source(
        kind: ErrorKind,
        message: impl Into<Message>,
        source: impl Into<Box<dyn error::Error + Send + Sync>>,
    ) -> Self {
        Self::build(kind, message.into(), None, Some(Source::Other(source.into())))
    }

    /// An error about which the platform says more, in words.
    #[allow(dead_code, reason = "natively, whatever says more is an error type of its own")]
    pub(crate) fn with_words(kind: ErrorKind, message: &'static str, words: String) -> Self {
        Self::build(kind, message.into(), None, Some(Source::Words(Words(words))))
    }

    /// The peer closed a byte stream with a code other than 1000, 1001 and 1005.
    pub(crate) fn closed_by_peer(closed: Closed) -> Self {
        let message = format!("the peer closed the stream with {closed}");
        Self::build(ErrorKind::ClosedByPeer, message.into(), Some(closed), None)
    }

    /// The server's certificates were refused. Called on errors that nobody has a clone of.
    #[allow(dead_code, reason = "a browser shows no certificates")]
    pub(crate) fn about(mut self, certificates: ServerCertificates) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.certificates = Some(certificates);
        }
        self
    }

    /// An operation on a socket that is closed or closing.
    pub(crate) fn closed() -> Self {
        Self::new(ErrorKind::Closed, "the socket is closed")
    }

    /// A `DataReader` or `DataWriter` was dropped with the stream in it.
    pub(crate) fn shut() -> Self {
        Self::new(ErrorKind::Closed, "the stream was closed together with its DataReader or DataWriter")
    }

    /// A close that ended without the peer's.
    pub(crate) fn unanswered() -> Self {
        Self::new(ErrorKind::ConnectionAborted, "the peer did not answer the close")
    }

    fn build(kind: ErrorKind, message: Message, closed: Option<Closed>, source: Option<Source>) -> Self {
        Self { inner: Arc::new(Inner { kind, message, closed, certificates: None, source }) }
    }

    /// What kind of failure this is (UWP has no such member: there one branches on the HRESULT).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run() {
    /// use websocket_anywhere::{ErrorKind, MessageWebSocket};
    ///
    /// let error = MessageWebSocket::connect("http://example.com").await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::InvalidUrl);
    /// # }
    /// ```
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// The HRESULT that a UWP socket reports in this case (UWP: `Exception.HResult`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run() {
    /// use websocket_anywhere::{HResult, MessageWebSocket};
    ///
    /// let error = MessageWebSocket::connect("ws://example.com/#fragment").await.unwrap_err();
    /// assert_eq!(error.hresult(), HResult::E_INVALIDARG);
    /// # }
    /// ```
    #[must_use]
    pub fn hresult(&self) -> HResult {
        self.inner.kind.hresult()
    }

    /// The same in the terms of `Windows.Web.WebErrorStatus`: [`WebSocketError::get_status`] of [`hresult`](Self::hresult).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run() {
    /// use websocket_anywhere::{MessageWebSocket, WebErrorStatus};
    ///
    /// let error = MessageWebSocket::connect("ws://no-such-host.invalid").await.unwrap_err();
    /// assert_eq!(error.status(), WebErrorStatus::HostNameNotResolved);
    /// # }
    /// ```
    #[must_use]
    pub fn status(&self) -> WebErrorStatus {
        WebSocketError::get_status(self.hresult())
    }

    /// How the peer closed, if this is an [`ErrorKind::ClosedByPeer`] (UWP: the event `Closed`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn report(error: websocket_anywhere::Error) {
    /// if let Some(closed) = error.close() {
    ///     println!("the server says: {}", closed.reason());
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn close(&self) -> Option<&Closed> {
        self.inner.closed.as_ref()
    }

    /// What the server showed, if that is why connecting failed; always `None` in a browser (UWP: `ServerCertificate` and
    /// `ServerCertificateErrors` of the `Information` of a socket that failed to connect).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn report(error: websocket_anywhere::Error) {
    /// if let Some(server) = error.server_certificates() {
    ///     println!("{}: {:?}", server.certificate().subject(), server.errors());
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn server_certificates(&self) -> Option<&ServerCertificates> {
        self.inner.certificates.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.message.fmt(f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        debug.field("kind", &self.inner.kind).field("message", &self.inner.message.to_string());
        if let Some(source) = &self.inner.source {
            debug.field("source", &source.as_error());
        }
        debug.finish()
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.inner.source.as_ref().map(Source::as_error)
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        let kind = match violation {
            Violation::InvalidUtf8 => ErrorKind::InvalidUtf8,
            Violation::MessageTooBig => ErrorKind::MessageTooBig,
            Violation::UnexpectedText => ErrorKind::UnexpectedText,
            _ => ErrorKind::Protocol,
        };
        Self::build(kind, "the peer's data were refused".into(), None, Some(Source::Violation(violation)))
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        Self::new(error.inner.kind.io_kind(), error)
    }
}

/// Translates HRESULTs, as the UWP class of this name does (UWP: `Windows.Networking.Sockets.WebSocketError`).
#[derive(Clone, Copy, Debug)]
pub struct WebSocketError;

impl WebSocketError {
    /// The status that an HRESULT stands for, [`WebErrorStatus::Unknown`] if for none (UWP: `WebSocketError.GetStatus`).
    ///
    /// HTTP statuses without a value of their own give the `Unexpected..` value of their class.
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{WebErrorStatus, WebSocketError};
    ///
    /// assert_eq!(WebSocketError::get_status(0x80072EE2_u32 as i32), WebErrorStatus::Timeout);
    /// assert_eq!(WebSocketError::get_status(0x80190194_u32 as i32), WebErrorStatus::NotFound);
    /// assert_eq!(WebSocketError::get_status(0), WebErrorStatus::Unknown);
    /// ```
    #[must_use]
    pub fn get_status(hresult: impl Into<HResult>) -> WebErrorStatus {
        WebErrorStatus::of(hresult.into())
    }
}
