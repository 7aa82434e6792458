//! The kinds of errors: one table for both targets, with everything that is known of each.

use std::io;

use super::hresult::HResult;

/// Declares the enum and all that follows from it: documentation, `HResult::` (0x80190000 + status for HTTP),
/// `io::ErrorKind::`, and whether a native program and one in a browser can meet it. Each of the last two is "yes",
/// "yes" with a condition, or "no" with what comes instead. The page `docs::errors` is written from this table.
macro_rules! kinds {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident $(($field:ty))? => $hresult:ident, $io:ident, $native:literal, $browser:literal;
    )*) => {
        /// The kind of an [`Error`](crate::Error), the same set on both targets.
        ///
        /// The table of all kinds, with the HRESULT and the `WebErrorStatus` by which UWP reports them, is
        /// [`docs::errors`](crate::docs::errors).
        ///
        /// # Platform notes
        ///
        /// A browser does not report why a connection failed (WHATWG WebSockets, "feedback from the protocol"). There, every
        /// failure to connect is [`CannotConnect`](Self::CannotConnect) and every loss is
        /// [`ConnectionAborted`](Self::ConnectionAborted), where a native program gets
        /// [`HostNameNotResolved`](Self::HostNameNotResolved), a certificate error, an HTTP status or a protocol error.
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
            $($(#[doc = $doc])+ $name $(($field))?,)*
        }

        impl ErrorKind {
            /// What the table says, for all kinds but those with an HRESULT for each value.
            const fn listed_hresult(self) -> HResult {
                match self {
                    $(Self::$name { .. } => HResult::$hresult,)*
                }
            }

            /// The kind of `std::io::Error` that comes nearest, for the I/O traits.
            pub(super) const fn io_kind(self) -> io::ErrorKind {
                match self {
                    $(Self::$name { .. } => io::ErrorKind::$io,)*
                }
            }
        }

        #[cfg(test)]
        const TABLE: &[tests::Row] = &[$(tests::Row {
            name: stringify!($name),
            meaning: concat!($($doc,)+),
            hresult: HResult::$hresult,
            hresult_name: stringify!($hresult),
            io_kind: io::ErrorKind::$io,
            native: $native,
            browser: $browser,
        },)*];
    };
}

