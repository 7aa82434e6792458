//! Whether a server may send a program to another one.

use super::{Control, extras::Checks};

impl Control {
    /// How many redirects are followed, one after the other. Default: 0, none (RFC 9110 section 15.4; RFC 6455 section 4.1; UWP
    /// follows none).
    ///
    /// These are answers with 301, 302, 303, 307 or 308 and a `Location`, which is resolved against the URL that was asked for
    /// and may say `http` for `ws` and `https` for `wss`. [`Information::url`](crate::Information::url) is the URL in the end.
    ///
    /// A server that is not of the same origin (scheme, host and port) is told nothing about who this is: not
    /// [`request_header`](Self::request_header)s, nor [`server_credential`](Self::server_credential)s, nor a
    /// [`client_certificate`](Self::client_certificate); and no server after it, either. A `User-Agent` of the program's own
    /// becomes none. Subprotocols and all that is about trust and proxies stay as they are; a proxy is chosen for each URL anew.
    ///
    /// Redirects get no time of their own: [`connect_timeout`](Self::connect_timeout) of the address that sent the first one
    /// goes on.
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::HttpStatus`](crate::ErrorKind::HttpStatus) and the status of the redirect if it is one
    /// too many, leads from `wss` to `ws`, or has no `Location` or one that makes no sense or has credentials in it. The answer
    /// is [`Error::response`](crate::Error::response), and the source of the error says why.
    ///
    /// # Platform notes
    ///
    /// A browser follows none (WHATWG WebSockets): there, connecting with another value than 0 fails with
    /// [`ErrorKind::NotSupported`](crate::ErrorKind::NotSupported). So does a transport of the program's own, which leads to one
    /// server.
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
