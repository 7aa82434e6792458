//! HRESULT: the numbers by which UWP reports errors.

use std::fmt;

/// An HRESULT, the number by which a UWP socket reports an error.
///
/// # Examples
///
/// ```
/// use websocket_anywhere::HResult;
///
/// assert_eq!(HResult::E_INVALIDARG.to_string(), "0x80070057");
/// assert_eq!(HResult::from(0x80072EFE_u32 as i32), HResult::WININET_E_CONNECTION_ABORTED);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HResult(u32);

impl HResult {
    /// An argument is invalid: URL, close code, reason, subprotocol or certificate.
    pub const E_INVALIDARG: Self = Self(0x8007_0057);
    /// An operation went beyond the end of the data.
    pub const E_BOUNDS: Self = Self(0x8000_000B);
    /// The platform does not support an option.
    pub const E_NOTIMPL: Self = Self(0x8000_4001);
    /// A method was called at an unexpected time.
    pub const E_ILLEGAL_METHOD_CALL: Self = Self(0x8000_000E);
    /// An unexpected failure.
    pub const E_UNEXPECTED: Self = Self(0x8000_FFFF);
    /// The socket is closed.
    pub const RO_E_CLOSED: Self = Self(0x8000_0013);
    /// The socket belongs to another thread.
    pub const RPC_E_WRONG_THREAD: Self = Self(0x8001_010E);
    /// The data are not of the expected kind (Win32 `ERROR_INVALID_DATA`).
    pub const ERROR_INVALID_DATA: Self = Self(0x8007_000D);
    /// Bytes are not valid text (Win32 `ERROR_NO_UNICODE_TRANSLATION`).
    pub const ERROR_NO_UNICODE_TRANSLATION: Self = Self(0x8007_0459);
    /// A message exceeds the limit (Winsock `WSAEMSGSIZE`).
    pub const WSAEMSGSIZE: Self = Self(0x8007_2738);
    /// A buffer is full (Winsock `WSAENOBUFS`).
    pub const WSAENOBUFS: Self = Self(0x8007_2747);
    /// An HTTP status; errors have the HRESULT of their own status instead.
    pub const HTTP_E_STATUS_UNEXPECTED: Self = Self(0x8019_0001);
    /// An operation took too long.
    pub const WININET_E_TIMEOUT: Self = Self(0x8007_2EE2);
    /// The host name has no address.
    pub const WININET_E_NAME_NOT_RESOLVED: Self = Self(0x8007_2EE7);
    /// The destination cannot be reached.
    pub const WININET_E_CANNOT_CONNECT: Self = Self(0x8007_2EFD);
    /// The connection was lost.
    pub const WININET_E_CONNECTION_ABORTED: Self = Self(0x8007_2EFE);
    /// The certificate has expired or is not valid yet.
    pub const WININET_E_SEC_CERT_DATE_INVALID: Self = Self(0x8007_2F05);
    /// The certificate is for another name.
    pub const WININET_E_SEC_CERT_CN_INVALID: Self = Self(0x8007_2F06);
    /// The certificate comes from an authority that is not trusted.
    pub const WININET_E_INVALID_CA: Self = Self(0x8007_2F0D);
    /// The server requires a client certificate, or another one.
    pub const WININET_E_CLIENT_AUTH_CERT_NEEDED: Self = Self(0x8007_2F0C);
    /// The server's response is invalid.
    pub const WININET_E_INVALID_SERVER_RESPONSE: Self = Self(0x8007_2F78);
    /// TLS failed for a reason other than the certificate.
    pub const WININET_E_SECURITY_CHANNEL_ERROR: Self = Self(0x8007_2F7D);
    /// The peer ended the connection.
    pub const WININET_E_DISCONNECTED: Self = Self(0x8007_2F83);
    /// The certificate is invalid.
    pub const WININET_E_SEC_INVALID_CERT: Self = Self(0x8007_2F89);
    /// The certificate was revoked.
    pub const WININET_E_SEC_CERT_REVOKED: Self = Self(0x8007_2F8A);

    /// The proxy requires credentials, or other ones (HTTP status 407).
    pub const HTTP_E_STATUS_PROXY_AUTH_REQ: Self = Self::http(407);
    /// The program's custom validation rejected the server.
    pub const INET_E_SECURITY_PROBLEM: Self = Self(0x800C_000E);

    /// The HRESULT with this number (UWP: `HRESULT`).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::HResult;
    ///
    /// assert_eq!(HResult::new(0x8019_0194).http_status(), Some(404));
    /// ```
    #[must_use]
    pub const fn new(code: u32) -> Self {
        Self(code)
    }

    /// The number without a sign, as it is usually written (UWP: `HRESULT`).
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(websocket_anywhere::HResult::E_NOTIMPL.code(), 0x8000_4001);
    /// ```
    #[must_use]
    pub const fn code(self) -> u32 {
        self.0
    }

    /// The HTTP status of an HRESULT of the HTTP family (`0x80190000 + status`), or `None` (UWP: `HTTP_E_STATUS_..`).
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(websocket_anywhere::HResult::E_INVALIDARG.http_status(), None);
    /// ```
    #[must_use]
    pub const fn http_status(self) -> Option<u16> {
        let status = (self.0 & 0xffff) as u16;
        if self.0 >> 16 == HTTP_FAMILY && status >= 100 { Some(status) } else { None }
    }

    pub(crate) const fn http(status: u16) -> Self {
        Self(HTTP_FAMILY << 16 | status as u32)
    }
}

impl From<i32> for HResult {
    /// The HRESULT as a signed number, as Windows APIs pass it.
    fn from(code: i32) -> Self {
        Self(code as u32)
    }
}

impl From<HResult> for i32 {
    fn from(hresult: HResult) -> Self {
        hresult.0 as Self
    }
}

impl fmt::Display for HResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010X}", self.0)
    }
}

impl fmt::Debug for HResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HResult({self})")
    }
}

const HTTP_FAMILY: u32 = 0x8019;
