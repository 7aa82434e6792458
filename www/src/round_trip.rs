//! Messages that an echo server returns, to measure how long that takes: a browser keeps pings and pongs to itself.

use std::cell::Cell;

/// The probes of one connection, one at a time.
#[derive(Default)]
pub(crate) struct RoundTrip {
    number: Cell<u64>,
    /// When the last one was sent, until it returns.
    sent: Cell<Option<f64>>,
}

/// A message of 16 bytes: the mark, and a number.
pub(crate) type Probe = [u8; 16];

impl RoundTrip {
    /// The next probe, unless one is still on its way.
    pub(crate) fn next(&self, now: f64) -> Option<Probe> {
        if self.sent.get().is_some() {
            return None;
        }
        self.sent.set(Some(now));
        self.number.set(self.number.get() + 1);
        Some(probe(self.number.get()))
    }

    /// The last probe was not sent.
    pub(crate) fn forget(&self) {
        self.sent.set(None);
    }

    /// Whether the bytes are the probe that is on its way; if so, how many milliseconds it took.
    pub(crate) fn took(&self, bytes: &[u8], now: f64) -> Option<f64> {
        let sent = self.sent.get()?;
        if *bytes != probe(self.number.get()) {
            return None;
        }
        self.sent.set(None);
        Some(now - sent)
    }
}

fn probe(number: u64) -> Probe {
    let mut probe = [0; 16];
    probe[..8].copy_from_slice(b"wa-probe");
    probe[8..].copy_from_slice(&number.to_be_bytes());
    probe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_probe_at_a_time_is_measured() {
        let trip = RoundTrip::default();
        let first = trip.next(10.0).unwrap();
        assert_eq!(trip.next(11.0), None);
        assert_eq!(trip.took(b"something else", 12.0), None);
        assert_eq!(trip.took(&first, 12.5), Some(2.5));
        assert_eq!(trip.took(&first, 13.0), None, "a probe counts once");
        assert_ne!(trip.next(14.0).unwrap(), first);
        trip.forget();
        assert!(trip.next(15.0).is_some());
    }
}
