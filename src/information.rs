//! What is known about a connection.

mod backend;
mod bandwidth;
mod certificates;
mod liveness;

use std::{net::SocketAddr, sync::Arc, time::Duration};

pub(crate) use self::bandwidth::Meter;
pub use self::{backend::Backend, bandwidth::BandwidthStatistics};
use crate::{certificate::ServerCertificates, control::HttpVersion, response::Headers};

/// A snapshot of what is known about a connection (UWP: `MessageWebSocketInformation`, `StreamWebSocketInformation`).
///
/// # Platform notes
///
/// What a browser hides is `None` or empty: addresses, certificates, the interval of pongs and the round-trip time.
///
/// # Examples
///
/// ```no_run
/// # async fn run() -> Result<(), websocket_anywhere::Error> {
/// use websocket_anywhere::MessageWebSocket;
///
/// let socket = MessageWebSocket::connect("wss://example.com/chat").await?;
/// let information = socket.information();
/// println!("{:?} by {:?}", information.remote_address(), information.protocol());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Information {
    pub(crate) backend: Backend,
    pub(crate) local_address: Option<SocketAddr>,
    pub(crate) remote_address: Option<SocketAddr>,
    pub(crate) url: Option<String>,
    pub(crate) protocol: Option<String>,
    pub(crate) extensions: String,
    pub(crate) response_headers: Option<Headers>,
    pub(crate) http_version: Option<HttpVersion>,
    pub(crate) certificates: Option<Arc<ServerCertificates>>,
    pub(crate) sent: Traffic,
    pub(crate) received: Traffic,
    pub(crate) actual_unsolicited_pong_interval: Option<Duration>,
    pub(crate) last_round_trip_time: Option<Duration>,
    pub(crate) bandwidth_statistics: BandwidthStatistics,
}

/// The messages and payload bytes of one direction.
///
/// # Examples
///
/// ```no_run
/// # fn show(information: websocket_anywhere::Information) {
/// println!("{} messages, {} bytes", information.received().messages, information.received().bytes);
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Traffic {
    /// Whole messages.
    pub messages: u64,
    /// Bytes of payload.
    pub bytes: u64,
}

impl Information {
    /// The local address of the connection (UWP: `LocalAddress`); `None` in a browser.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(information: websocket_anywhere::Information) {
    /// println!("{:?}", information.local_address());
    /// # }
    /// ```
    #[must_use]
    pub const fn local_address(&self) -> Option<SocketAddr> {
        self.local_address
    }

    /// The remote address of the connection: the server's, or the proxy's if one is used; `None` in a browser.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(information: websocket_anywhere::Information) {
    /// println!("{:?}", information.remote_address());
    /// # }
    /// ```
    #[must_use]
    pub const fn remote_address(&self) -> Option<SocketAddr> {
        self.remote_address
    }

    /// The URL of the connection after redirects, without user and password; `None` for a server's socket and a pair in
    /// memory (WHATWG: `WebSocket.url`).
    ///
    /// # Platform notes
    ///
    /// Natively it is serialized as WHATWG URL specifies: `ws://example.com/` for `ws://Example.com`. In a browser it is the
    /// string that the program passed, which may be relative.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(information: websocket_anywhere::Information) {
    /// println!("{}", information.url().unwrap_or("a pair in memory"));
    /// # }
    /// ```
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// The subprotocol that the server chose, `None` if none was offered (UWP: `Protocol`; RFC 6455 section 1.9).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(information: websocket_anywhere::Information) {
    /// assert_eq!(information.protocol(), Some("chat"));
    /// # }
    /// ```
    #[must_use]
    pub fn protocol(&self) -> Option<&str> {
        self.protocol.as_deref()
    }

    /// The extensions in use, as in the header `Sec-WebSocket-Extensions`, or `None` (RFC 6455 section 9).
    ///
    /// # Platform notes
    ///
    /// A browser negotiates `permessage-deflate` by itself.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(information: websocket_anywhere::Information) {
    /// println!("{}", information.extensions().unwrap_or("no extensions"));
    /// # }
    /// ```
    #[must_use]
    pub fn extensions(&self) -> Option<&str> {
        Some(&*self.extensions).filter(|extensions| !extensions.is_empty())
    }

    /// All headers of the response that opened the WebSocket, such as `Set-Cookie` and `Server`, including those of the
    /// handshake (RFC 6455 section 4.2.2).
    ///
    /// # Platform notes
    ///
    /// `None` in a browser, which hides them; natively `None` for a server's socket, and if there was no handshake.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(information: websocket_anywhere::Information) {
    /// if let Some(headers) = information.response_headers() {
    ///     println!("{:?}", headers.get("Server"));
    /// }
    /// # }
    /// ```
    #[must_use]
    pub const fn response_headers(&self) -> Option<&Headers> {
        self.response_headers.as_ref()
    }

    /// The version of HTTP that opened the WebSocket, `Http1` or `Http2` (RFC 6455, RFC 8441).
    ///
    /// # Platform notes
    ///
    /// `None` in a browser, which hides it; natively `None` for a server's socket, and if there was no handshake.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(information: websocket_anywhere::Information) {
    /// println!("{:?}", information.http_version());
    /// # }
    /// ```
    #[must_use]
    pub const fn http_version(&self) -> Option<HttpVersion> {
        self.http_version
    }

    /// What `send` has accepted since the connection was opened, without frame headers and control frames.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(information: websocket_anywhere::Information) {
    /// println!("{} messages sent", information.sent().messages);
    /// # }
    /// ```
    #[must_use]
    pub const fn sent(&self) -> Traffic {
        self.sent
    }

    /// What the program has received since the connection was opened, without frame headers and control frames.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(information: websocket_anywhere::Information) {
    /// println!("{} bytes received", information.received().bytes);
    /// # }
    /// ```
    #[must_use]
    pub const fn received(&self) -> Traffic {
        self.received
    }
}
