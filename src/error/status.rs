//! `WebErrorStatus`: the 55 values of `Windows.Web.WebErrorStatus`, and the HRESULT that each stands for.

use super::hresult::HResult;

/// Declares the enum and its table from one list, so that the two cannot drift apart.
macro_rules! statuses {
    ($($(#[doc = $doc:literal])* $name:ident = $number:literal, $hresult:literal;)*) => {
        /// An error status: `Windows.Web.WebErrorStatus`.
        ///
        /// The numbers are UWP's; those from 300 on are HTTP status codes. Microsoft publishes no table from HRESULT to
        /// status; this one pairs the values that share a name in `winerror.h`, and `0x80190000 + status` for HTTP.
        ///
        /// # Examples
        ///
        /// ```
        /// use websocket_anywhere::WebErrorStatus;
        ///
        /// assert_eq!(WebErrorStatus::NotFound.number(), 404);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        #[repr(i32)]
        pub enum WebErrorStatus {
            $($(#[doc = $doc])* $name = $number,)*
        }

        impl WebErrorStatus {
            /// All 55 values in the order of their numbers.
            pub const ALL: [Self; 55] = [$(Self::$name,)*];

            /// The HRESULT of this status.
            ///
            /// # Examples
            ///
            /// ```
            /// use websocket_anywhere::{HResult, WebErrorStatus};
            ///
            /// assert_eq!(WebErrorStatus::Timeout.hresult(), HResult::WININET_E_TIMEOUT);
            /// ```
            #[must_use]
            pub const fn hresult(self) -> HResult {
                match self {
                    $(Self::$name => HResult::new($hresult),)*
                }
            }
        }
    };
}

statuses! {
    /// Anything not recognised.
    Unknown = 0, 0x80004005;
    /// The certificate is for another name.
    CertificateCommonNameIsIncorrect = 1, 0x80072F06;
    /// The certificate has expired or is not valid yet.
    CertificateExpired = 2, 0x80072F05;
    /// The certificate has errors.
    CertificateContainsErrors = 3, 0x80072F17;
    /// The certificate was revoked.
    CertificateRevoked = 4, 0x80072F8A;
    /// The certificate is invalid.
    CertificateIsInvalid = 5, 0x80072F89;
    /// The server does not answer.
    ServerUnreachable = 6, 0x80072F84;
    /// The operation took too long.
    Timeout = 7, 0x80072EE2;
    /// The server's response is invalid.
    ErrorHttpInvalidServerResponse = 8, 0x80072F78;
    /// The connection was aborted.
    ConnectionAborted = 9, 0x80072EFE;
    /// The connection was reset.
    ConnectionReset = 10, 0x80072EFF;
    /// The connection ended.
    Disconnected = 11, 0x80072F83;
    /// A redirection to a secure address.
    HttpToHttpsOnRedirection = 12, 0x80072F07;
    /// A redirection to an insecure address.
    HttpsToHttpOnRedirection = 13, 0x80072F08;
    /// The destination cannot be reached.
    CannotConnect = 14, 0x80072EFD;
    /// The host name has no address.
    HostNameNotResolved = 15, 0x80072EE7;
    /// The operation was cancelled.
    OperationCanceled = 16, 0x80072EF1;
    /// The redirection failed.
    RedirectFailed = 17, 0x80072F7C;
    /// An unexpected HTTP status.
    UnexpectedStatusCode = 18, 0x80190001;
    /// An unexpected HTTP redirection.
    UnexpectedRedirection = 19, 0x80190003;
    /// An unexpected HTTP status of the 4xx class.
    UnexpectedClientError = 20, 0x80190004;
    /// An unexpected HTTP status of the 5xx class.
    UnexpectedServerError = 21, 0x80190005;
    /// The server cannot send ranges.
    InsufficientRangeSupport = 22, 0x80200013;
    /// The server does not send the length.
    MissingContentLengthSupport = 23, 0x80200011;
    /// HTTP status 300.
    MultipleChoices = 300, 0x8019012C;
    /// HTTP status 301.
    MovedPermanently = 301, 0x8019012D;
    /// HTTP status 302.
    Found = 302, 0x8019012E;
    /// HTTP status 303.
    SeeOther = 303, 0x8019012F;
    /// HTTP status 304.
    NotModified = 304, 0x80190130;
    /// HTTP status 305.
    UseProxy = 305, 0x80190131;
    /// HTTP status 307.
    TemporaryRedirect = 307, 0x80190133;
    /// HTTP status 400.
    BadRequest = 400, 0x80190190;
    /// HTTP status 401.
    Unauthorized = 401, 0x80190191;
    /// HTTP status 402.
    PaymentRequired = 402, 0x80190192;
    /// HTTP status 403.
    Forbidden = 403, 0x80190193;
    /// HTTP status 404.
    NotFound = 404, 0x80190194;
    /// HTTP status 405.
    MethodNotAllowed = 405, 0x80190195;
    /// HTTP status 406.
    NotAcceptable = 406, 0x80190196;
    /// HTTP status 407.
    ProxyAuthenticationRequired = 407, 0x80190197;
    /// HTTP status 408.
    RequestTimeout = 408, 0x80190198;
    /// HTTP status 409.
    Conflict = 409, 0x80190199;
    /// HTTP status 410.
    Gone = 410, 0x8019019A;
    /// HTTP status 411.
    LengthRequired = 411, 0x8019019B;
    /// HTTP status 412.
    PreconditionFailed = 412, 0x8019019C;
    /// HTTP status 413.
    RequestEntityTooLarge = 413, 0x8019019D;
    /// HTTP status 414.
    RequestUriTooLong = 414, 0x8019019E;
    /// HTTP status 415.
    UnsupportedMediaType = 415, 0x8019019F;
    /// HTTP status 416.
    RequestedRangeNotSatisfiable = 416, 0x801901A0;
    /// HTTP status 417.
    ExpectationFailed = 417, 0x801901A1;
    /// HTTP status 500.
    InternalServerError = 500, 0x801901F4;
    /// HTTP status 501.
    NotImplemented = 501, 0x801901F5;
    /// HTTP status 502.
    BadGateway = 502, 0x801901F6;
    /// HTTP status 503.
    ServiceUnavailable = 503, 0x801901F7;
    /// HTTP status 504.
    GatewayTimeout = 504, 0x801901F8;
    /// HTTP status 505.
    HttpVersionNotSupported = 505, 0x801901F9;
}

impl WebErrorStatus {
    /// The number of the value in `Windows.Web.WebErrorStatus`.
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::WebErrorStatus;
    ///
    /// assert_eq!(WebErrorStatus::OperationCanceled.number(), 16);
    /// ```
    #[must_use]
    pub const fn number(self) -> i32 {
        self as i32
    }

    /// The status of an HRESULT, or `Unknown` if it has none.
    pub(super) fn of(hresult: HResult) -> Self {
        if hresult == HResult::WININET_E_INVALID_CA {
            // It has no namesake among the statuses; an unknown authority is an error of the certificate.
            return Self::CertificateContainsErrors;
        }
        let named = Self::ALL.into_iter().find(|status| *status != Self::Unknown && status.hresult() == hresult);
        named.unwrap_or_else(|| Self::of_unlisted_http(hresult))
    }

    /// HTTP statuses without a value of their own fall into the class that they belong to.
    fn of_unlisted_http(hresult: HResult) -> Self {
        match hresult.http_status() {
            Some(300..=399) => Self::UnexpectedRedirection,
            Some(400..=499) => Self::UnexpectedClientError,
            Some(500..=599) => Self::UnexpectedServerError,
            Some(_) => Self::UnexpectedStatusCode,
            None => Self::Unknown,
        }
    }
}
