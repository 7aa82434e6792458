//! Connections of HTTP/2 that sockets share.

use std::{fmt, sync::Arc, time::Duration};

use crate::backend::Pool;

/// Connections of HTTP/2 that sockets share: a value that a program keeps, and gives to [`Control::shared_connections`] (RFC 8441;
/// UWP has no such type). A clone is the same connections.
///
/// Sockets that are opened with it to one origin (scheme, host and port), with equal TLS settings, credentials and proxy, are
/// streams of one TCP and TLS connection: the second socket costs one round trip. What tunes TCP is that of the first, whose
/// `server_custom_validation` speaks for all. Each
/// socket has a window of its own (4 MiB, 4,194,304 bytes, towards this side), so that one that is slow stops no other. Towards
/// the server the windows are the server's: one that gives no more to all streams together than to each (65,535 bytes, the default
/// of RFC 9113) lets a socket of which it reads nothing stop the others. Where a
/// server allows no more streams (`SETTINGS_MAX_CONCURRENT_STREAMS`), another connection is made. One by which a server says that
/// it will go away (GOAWAY) gets no more sockets and ends with those that it has. One that does not answer within 5 s gets none,
/// either. Once the last clone is dropped, each connection ends with its last socket.
///
/// It needs the feature `http2`.
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
    /// No connections yet; one that no socket uses will end after 60 s (RFC 9113 section 9.1).
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

    /// The same for another time than 60 s; at `Duration::ZERO`, a connection ends with its last socket (RFC 9113 section 9.1).
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

    /// How many connections sockets may still be opened on (RFC 9113 section 5.1.2).
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
