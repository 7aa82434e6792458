//! Whether a server may send a program to another one.

use super::{Control, extras::Checks};

impl Control {
    /// The number of consecutive redirects that are followed. Default: 0, none (RFC 9110 section 15.4; RFC 6455 section 4.1;
    /// UWP follows none).
    ///
    /// A redirect is a response with status 301, 302, 303, 307 or 308 and a `Location`, which is resolved against the
    /// requested URL; in it, `http` means `ws` and `https` means `wss`. [`Information::url`](crate::Information::url) is the
    /// final URL.
    ///
    /// A server of another origin (scheme, host and port), and every server after it, gets no
    /// [`request_header`](Self::request_header), [`server_credential`](Self::server_credential) or
    /// [`client_certificate`](Self::client_certificate), and no `User-Agent` that the program has set. Subprotocols and the
    /// settings about trust and proxies still apply; the proxy is chosen for each URL.
    ///
    /// Redirects get no additional time: the [`connect_timeout`](Self::connect_timeout) of the address that sent the first
    /// redirect continues to run.
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::HttpStatus`](crate::ErrorKind::HttpStatus) and the status of the redirect if it is
    /// one too many, leads from `wss` to `ws`, or has a missing or invalid `Location` or one with credentials.
    /// [`Error::response`](crate::Error::response) is the response, and the source of the error has the reason.
    ///
    /// # Platform notes
    ///
    /// A browser follows no redirects (WHATWG WebSockets), and a transport of the program's own leads to one server: with
    /// both, connecting with another value than 0 fails with [`ErrorKind::NotSupported`](crate::ErrorKind::NotSupported).
    ///
    /// # Examples
    ///
    /// ```
    /// let control = websocket_anywhere::Control::new().max_redirects(5);
    /// ```
    #[must_use]
    pub const fn max_redirects(mut self, count: u32) -> Self {
        self.max_redirects = count;
        self.checks = Some(Checks::ALL);
        self
    }
}
