//! The kinds of errors: one set for both targets.

use std::io;

use super::hresult::HResult;

/// What kind of failure an [`Error`](crate::Error) is; the same set on both targets.
///
/// # Platform notes
///
/// A browser tells scripts nothing about why a connection failed (WHATWG WebSockets, "feedback from the protocol"): there,
/// every failure to connect is [`CannotConnect`](Self::CannotConnect) and every loss
/// [`ConnectionAborted`](Self::ConnectionAborted), also where a native program learns a
/// [`HostNameNotResolved`](Self::HostNameNotResolved), a certificate, an HTTP status, or a breach of the protocol.
///
/// # Examples
///
/// ```
/// use websocket_anywhere::{ErrorKind, HResult};
///
/// assert_eq!(ErrorKind::HttpStatus(404).hresult(), HResult::new(0x8019_0194));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No connection could be made to any address.
    CannotConnect,
    /// The server's certificate has expired or is not valid yet.
    CertificateExpired,
    /// The server's certificate is malformed, wrongly signed or for another use.
    CertificateInvalid,
    /// The server's certificate is for another name.
    CertificateNameMismatch,
    /// The server's certificate was revoked.
    CertificateRevoked,
    /// The server's certificate comes from an authority that is not trusted.
    CertificateUntrusted,
    /// The socket is closed, or closing.
    Closed,
    /// The peer closed a byte stream with a code that says that something went wrong.
    ClosedByPeer,
    /// The connection was lost: reset, ended without a Close, or closed by the browser with 1006.
    ConnectionAborted,
    /// The host name has no address.
    HostNameNotResolved,
    /// The server refused the upgrade with this HTTP status; redirects are refusals, too.
    HttpStatus(u16),
    /// More unread bytes than the browser backend may hold (a plain `WebSocket` cannot be paused), or unread messages that
    /// the browser threw away when the peer closed ([`Control::backpressure`](crate::Control::backpressure)).
    InboundBufferFull,
    /// A close code, reason, subprotocol or certificate is invalid; nothing was sent.
    InvalidArgument,
    /// The server's answer to the upgrade breaks RFC 6455 section 4.
    InvalidResponse,
    /// The URL is malformed, not `ws` or `wss`, or has a fragment or credentials; nothing was sent.
    InvalidUrl,
    /// The peer sent text that is not UTF-8; the connection is failed with 1007.
    InvalidUtf8,
    /// The peer sent a message over `max_message_size`; the connection is failed with 1009.
    MessageTooBig,
    /// There is no tokio runtime, or it shut down.
    NoRuntime,
    /// The option named in the error cannot be honoured on this platform.
    NotSupported,
    /// The peer broke RFC 6455; the connection is failed with 1002.
    Protocol,
    /// Connecting or sending took longer than allowed.
    Timeout,
    /// TLS failed for another reason than the certificate.
    Tls,
    /// The peer sent text on a byte stream; the connection is failed with 1003.
    UnexpectedText,
    /// The socket belongs to another thread (wasm threads).
    WrongThread,
}

impl ErrorKind {
    /// The HRESULT by which UWP reports this kind; where Microsoft documents none, the nearest.
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{ErrorKind, HResult};
    ///
    /// assert_eq!(ErrorKind::Timeout.hresult(), HResult::WININET_E_TIMEOUT);
    /// ```
    #[must_use]
    pub const fn hresult(self) -> HResult {
        match self {
            Self::CannotConnect => HResult::WININET_E_CANNOT_CONNECT,
            Self::CertificateExpired => HResult::WININET_E_SEC_CERT_DATE_INVALID,
            Self::CertificateInvalid => HResult::WININET_E_SEC_INVALID_CERT,
            Self::CertificateNameMismatch => HResult::WININET_E_SEC_CERT_CN_INVALID,
            Self::CertificateRevoked => HResult::WININET_E_SEC_CERT_REVOKED,
            Self::CertificateUntrusted => HResult::WININET_E_INVALID_CA,
            Self::Closed => HResult::RO_E_CLOSED,
            Self::ClosedByPeer => HResult::WININET_E_DISCONNECTED,
            Self::ConnectionAborted => HResult::WININET_E_CONNECTION_ABORTED,
            Self::HostNameNotResolved => HResult::WININET_E_NAME_NOT_RESOLVED,
            Self::HttpStatus(status) => HResult::http(status),
            Self::InboundBufferFull => HResult::WSAENOBUFS,
            Self::InvalidArgument | Self::InvalidUrl => HResult::E_INVALIDARG,
            Self::InvalidResponse | Self::Protocol => HResult::WININET_E_INVALID_SERVER_RESPONSE,
            Self::InvalidUtf8 => HResult::ERROR_NO_UNICODE_TRANSLATION,
            Self::MessageTooBig => HResult::WSAEMSGSIZE,
            Self::NoRuntime => HResult::E_ILLEGAL_METHOD_CALL,
            Self::NotSupported => HResult::E_NOTIMPL,
            Self::Timeout => HResult::WININET_E_TIMEOUT,
            Self::Tls => HResult::WININET_E_SECURITY_CHANNEL_ERROR,
            Self::UnexpectedText => HResult::ERROR_INVALID_DATA,
            Self::WrongThread => HResult::RPC_E_WRONG_THREAD,
        }
    }

    /// The kind of `std::io::Error` that comes nearest, for the I/O traits.
    pub(super) const fn io_kind(self) -> io::ErrorKind {
        match self {
            Self::CannotConnect | Self::HttpStatus(_) => io::ErrorKind::ConnectionRefused,
            Self::CertificateExpired
            | Self::CertificateInvalid
            | Self::CertificateNameMismatch
            | Self::CertificateRevoked
            | Self::CertificateUntrusted
            | Self::InvalidResponse
            | Self::InvalidUtf8
            | Self::MessageTooBig
            | Self::Protocol
            | Self::Tls
            | Self::UnexpectedText => io::ErrorKind::InvalidData,
            Self::Closed => io::ErrorKind::BrokenPipe,
            Self::ClosedByPeer | Self::ConnectionAborted => io::ErrorKind::ConnectionAborted,
            Self::HostNameNotResolved => io::ErrorKind::NotFound,
            Self::InboundBufferFull => io::ErrorKind::OutOfMemory,
            Self::InvalidArgument | Self::InvalidUrl => io::ErrorKind::InvalidInput,
            Self::NoRuntime | Self::WrongThread => io::ErrorKind::Other,
            Self::NotSupported => io::ErrorKind::Unsupported,
            Self::Timeout => io::ErrorKind::TimedOut,
        }
    }
}
