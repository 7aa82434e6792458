//! The version of HTTP that opens a WebSocket.

#[cfg(feature = "http2")]
use super::Control;
#[cfg(feature = "http2")]
use crate::{
    error::{Error, ErrorKind, Result},
    shared_connections::SharedConnections,
};

/// The version of HTTP that opens a WebSocket (RFC 6455, RFC 8441).
///
/// # Examples
///
/// ```
/// use websocket_anywhere::HttpVersion;
///
/// assert_eq!(HttpVersion::default(), HttpVersion::Http1);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HttpVersion {
    /// HTTP/1.1: the connection becomes the WebSocket (RFC 6455 section 4).
    #[default]
    Http1,
    /// HTTP/2: a stream of the connection becomes the WebSocket (RFC 8441).
    Http2,
    /// HTTP/2 if the server offers it, otherwise HTTP/1.1.
    Auto,
}

#[cfg(feature = "http2")]
impl Control {
    /// The version of HTTP that opens the WebSocket; it needs the feature `http2`. Default: Http1 (RFC 8441).
    ///
    /// `Http2` asks for it in the TLS handshake (ALPN), and over `ws` takes it for granted (RFC 9113 section 3.3). `Auto` offers
    /// both in the TLS handshake, and takes HTTP/1.1 over `ws`, or where the server has no WebSockets over HTTP/2: by another
    /// connection, if the server says so only by HTTP/2. Nothing else changes but what belongs to one TCP connection: the
    /// connection ends with its socket, unless [`shared_connections`](Self::shared_connections) keep it.
    /// [`Information::http_version`](crate::Information::http_version) tells what it is.
    ///
    /// # Errors
    ///
    /// With `Http2`, connecting fails with [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) if the server
    /// does not support WebSockets over HTTP/2 (`SETTINGS_ENABLE_CONNECT_PROTOCOL`), and with
    /// [`ErrorKind::Tls`](crate::ErrorKind::Tls) if it refuses HTTP/2 in the TLS handshake. If the server resets the stream,
    /// the connection is lost ([`ErrorKind::ConnectionAborted`](crate::ErrorKind::ConnectionAborted)).
    ///
    /// # Platform notes
    ///
    /// Advisory: a browser decides by itself. Over a transport of the program's own, which carries HTTP/1.1, connecting with
    /// another version fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Control, HttpVersion};
    ///
    /// let control = Control::new().http_version(HttpVersion::Auto);
    /// ```
    #[must_use]
    pub fn http_version(mut self, version: HttpVersion) -> Self {
        self.extras_mut().http_version = version;
        self
    }

    /// The HTTP/2 connections that sockets share if [`http_version`](Self::http_version) is `Http2` or `Auto`; requires the
    /// feature `http2`. Default: none: each socket has a connection of its own (RFC 8441).
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if `http_version` is `Http1`:
    /// such connections cannot be shared.
    ///
    /// # Platform notes
    ///
    /// Advisory: a browser shares its connections by itself. Over a transport of the program's own, connecting fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Control, HttpVersion, SharedConnections};
    ///
    /// let shared = SharedConnections::new();
    /// let control = Control::new().http_version(HttpVersion::Http2).shared_connections(&shared);
    /// ```
    #[must_use]
    pub fn shared_connections(mut self, shared: &SharedConnections) -> Self {
        self.extras_mut().shared_connections = Some(shared.clone());
        self
    }

    /// Refuses to share what cannot be shared.
    pub(super) fn check_http_version(&self) -> Result<()> {
        let extras = self.extras();
        if extras.shared_connections.is_some() && extras.http_version == HttpVersion::Http1 {
            let message = "shared_connections needs http_version Http2 or Auto";
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        Ok(())
    }
}
