//! How lively a connection is.

use std::time::Duration;

use super::{BandwidthStatistics, Information};

impl Information {
    /// The time between two unsolicited pongs (UWP: `ActualUnsolicitedPongInterval`); `None` in a browser.
    ///
    /// It is [`Control::desired_unsolicited_pong_interval`](crate::Control::desired_unsolicited_pong_interval), but at least
    /// 1 s.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(information: websocket_anywhere::Information) {
    /// println!("{:?}", information.actual_unsolicited_pong_interval());
    /// # }
    /// ```
    #[must_use]
    pub const fn actual_unsolicited_pong_interval(&self) -> Option<Duration> {
        self.actual_unsolicited_pong_interval
    }

    /// The last measured round-trip time; `None` in a browser (RFC 6455 section 5.5.2).
    ///
    /// The first value is that of the opening handshake. Later ones come from the pings that are sent with each unsolicited
    /// pong, and when nothing has arrived for half of [`receive_timeout`](crate::Control::receive_timeout). The time ends
    /// when the answer is read: up to a second late while the program does not receive, and not before it receives once
    /// `inbound_buffer_size` bytes are unread.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(information: websocket_anywhere::Information) {
    /// println!("{:?}", information.last_round_trip_time());
    /// # }
    /// ```
    #[must_use]
    pub const fn last_round_trip_time(&self) -> Option<Duration> {
        self.last_round_trip_time
    }

    /// The estimated bandwidth, measured by this crate (UWP: `BandwidthStatistics`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(information: websocket_anywhere::Information) {
    /// println!("{} bit/s sent", information.bandwidth_statistics().outbound_bits_per_second);
    /// # }
    /// ```
    #[must_use]
    pub const fn bandwidth_statistics(&self) -> BandwidthStatistics {
        self.bandwidth_statistics
    }
}
