//! Connections of HTTP/2 that sockets share.

use std::{fmt, sync::Arc, time::Duration};

use crate::backend::Pool;

/// A pool of HTTP/2 connections that sockets share, passed to [`Control::shared_connections`] (RFC 8441). Clones refer to
/// the same pool.
///
/// Sockets to the same origin (scheme, host and port) with equal TLS settings, credentials and proxy are streams of one TCP
/// and TLS connection, so the second socket costs one round trip. The TCP settings and the `server_custom_validation` are
/// those of the first socket.
///
/// Each socket has a receive window of its own (4 MiB, 4,194,304 bytes), so a slow receiver does not stop the others. The
/// send windows are the server's: if a server grants all streams together no more than each of them (65,535 bytes, the
/// default of RFC 9113), a stream that it does not read stops the others.
///
/// Another connection is opened if the server allows no more streams on the existing ones
/// (`SETTINGS_MAX_CONCURRENT_STREAMS`). A connection gets no more sockets after the server has sent GOAWAY, or if it does
/// not answer within 5 s; its existing sockets continue. When the last clone is dropped, each connection ends with its last
/// socket.
///
/// Requires the feature `http2`.
///
/// # Platform notes
///
/// Advisory: a browser shares its connections by itself.
///
/// # Examples
///
/// ```no_run
/// # async fn run() -> Result<(), websocket_anywhere::Error> {
/// use websocket_anywhere::{Control, HttpVersion, MessageWebSocket, SharedConnections};
///
/// let shared = SharedConnections::new();
/// let control = Control::new().http_version(HttpVersion::Auto).shared_connections(&shared);
/// let news = MessageWebSocket::connect_with("wss://example.com/news", control.clone()).await?;
/// let chat = MessageWebSocket::connect_with("wss://example.com/chat", control).await?;
/// # Ok(())
/// # }
/// ```
///
/// [`Control::shared_connections`]: crate::Control::shared_connections
#[derive(Clone)]
pub struct SharedConnections {
    #[allow(dead_code, reason = "a browser shares its connections by itself")]
    pub(crate) pool: Arc<Pool>,
}

impl SharedConnections {
    /// Creates an empty pool. A connection without sockets is closed after 60 s (RFC 9113 section 9.1).
    ///
    /// # Examples
    ///
    /// ```
    /// let shared = websocket_anywhere::SharedConnections::new();
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::with_idle_timeout(Duration::from_secs(60))
    }

    /// Creates an empty pool with another idle timeout than 60 s. With `Duration::ZERO`, a connection is closed with its
    /// last socket (RFC 9113 section 9.1).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let shared = websocket_anywhere::SharedConnections::with_idle_timeout(Duration::from_secs(5));
    /// ```
    #[must_use]
    pub fn with_idle_timeout(timeout: Duration) -> Self {
        Self { pool: Arc::new(Pool::new(timeout)) }
    }

    /// The number of connections that accept more sockets (RFC 9113 section 5.1.2).
    ///
    /// # Platform notes
    ///
    /// 0 in a browser, which hides them.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(websocket_anywhere::SharedConnections::new().connections(), 0);
    /// ```
    #[must_use]
    pub fn connections(&self) -> usize {
        self.pool.connections()
    }
}

impl Default for SharedConnections {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SharedConnections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedConnections").field("connections", &self.connections()).finish_non_exhaustive()
    }
}
