//! Settings of time below the WebSocket: how long all of connecting may take, and what TCP does about silence.

use std::time::Duration;

use super::{Control, extras::Checks};
use crate::error::{Error, ErrorKind, Result};

/// The settings of this file.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Timing {
    pub(crate) deadline: Option<Duration>,
    pub(crate) tcp_keep_alive: Option<Duration>,
    pub(crate) tcp_user_timeout: Option<Duration>,
}

impl Control {
    /// How long connecting may take in total, over all addresses; `None` for no limit. Default: none.
    ///
    /// [`connect_timeout`](Self::connect_timeout) applies to each address, this to their sum. After it, connecting fails
    /// with [`ErrorKind::Timeout`]; the error names the stage that was in progress. (UWP: cancelling `ConnectAsync` by a
    /// timer.)
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let control = websocket_anywhere::Control::new().deadline(Duration::from_secs(15));
    /// ```
    #[must_use]
    pub fn deadline(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timing.deadline = timeout.into();
        self
    }

    /// How long a TCP connection may be idle before TCP sends keep-alive probes; `None` for no probes. Default: none.
    ///
    /// The operating system decides about the probes: Linux sends up to 9, 75 s apart, before it drops the connection (RFC
    /// 9293 section 3.8.4). The time is in whole seconds, at most 32767 s; a longer one counts as that.
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::InvalidArgument`] for less than a second.
    ///
    /// # Platform notes
    ///
    /// Advisory: a browser decides by itself. With a proxy, the setting applies to the connection to the proxy.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let control = websocket_anywhere::Control::new().tcp_keep_alive(Duration::from_secs(60));
    /// ```
    #[must_use]
    pub fn tcp_keep_alive(mut self, idle: impl Into<Option<Duration>>) -> Self {
        self.timing.tcp_keep_alive = idle.into();
        self.checks = Some(Checks::ALL);
        self
    }

    /// How long sent bytes may stay unacknowledged before TCP drops the connection; `None` for the default of the operating
    /// system. Default: none (RFC 5482).
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::InvalidArgument`] for less than a millisecond.
    ///
    /// # Platform notes
    ///
    /// Advisory in a browser, and on systems other than Linux, Android and Fuchsia, which have no such option.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let control = websocket_anywhere::Control::new().tcp_user_timeout(Duration::from_secs(30));
    /// ```
    #[must_use]
    pub fn tcp_user_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timing.tcp_user_timeout = timeout.into();
        self.checks = Some(Checks::ALL);
        self
    }

    /// How long connecting may take where there is nothing to try but once.
    pub(crate) fn one_attempt(&self) -> Duration {
        self.timing.deadline.map_or(self.connect_timeout, |deadline| deadline.min(self.connect_timeout))
    }

    /// How long the peer may take nothing once the connection closes. A program that waits for sends for ever does not want
    /// to wait for the end for ever.
    pub(crate) fn patience_at_end(&self) -> Duration {
        if self.send_timeout >= ENDLESS { self.close_timeout } else { self.send_timeout }
    }
}

/// A time that a setting gives, where `None` is for ever.
pub(super) fn or_never(time: impl Into<Option<Duration>>) -> Duration {
    time.into().unwrap_or(Duration::MAX)
}

/// A send that may wait for so long may wait for ever.
const ENDLESS: Duration = Duration::from_secs(365 * 24 * 3600);

impl Timing {
    /// Refuses what would turn an option off without a word.
    pub(crate) fn check(&self) -> Result<()> {
        if self.tcp_keep_alive.is_some_and(|idle| idle < Duration::from_secs(1)) {
            return Err(Error::new(ErrorKind::InvalidArgument, "tcp_keep_alive is less than a second"));
        }
        if self.tcp_user_timeout.is_some_and(|timeout| timeout < Duration::from_millis(1)) {
            return Err(Error::new(ErrorKind::InvalidArgument, "tcp_user_timeout is less than a millisecond"));
        }
        Ok(())
    }
}
