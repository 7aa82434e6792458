//! Settings about signs of life.

use std::time::Duration;

use super::{Control, timing::or_never};
use crate::{
    error::{Error, ErrorKind, Result},
    heartbeat::{Settings, Start},
    message::Message,
};

impl Control {
    /// How long the peer may show no sign of life; `None` for no limit. Default: 30 s (UWP: the receive timeout).
    ///
    /// This is an idle timeout, probed by ping; it does not limit the wait for a message. When nothing has arrived for half
    /// of the time, the socket sends a ping, which every peer must answer (RFC 6455 section 5.5.2). If still nothing has
    /// arrived at the end of the time (with an accuracy of 1/32 of it, and of 1 s), the connection fails: the receive, and
    /// later sends, fail with [`ErrorKind::Timeout`](crate::ErrorKind::Timeout).
    ///
    /// Signs of life are received bytes, queued bytes that the transport accepts after a wait and, on Linux and Android over
    /// HTTP/1.1, bytes that leave the send queue of the system. The timeout applies whether or not the program receives,
    /// except while `inbound_buffer_size` bytes are unread. Values below 10 ms count as 10 ms. Use `None` for a peer that is
    /// idle and does not answer pings. [`lifecycle`](crate::docs::lifecycle) has the details.
    ///
    /// # Platform notes
    ///
    /// Advisory: a browser does not expose pings, and monitors the connection by itself.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let control = websocket_anywhere::Control::new().receive_timeout(Duration::from_secs(10));
    /// ```
    #[must_use]
    pub fn receive_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.receive_timeout = or_never(timeout);
        self
    }

    /// Sends `message` every `interval` while the connection is open, as a request for any message of the peer. Default:
    /// off.
    ///
    /// Every received message counts as an answer, and is delivered to the program. If none arrives for `timeout` after a
    /// heartbeat, the connection fails: the receive, and later sends, fail with [`ErrorKind::Timeout`]. A vanished server is
    /// thus noticed within `interval` and `timeout` on every target; in a browser nothing else notices it. The server must
    /// answer heartbeats, with any message. Both times are at least 10 ms.
    ///
    /// The heartbeat runs whether or not the program receives. Queued bytes that the transport accepts after a wait also
    /// count as a sign of life. No heartbeat is sent while more than `outbound_buffer_size` bytes are queued, or between the
    /// parts of a message. If the check runs late because the process was stopped, the machine slept or the page is hidden,
    /// the peer gets another half of `timeout`, once. Choose a `timeout` longer than a slow server needs for the data that
    /// are in transit when the heartbeat is sent.
    ///
    /// # Errors
    ///
    /// Connecting a [`StreamWebSocket`](crate::StreamWebSocket) fails with [`ErrorKind::InvalidArgument`]: the answers would
    /// be mixed into its bytes.
    ///
    /// # Platform notes
    ///
    /// A browser delivers whole messages only, so `timeout` must be longer than the longest message takes to arrive. In a
    /// page that has been hidden for five minutes, timers run once a minute, and a dead server is noticed within three
    /// minutes. Natively the heartbeat complements [`receive_timeout`](Self::receive_timeout): pings are answered even if
    /// the peer's program hangs.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use websocket_anywhere::Control;
    ///
    /// let control = Control::new().heartbeat("ping", Duration::from_secs(20), Duration::from_secs(10));
    /// ```
    #[must_use]
    pub fn heartbeat(mut self, message: impl Into<Message>, interval: Duration, timeout: Duration) -> Self {
        self.extras_mut().heartbeat = Some(Settings { message: message.into(), interval, timeout });
        self.heartbeat = Some(Start::SET);
        self
    }

    /// Refuses what would mix messages into a stream.
    pub(super) fn check_beatless(&self) -> Result<()> {
        if self.heartbeat.is_none() {
            return Ok(());
        }
        let message = "a StreamWebSocket has no messages apart from its bytes: it can have no heartbeat";
        Err(Error::new(ErrorKind::InvalidArgument, message))
    }

    /// How often an unsolicited pong is sent; `None` for never. Default: 30 s, at least 1 s (UWP:
    /// `DesiredUnsolicitedPongInterval`; RFC 6455 section 5.5.3).
    ///
    /// The pong tells the peer that this side is alive, and keeps the mappings of NATs and proxies that drop idle
    /// connections. A ping is sent with it, to measure the round-trip time. No pong is sent while bytes are queued.
    /// [`Information::actual_unsolicited_pong_interval`](crate::Information::actual_unsolicited_pong_interval) is the
    /// interval in use.
    ///
    /// # Platform notes
    ///
    /// Advisory: a browser keeps its connections alive by itself.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let control = websocket_anywhere::Control::new().desired_unsolicited_pong_interval(Duration::from_secs(15));
    /// ```
    #[must_use]
    pub fn desired_unsolicited_pong_interval(mut self, interval: impl Into<Option<Duration>>) -> Self {
        self.desired_unsolicited_pong_interval = or_never(interval);
        self
    }
}
