//! What a connection knows about its own health: signs of life, bandwidth.

use std::{sync::atomic::Ordering, time::Duration};

use bytes::Bytes;
use tokio::time::Instant;

use super::{Connection, lock, pings::Pings};
use crate::{
    backend::native::sync::Mutex,
    heartbeat::Signs,
    information::{BandwidthStatistics, Information, Meter, Traffic},
};

/// What is measured, from the opening of the connection on.
#[derive(Debug)]
pub(super) struct Statistics {
    opened: Instant,
    pub(super) pings: Mutex<Pings>,
    meter: Mutex<Meter>,
}

impl Statistics {
    /// `round_trip` is that of the opening handshake, if there was one.
    pub(super) fn new(round_trip: Option<Duration>) -> Self {
        Self { opened: Instant::now(), pings: Mutex::new(Pings::new(round_trip)), meter: Mutex::default() }
    }

    pub(super) fn round_trip(&self) -> Option<Duration> {
        lock(&self.pings).round_trip
    }

    /// From the opening until now.
    fn seconds(&self, now: Instant) -> f64 {
        now.saturating_duration_since(self.opened).as_secs_f64()
    }

    pub(super) fn bandwidth(&self) -> BandwidthStatistics {
        lock(&self.meter).statistics()
    }
}

/// What is on its way out, at some moment, where the system tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Outgoing {
    /// How much has been written since the connection was opened.
    written: u64,
    /// How much of it the system holds.
    held: u64,
}

impl Outgoing {
    /// Whether the peer has taken some of what the system held at an earlier moment: a sign of life, though it may be busy
    /// with the rest for long. What was written since does not count: a system acknowledges a ping without its program.
    pub(in super::super) const fn has_moved_since(self, earlier: Self) -> bool {
        // TLS holds more than was written; what is counted too low can only delay the answer.
        earlier.held > 0 && self.held < earlier.held.saturating_add(self.written.saturating_sub(earlier.written))
    }
}

impl Connection {
    pub(in super::super) fn information(&self) -> Information {
        let received = Traffic {
            messages: self.received_messages.load(Ordering::Relaxed),
            bytes: self.received_bytes.load(Ordering::Relaxed),
        };
        let sent = lock(&self.outbound).sent;
        let last_round_trip_time = self.statistics.round_trip();
        let bandwidth_statistics = self.statistics.bandwidth();
        Information { sent, received, last_round_trip_time, bandwidth_statistics, ..self.information.clone() }
    }

    /// Sends a sign of our own life (section 5.5.3), and a ping to measure the way; false if bytes wait that tell as much.
    pub(in super::super) fn keep_alive(&self, now: Instant) -> bool {
        let is_due = self.buffered_amount() == 0;
        if is_due {
            self.pong(Bytes::new());
            self.ping(now);
        }
        is_due
    }

    /// What has travelled; what lies unread in the transport is read first, as far as there is room.
    pub(in super::super) fn signs(&self) -> Signs {
        if !self.signals.is_armed() {
            self.read_ahead();
        }
        let (arrived, can_hear) = {
            let inbound = lock(&self.inbound);
            (inbound.received_data(), inbound.can_hear())
        };
        let Outgoing { written, held } =
            self.outgoing().unwrap_or_else(|| Outgoing { written: self.progress(), held: 0 });
        let unsent = (self.buffered_amount() as u64).saturating_add(held);
        Signs { arrived, left: written.saturating_sub(held), unsent, can_hear }
    }

    /// When the connection was opened.
    pub(in super::super) const fn opened(&self) -> Instant {
        self.statistics.opened
    }

    /// How much has been written, and how much of it the system still holds, where it tells.
    pub(in super::super) fn outgoing(&self) -> Option<Outgoing> {
        // Both under one lock: what is written in between would look as if the peer had taken it.
        let wire = lock(&self.wire);
        let held = wire.in_system()? as u64;
        Some(Outgoing { written: self.progress(), held })
    }

    /// Gives back what nothing waits in.
    pub(in super::super) fn trim(&self) {
        lock(&self.inbound).trim();
        let Ok(mut wire) = self.wire.try_lock() else { return };
        wire.trim();
        lock(&self.outbound).trim();
    }

    /// There is traffic again.
    pub(in super::super) fn start_measuring(&self, now: Instant) {
        lock(&self.statistics.meter).start(self.statistics.seconds(now));
    }

    /// Looks at how much has travelled.
    pub(in super::super) fn measure(&self, now: Instant) {
        let (sent, unsent) = {
            let outbound = lock(&self.outbound);
            (outbound.sent.bytes, self.buffered(&outbound) as u64)
        };
        let received = self.received_bytes.load(Ordering::Relaxed);
        lock(&self.statistics.meter).look(self.statistics.seconds(now), sent.saturating_sub(unsent), received);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_has_taken_something_only_of_what_the_system_held() {
        let at = |written, held| Outgoing { written, held };
        for (before, now, has_moved, why) in [
            (at(100, 0), at(100, 0), false, "nothing was held"),
            (at(100, 0), at(200, 50), false, "what was written since does not count"),
            (at(100, 40), at(100, 40), false, "all is still held"),
            (at(100, 40), at(160, 100), false, "all is still held, and more"),
            (at(100, 40), at(100, 39), true, "one byte was taken"),
            (at(100, 40), at(160, 99), true, "one byte was taken, more was written"),
            (at(100, 40), at(160, 120), false, "TLS holds more than was written"),
            (at(100, u64::MAX), at(160, 99), true, "numbers do not overflow"),
        ] {
            assert_eq!(now.has_moved_since(before), has_moved, "{why}");
        }
    }
}
