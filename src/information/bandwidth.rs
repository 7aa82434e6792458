//! How many bits a second travel: estimated from the bytes counted at two moments, for each direction.

/// The estimated bandwidth of a connection (UWP: the structure `BandwidthStatistics`).
///
/// While messages travel their bytes are counted about once a second (each second natively, with a
/// [`receive_timeout`](crate::Control::receive_timeout) below 32 s as often as 32 times in that time). The bits a second of
/// such a span are smoothed by 1/8, their distance from the estimate by 1/4, as RFC 6298 does with round trips. A span in
/// which nothing travelled changes nothing. All is 0 and false before the first span has passed.
///
/// # Platform notes
///
/// UWP takes these numbers from the extended statistics of TCP. This crate measures them on both targets, as payload without
/// frame headers. In a browser, measuring starts when the program first asks for the information; that first value is the
/// mean since the connection was opened, if that is at least a second ago.
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
    /// Sent bits per second (UWP: `OutboundBitsPerSecond`).
    pub outbound_bits_per_second: u64,
    /// Received bits per second (UWP: `InboundBitsPerSecond`).
    pub inbound_bits_per_second: u64,
    /// The deviation of the estimate of sent bits per second (UWP: `OutboundBitsPerSecondInstability`).
    pub outbound_bits_per_second_instability: u64,
    /// The deviation of the estimate of received bits per second (UWP: `InboundBitsPerSecondInstability`).
    pub inbound_bits_per_second_instability: u64,
    /// Whether the estimate of sent bits has stopped growing; it may grow again (UWP: `OutboundBandwidthPeaked`).
    pub outbound_bandwidth_peaked: bool,
    /// Whether the estimate of received bits has stopped growing; it may grow again (UWP: `InboundBandwidthPeaked`).
    pub inbound_bandwidth_peaked: bool,
}

/// Measures both directions. The clock is its caller's, in seconds.
///
/// All of it is floating point, which takes a browser program the least code; whole numbers are what a program sees.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Meter {
    since: f64,
    outbound: Estimate,
    inbound: Estimate,
}

impl Meter {
    /// Starts a span: nothing travelled until now. A short pause belongs to what comes after it, or the span would be short of
    /// the time that its first message took.
    pub(crate) fn start(&mut self, now: f64) {
        if now - self.since > PAUSE {
            self.since = now;
        }
    }

    /// Ends a span, up to whose end so many bytes had travelled, and starts the next one.
    pub(crate) fn look(&mut self, now: f64, sent: u64, received: u64) {
        let span = now - self.since;
        if span > 0.0 {
            self.outbound.add(sent, span);
            self.inbound.add(received, span);
            self.since = now;
        }
    }

    pub(crate) const fn statistics(&self) -> BandwidthStatistics {
        BandwidthStatistics {
            outbound_bits_per_second: self.outbound.rate as u64,
            inbound_bits_per_second: self.inbound.rate as u64,
            outbound_bits_per_second_instability: self.outbound.instability as u64,
            inbound_bits_per_second_instability: self.inbound.instability as u64,
            outbound_bandwidth_peaked: self.outbound.has_peaked,
            inbound_bandwidth_peaked: self.inbound.has_peaked,
        }
    }
}

/// The estimate of one direction.
#[derive(Clone, Copy, Debug, Default)]
struct Estimate {
    /// All bytes until the last look.
    total: u64,
    rate: f64,
    instability: f64,
    has_peaked: bool,
}

impl Estimate {
    fn add(&mut self, total: u64, span: f64) {
        let bytes = total.saturating_sub(self.total);
        self.total = total;
        if bytes == 0 {
            return;
        }
        let rate = bytes as f64 * 8.0 / span;
        if self.rate == 0.0 {
            (self.rate, self.instability) = (rate, rate / 2.0);
            return;
        }
        self.has_peaked = rate <= self.rate + self.instability;
        // By one part of the distance, as RFC 6298 section 2.3 does.
        self.instability += ((self.rate - rate).abs() - self.instability) / 4.0;
        self.rate += (rate - self.rate) / 8.0;
    }
}

/// A pause that is longer is not part of a span, in seconds.
const PAUSE: f64 = 1.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_stream_is_estimated_as_what_it_is_and_has_peaked() {
        let mut meter = Meter::default();
        for second in 1_u32..=40 {
            meter.look(f64::from(second), 1000 * u64::from(second), 0);
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
            meter.look(f64::from(second), 0, total);
        }
        assert!(!meter.statistics().inbound_bandwidth_peaked);
        meter.look(21.0, 0, total + 1000);
        assert!(meter.statistics().inbound_bandwidth_peaked);
    }

    #[test]
    fn pauses_do_not_count() {
        let mut meter = Meter::default();
        meter.look(1.0, 1000, 0);
        let before = meter.statistics();
        meter.look(100.0, 1000, 0);
        assert_eq!(meter.statistics(), before);
        meter.start(500.0);
        meter.look(501.0, 2000, 0);
        assert_eq!(meter.statistics().outbound_bits_per_second, 8000);
        meter.start(502.0);
        meter.look(503.0, 4000, 0);
        assert_eq!(meter.statistics().outbound_bits_per_second, 8000, "a short pause counts");
    }

    #[test]
    fn no_number_is_too_large_and_no_span_too_short() {
        let mut meter = Meter::default();
        meter.look(0.0, u64::MAX, u64::MAX);
        assert_eq!(meter.statistics(), BandwidthStatistics::default());
        meter.look(1e-9, u64::MAX, 1);
        meter.look(2e-9, 0, u64::MAX);
        meter.look(f64::MAX, u64::MAX, u64::MAX);
        assert!(meter.statistics().inbound_bits_per_second > 0);
    }
}