kinds! {
    /// No address could be connected to, or the server chose none of the offered subprotocols.
    CannotConnect => WININET_E_CANNOT_CONNECT, ConnectionRefused, "yes", "yes";
    /// The server's certificate has expired or is not valid yet.
    CertificateExpired => WININET_E_SEC_CERT_DATE_INVALID, InvalidData, "yes", "no: `CannotConnect`";
    /// The server's certificate is malformed, wrongly signed or for another use.
    CertificateInvalid => WININET_E_SEC_INVALID_CERT, InvalidData, "yes", "no: `CannotConnect`";
    /// The server's certificate is for another name.
    CertificateNameMismatch => WININET_E_SEC_CERT_CN_INVALID, InvalidData, "yes", "no: `CannotConnect`";
    /// The program's custom validation rejected the server, whose certificate passed all checks.
    CertificateRejected => INET_E_SECURITY_PROBLEM, PermissionDenied, "yes", "no: `CannotConnect`";
    /// The server's certificate was revoked.
    CertificateRevoked => WININET_E_SEC_CERT_REVOKED, InvalidData, "yes", "no: `CannotConnect`";
    /// The server's certificate was issued by an authority that is not trusted.
    CertificateUntrusted => WININET_E_INVALID_CA, InvalidData, "yes", "no: `CannotConnect`";
    /// The server requires a client certificate and got none, or refuses the one it got.
    ClientCertificate => WININET_E_CLIENT_AUTH_CERT_NEEDED, PermissionDenied, "yes", "no: `CannotConnect`";
    /// The socket, or the stream of a dropped `DataReader` or `DataWriter`, is closed or closing.
    Closed => RO_E_CLOSED, BrokenPipe, "yes", "yes";
    /// The peer closed a byte stream with a code other than 1000, 1001 or none.
    ClosedByPeer => WININET_E_DISCONNECTED, ConnectionAborted, "yes", "yes";
    /// The connection was lost: reset, ended without a Close frame, or closed by the browser with 1006.
    ConnectionAborted => WININET_E_CONNECTION_ABORTED, ConnectionAborted, "yes", "yes";
    /// The event handler panicked; the connection was closed with 1011.
    HandlerPanicked => E_UNEXPECTED, Other, "yes", "yes";
    /// The host name has no address.
    HostNameNotResolved => WININET_E_NAME_NOT_RESOLVED, NotFound, "yes", "no: `CannotConnect`";
    /// The server refused the upgrade, or a proxy refused the tunnel, with this HTTP status; also a redirect that is not followed.
    HttpStatus(u16) => HTTP_E_STATUS_UNEXPECTED, ConnectionRefused, "yes", "no: `CannotConnect`";
    /// More bytes are unread than the browser backend may buffer (a plain `WebSocket` cannot be paused), or the browser discarded unread messages when the peer closed (`Control::backpressure`).
    InboundBufferFull => WSAENOBUFS, OutOfMemory, "no: the peer waits", "yes";
    /// A close code, reason, subprotocol, request header, credential, certificate or combination of settings is invalid; nothing was sent.
    InvalidArgument => E_INVALIDARG, InvalidInput, "yes", "yes";
    /// The server's response to the upgrade violates RFC 6455 section 4.
    InvalidResponse => WININET_E_INVALID_SERVER_RESPONSE, InvalidData, "yes", "yes, if it checks no subprotocols";
    /// Bytes are not valid text in the expected encoding; nothing was sent or consumed.
    InvalidText => ERROR_NO_UNICODE_TRANSLATION, InvalidData, "yes", "yes";
    /// The URL is malformed, has a fragment, or has another scheme than `ws`, `wss`, `http` and `https`; nothing was sent.
    InvalidUrl => E_INVALIDARG, InvalidInput, "yes", "yes";
    /// The peer sent text that is not UTF-8; the connection is failed with 1007.
    InvalidUtf8 => ERROR_NO_UNICODE_TRANSLATION, InvalidData, "yes", "no: `ConnectionAborted`";
    /// A message is being sent or received in parts; until it is complete, no whole message can be. Nothing was sent or lost.
    MessageIncomplete => E_ILLEGAL_METHOD_CALL, InvalidInput, "yes", "yes";
    /// The peer sent a message over `max_message_size`; the connection is failed with 1009.
    MessageTooBig => WSAEMSGSIZE, InvalidData, "yes", "yes";
    /// There is no tokio runtime, or it shut down.
    NoRuntime => E_ILLEGAL_METHOD_CALL, Other, "yes", "no: the browser runs everything";
    /// The browser forbids this connection without an attempt: a `ws` URL on an `https` page, or a content security policy.
    NotAllowed => INET_E_SECURITY_PROBLEM, PermissionDenied, "no: nothing forbids it", "yes";
    /// The option named in the error cannot be honoured on this platform, or the platform's `WebSocket` cannot be used.
    NotSupported => E_NOTIMPL, Unsupported, "yes", "yes";
    /// More bytes were to be read than are loaded, or a value does not fit into its type; nothing was consumed.
    OutOfBounds => E_BOUNDS, UnexpectedEof, "yes", "yes";
    /// The peer violated RFC 6455; the connection is failed with 1002.
    Protocol => WININET_E_INVALID_SERVER_RESPONSE, InvalidData, "yes", "no: `ConnectionAborted`";
    /// The proxy requires credentials, or refuses those it got.
    ProxyAuthentication => HTTP_E_STATUS_PROXY_AUTH_REQ, PermissionDenied, "yes", "no: `CannotConnect`";
    /// Connecting or sending took longer than allowed, or the peer showed no sign of life for `receive_timeout`.
    Timeout => WININET_E_TIMEOUT, TimedOut, "yes", "yes";
    /// TLS failed for a reason other than the certificate.
    Tls => WININET_E_SECURITY_CHANNEL_ERROR, InvalidData, "yes", "no: `CannotConnect`";
    /// The peer sent text on a byte stream; the connection is failed with 1003.
    UnexpectedText => ERROR_INVALID_DATA, InvalidData, "yes", "yes";
    /// The socket belongs to another thread (wasm threads).
    WrongThread => RPC_E_WRONG_THREAD, Other, "no: sockets move between threads", "yes, with wasm threads";
}

impl ErrorKind {
    /// The HRESULT by which UWP reports this kind, or the nearest one if Microsoft documents none.
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
            Self::HttpStatus(status) => HResult::http(status),
            _ => self.listed_hresult(),
        }
    }

    /// Whether connecting again may succeed, because the cause is a temporary failure of the network or the server.
    ///
    /// These are [`CannotConnect`](Self::CannotConnect), [`ConnectionAborted`](Self::ConnectionAborted),
    /// [`HostNameNotResolved`](Self::HostNameNotResolved), [`Timeout`](Self::Timeout), and the HTTP statuses 408, 425, 429, 500,
    /// 502, 503 and 504. Every other kind would come again.
    ///
    /// # Platform notes
    ///
    /// A browser reports most causes as [`CannotConnect`](Self::CannotConnect), so errors that are permanent natively count
    /// as transient there. [`NotAllowed`](Self::NotAllowed) does not.
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::ErrorKind;
    ///
    /// assert!(ErrorKind::HttpStatus(503).is_transient());
    /// assert!(!ErrorKind::HttpStatus(404).is_transient());
    /// ```
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(
            self,
            Self::CannotConnect
                | Self::ConnectionAborted
                | Self::HostNameNotResolved
                | Self::HttpStatus(408 | 425 | 429 | 500 | 502..=504)
                | Self::Timeout
        )
    }
}

#[cfg(test)]
mod tests;
