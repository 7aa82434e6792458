//! One error type for both sockets and both targets, and its translation into UWP's numbers.

mod code;
mod details;
mod hresult;
mod kind;
mod message;
mod status;

use std::{error, fmt, io, sync::Arc};

pub(crate) use self::{
    code::ErrorCode,
    message::{Message, Value},
};
use self::{details::ErrorDetails, message::PlatformMessage};
pub use self::{hresult::HResult, kind::ErrorKind, status::WebErrorStatus};
use crate::{certificate::ServerCertificates, close::Closed, protocol::Violation, response::HttpResponse};

/// A `Result` whose error is [`Error`] (UWP throws).
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The error of a socket operation, the same type for both sockets on both targets (UWP: the exception).
///
/// `Display` describes this level only; [`source`](error::Error::source) is the underlying cause. The wording is not part of
/// the API. Cloning is cheap.
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

enum Inner {
    /// With what the platform says about it, empty if nothing.
    ErrorCode(ErrorCode, PlatformMessage),
    /// Boxed, as it is seldom there.
    ErrorDetails(Box<ErrorDetails>),
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Message>) -> Self {
        Self::reported(ErrorDetails::new(kind, message.into()))
    }

    #[allow(dead_code, reason = "a browser has no error types")]
    pub(crate) fn with_source(
        kind: ErrorKind,
        message: impl Into<Message>,
        source: impl Into<Box<dyn error::Error + Send + Sync>>,
    ) -> Self {
        Self::reported(ErrorDetails { source: Some(source.into()), ..ErrorDetails::new(kind, message.into()) })
    }

    /// A fault about which the platform says more, in words. Out of line, for the sake of what goes well.
    #[cold]
    #[inline(never)]
    pub(crate) fn with_words(fault: ErrorCode, words: String) -> Self {
        Self { inner: Arc::new(Inner::ErrorCode(fault, PlatformMessage(words))) }
    }

    /// The peer closed a byte stream with a code other than 1000, 1001 and 1005.
    pub(crate) fn closed_by_peer(closed: Closed) -> Self {
        let message = format!("the peer closed the stream with {closed}");
        Self::reported(ErrorDetails {
            closed: Some(closed),
            ..ErrorDetails::new(ErrorKind::ClosedByPeer, message.into())
        })
    }

    /// The server's certificates were refused. Called on errors that nobody has a clone of.
    #[allow(dead_code, reason = "a browser shows no certificates")]
    pub(crate) fn about(mut self, certificates: ServerCertificates) -> Self {
        if let Some(Inner::ErrorDetails(report)) = Arc::get_mut(&mut self.inner) {
            report.certificates = Some(certificates);
        }
        self
    }

    /// The server has answered, but not as it was asked to. Called on errors that nobody has a clone of.
    #[allow(dead_code, reason = "a browser hides the answers of servers")]
    pub(crate) fn answered(mut self, response: HttpResponse) -> Self {
        if let Some(Inner::ErrorDetails(report)) = Arc::get_mut(&mut self.inner) {
            report.response = Some(response);
        }
        self
    }

    fn reported(report: ErrorDetails) -> Self {
        Self { inner: Arc::new(Inner::ErrorDetails(Box::new(report))) }
    }

    fn report(&self) -> Option<&ErrorDetails> {
        match &*self.inner {
            Inner::ErrorCode(..) => None,
            Inner::ErrorDetails(report) => Some(report),
        }
    }

    /// The kind of the error, to branch on.
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
        match &*self.inner {
            Inner::ErrorCode(fault, _) => fault.kind(),
            Inner::ErrorDetails(report) => report.kind,
        }
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
        self.kind().hresult()
    }

    /// The `Windows.Web.WebErrorStatus` of the error: [`WebSocketError::get_status`] of [`hresult`](Self::hresult).
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

    /// The code and reason of the peer's Close frame, if the kind is [`ErrorKind::ClosedByPeer`] (UWP: the event `Closed`).
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
        self.report()?.closed.as_ref()
    }

    /// The HTTP response of a server or proxy that did not open a WebSocket: status, headers and up to 64 KiB of the body;
    /// always `None` in a browser.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn report(error: websocket_anywhere::Error) {
    /// if let Some(response) = error.response() {
    ///     println!("{}: {:?}", response.status(), response.headers().get("Location"));
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn response(&self) -> Option<&HttpResponse> {
        self.report()?.response.as_ref()
    }

    /// The server's certificates, if they are the reason of the error; always `None` in a browser (UWP: `ServerCertificate`
    /// and `ServerCertificateErrors` of the `Information` of a socket that failed to connect).
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
        self.report()?.certificates.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.inner {
            Inner::ErrorCode(fault, _) => fault.fmt(f),
            Inner::ErrorDetails(report) => report.message.fmt(f),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        debug.field("kind", &self.kind()).field("message", &self.to_string());
        if let Some(source) = error::Error::source(self) {
            debug.field("source", &source);
        }
        debug.finish()
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &*self.inner {
            Inner::ErrorCode(ErrorCode::Violation(violation), _) => Some(violation),
            Inner::ErrorCode(ErrorCode::MessageTooBig { .. }, _) => Some(&Violation::MessageTooBig),
            Inner::ErrorCode(_, words) if words.0.is_empty() => None,
            Inner::ErrorCode(_, words) => Some(words),
            Inner::ErrorDetails(report) => report.source.as_deref().map(|source| source as &dyn error::Error),
        }
    }
}

impl From<ErrorCode> for Error {
    #[cold]
    #[inline(never)]
    fn from(fault: ErrorCode) -> Self {
        Self::with_words(fault, String::new())
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        ErrorCode::Violation(violation).into()
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        Self::new(error.kind().io_kind(), error)
    }
}

/// Translates HRESULTs, as the UWP class of this name does (UWP: `Windows.Networking.Sockets.WebSocketError`).
#[derive(Clone, Copy, Debug)]
pub struct WebSocketError;

impl WebSocketError {
    /// The status of an HRESULT, or [`WebErrorStatus::Unknown`] if it has none (UWP: `WebSocketError.GetStatus`).
    ///
    /// An HTTP status without a value of its own becomes the `Unexpected..` value of its class.
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
