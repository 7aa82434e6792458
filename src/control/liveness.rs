//! Settings about signs of life.

use std::time::Duration;

use super::Control;
use crate::{
    error::{Error, ErrorKind, Result},
    heartbeat::{Settings, Start},
    message::Message,
};

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

    /// Asks the peer's program for a sign of life: sends `message` each `interval` while the connection is open. Default: off
    /// (UWP has no such setting).
    ///
    /// Any message that arrives is an answer, and reaches the program like all others. If none has arrived for `timeout` after
    /// a heartbeat, the connection has failed: the receive, and later sends, fail with [`ErrorKind::Timeout`]. So a
    /// connection whose server has vanished ends within `interval` and `timeout` on every target; a browser tells it by nothing
    /// else. It needs a server that answers, by whatever message. The two times are at least 10 ms; `Duration::MAX` is never.
    ///
    /// It holds whether or not the program receives. Bytes that had to wait and then leave are a sign of life, too; while more
    /// than `outbound_buffer_size` bytes wait, and between the parts of a message, no heartbeat is sent. A program that could
    /// not look in time, as the process was stopped, the machine slept or the page is hidden, grants half of `timeout` again,
    /// once. What the way holds besides may take longer than `timeout` where a server takes it slowly: do not choose it short
    /// for large transfers.
    ///
    /// # Errors
    ///
    /// Connecting a [`StreamWebSocket`](crate::StreamWebSocket), whose bytes would be mixed with the answers, fails with
    /// [`ErrorKind::InvalidArgument`].
    ///
    /// # Platform notes
    ///
    /// A browser shows whole messages only: `timeout` has to be longer than the longest one takes to arrive. In a page that has
    /// been hidden for five minutes timers come once a minute, so a dead server is noticed within three.
    /// Natively this is in addition to [`receive_timeout`](Self::receive_timeout), whose pings are answered though
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
