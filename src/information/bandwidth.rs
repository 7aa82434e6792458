//! How many bits a second travel: estimated from the bytes counted at two moments, for each direction.

use std::time::Duration;

/// What a connection carries, estimated (UWP: the structure `BandwidthStatistics`).
///
/// While messages travel their bytes are counted about once a second (each second natively, with a
/// [`receive_timeout`](crate::Control::receive_timeout) below 32 s as often as 32 times in that time). The bits a second of
/// such a span are smoothed by 1/8, their distance from the estimate by 1/4, as RFC 6298 does with round trips. A span in
/// which nothing travelled changes nothing. All is 0 and false before the first span has passed.
///
/// # Platform notes
///
/// UWP takes these numbers from the extended statistics of TCP. Here they are measured by this crate, on both targets: payload
/// without frame headers, as the program sees it.
///
/// # Examples
///
/// ```no_run
/// # fn show(information: websocket_anywhere::Information) {
/// let statistics = information.bandwidth_statistics();
/// println!("{} bit/s received", statistics.inbound_bits_per_second);
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BandwidthStatistics {
    /// Bits a second that were sent (UWP: `OutboundBitsPerSecond`).
    pub outbound_bits_per_second: u64,
    /// Bits a second that were received (UWP: `InboundBitsPerSecond`).
    pub inbound_bits_per_second: u64,
    /// By how many bits a second the estimate of what is sent is off (UWP: `OutboundBitsPerSecondInstability`).
    pub outbound_bits_per_second_instability: u64,
    /// By how many bits a second the estimate of what is received is off (UWP: `InboundBitsPerSecondInstability`).
    pub inbound_bits_per_second_instability: u64,
    /// Whether the estimate of what is sent has stopped growing; that may end (UWP: `OutboundBandwidthPeaked`).
    pub outbound_bandwidth_peaked: bool,
    /// Whether the estimate of what is received has stopped growing; that may end (UWP: `InboundBandwidthPeaked`).
    pub inbound_bandwidth_peaked: bool,
}

/// Measures both directions. The clock is its caller's.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    since: Duration,
    outbound: Estimate,
    inbound: Estimate,
}

impl Meter {
    /// Starts a span: nothing travelled until now. A short pause belongs to what comes after it, or the span would be short of
    /// the time that its first message took.
    pub(crate) fn start(&mut self, now: Duration) {
        if now.saturating_sub(self.since) > PAUSE {
            self.since = now;
        }
    }

    /// Ends a span, up to whose end so many bytes had travelled, and starts the next one.
    pub(crate) fn look(&mut self, now: Duration, sent: u64, received: u64) {
        let span = now.saturating_sub(self.since);
        if !span.is_zero() {
            self.outbound.add(sent, span);
            self.inbound.add(received, span);
            self.since = now;
        }
    }

    pub(crate) const fn statistics(&self) -> BandwidthStatistics {
        BandwidthStatistics {
            outbound_bits_per_second: self.outbound.rate,
            inbound_bits_per_second: self.inbound.rate,
            outbound_bits_per_second_instability: self.outbound.instability,
            inbound_bits_per_second_instability: self.inbound.instability,
            outbound_bandwidth_peaked: self.outbound.has_peaked,
            inbound_bandwidth_peaked: self.inbound.has_peaked,
        }
    }
}

/// The estimate of one direction.
#[derive(Debug, Default)]
struct Estimate {
    /// All bytes until the last look.
    total: u64,
    rate: u64,
    instability: u64,
    has_peaked: bool,
}

impl Estimate {
    fn add(&mut self, total: u64, span: Duration) {
        let bytes = total.saturating_sub(self.total);
        self.total = total;
        if bytes == 0 {
            return;
        }
        let rate = u128::from(bytes) * 8 * NANOS / span.as_nanos().max(1);
        let rate = u64::try_from(rate).unwrap_or(u64::MAX);
        if self.rate == 0 {
            (self.rate, self.instability) = (rate, rate / 2);
            return;
        }
        self.has_peaked = rate <= self.rate.saturating_add(self.instability);
        self.instability = smooth(self.instability, self.rate.abs_diff(rate), 4);
        self.rate = smooth(self.rate, rate, 8);
    }
}

/// Moves `old` by one part of its distance from `new`, as RFC 6298 section 2.3 does.
const fn smooth(old: u64, new: u64, parts: u64) -> u64 {
    old - old / parts + new / parts
}

/// A pause that is longer is not part of a span.
const PAUSE: Duration = Duration::from_secs(1);

const NANOS: u128 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_steady_stream_is_estimated_as_what_it_is_and_has_peaked() {
        let mut meter = Meter::default();
        for second in 1..=40 {
            meter.look(SECOND * second, 1000 * u64::from(second), 0);
        }
        let statistics = meter.statistics();
        assert_eq!(statistics.outbound_bits_per_second, 8000);
        assert!(statistics.outbound_bits_per_second_instability < 20, "{statistics:?}");
        assert!(statistics.outbound_bandwidth_peaked);
        assert_eq!((statistics.inbound_bits_per_second, statistics.inbound_bandwidth_peaked), (0, false));
    }

    #[test]
    fn a_stream_that_grows_beyond_its_instability_has_not_peaked() {
        let mut meter = Meter::default();
        let mut total = 0;
        for second in 1..=20 {
            total += 1000 << second;
            meter.look(SECOND * second, 0, total);
        }
        assert!(!meter.statistics().inbound_bandwidth_peaked);
        meter.look(SECOND * 21, 0, total + 1000);
        assert!(meter.statistics().inbound_bandwidth_peaked);
    }

    #[test]
    fn pauses_do_not_count() {
        let mut meter = Meter::default();
        meter.look(SECOND, 1000, 0);
        let before = meter.statistics();
        meter.look(SECOND * 100, 1000, 0);
        assert_eq!(meter.statistics(), before);
        meter.start(SECOND * 500);
        meter.look(SECOND * 501, 2000, 0);
        assert_eq!(meter.statistics().outbound_bits_per_second, 8000);
        meter.start(SECOND * 502);
        meter.look(SECOND * 503, 4000, 0);
        assert_eq!(meter.statistics().outbound_bits_per_second, 8000, "a short pause counts");
    }

    #[test]
    fn no_number_is_too_large_and_no_span_too_short() {
        let mut meter = Meter::default();
        meter.look(Duration::ZERO, u64::MAX, u64::MAX);
        assert_eq!(meter.statistics(), BandwidthStatistics::default());
        meter.look(Duration::from_nanos(1), u64::MAX, 1);
        meter.look(Duration::from_nanos(2), 0, u64::MAX);
        meter.look(Duration::MAX, u64::MAX, u64::MAX);
        assert!(meter.statistics().inbound_bits_per_second > 0);
    }
}
