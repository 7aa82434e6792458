//! Settings about signs of life.

use std::time::Duration;

use super::Control;

impl Control {
    /// How long the peer may show no sign of life. Default: 30 s; `Duration::MAX` for ever (UWP: the receive timeout).
    ///
    /// It is no limit for the wait for a message: idle sockets with a healthy peer live for ever. When nothing has arrived for
    /// half of this time the peer is asked by a ping, which every peer answers (RFC 6455 section 5.5.2). If nothing at all
    /// has arrived at the end of it (within 1/32 of it, and 1 s), the connection has failed: the receive, and later sends,
    /// fail with [`ErrorKind::Timeout`](crate::ErrorKind::Timeout). Bytes that could not be sent and then went out are a sign
    /// of life, too, and so are bytes that leave the system's queue (on Linux and Android, over HTTP/1.1). It holds whether or not the program
    /// receives; only while `inbound_buffer_size` bytes are unread nothing is decided. Less than 10 ms is 10 ms. For a peer that
    /// is idle and answers no pings, set `Duration::MAX`. [`lifecycle`](crate::docs::lifecycle) has the whole story.
    ///
    /// # Platform notes
    ///
    /// Advisory: a browser shows no pings, and watches the connection by itself.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let control = websocket_anywhere::Control::new().receive_timeout(Duration::from_secs(10));
    /// ```
    #[must_use]
    pub const fn receive_timeout(mut self, timeout: Duration) -> Self {
        self.receive_timeout = timeout;
        self
    }

    /// How often a pong is sent unasked, as a sign of our own life. Default: 30 s, at least 1 s; `Duration::MAX` for never
    /// (UWP: `DesiredUnsolicitedPongInterval`; RFC 6455 section 5.5.3).
    ///
    /// It keeps the way open through boxes that forget idle connections. A ping goes with it, to measure the round trip.
    /// [`Information::actual_unsolicited_pong_interval`](crate::Information::actual_unsolicited_pong_interval) is what is used.
    /// While bytes wait to be sent, they tell as much, and no pong is added.
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
    pub const fn desired_unsolicited_pong_interval(mut self, interval: Duration) -> Self {
        self.desired_unsolicited_pong_interval = interval;
        self
    }
}
