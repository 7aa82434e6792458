//! A rate over time, out of a growing count: what a plot shows.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// The last [`MOST`](Self::MOST) rates of something that is counted.
#[derive(Clone, Debug, Default)]
pub struct Rates {
    /// When the count was looked at last, and what it was.
    last: Option<(Instant, u64)>,
    values: VecDeque<f64>,
}

impl Rates {
    /// How many rates are kept.
    pub const MOST: usize = 240;

    /// Takes note that the count is `count`, and of the rate since the last note unless that is very recent.
    pub fn note(&mut self, now: Instant, count: u64) {
        let Some((then, before)) = self.last else {
            self.last = Some((now, count));
            return;
        };
        let span = now.saturating_duration_since(then);
        if span < SHORTEST {
            return;
        }
        if self.values.len() == Self::MOST {
            self.values.pop_front();
        }
        self.values.push_back(count.saturating_sub(before) as f64 / span.as_secs_f64());
        self.last = Some((now, count));
    }

    /// The rates, each in units a second, the oldest first.
    pub fn values(&self) -> impl ExactSizeIterator<Item = f64> {
        self.values.iter().copied()
    }

    /// The latest rate, 0 if there is none yet.
    pub fn latest(&self) -> f64 {
        self.values.back().copied().unwrap_or_default()
    }
}

/// Over less than this a rate is noise.
const SHORTEST: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_what_was_added_in_the_time_since() {
        let start = Instant::now();
        let mut rates = Rates::default();
        rates.note(start, 1000);
        rates.note(start + Duration::from_millis(50), 1500);
        assert_eq!(rates.values().len(), 0, "50 ms are too short");
        rates.note(start + Duration::from_millis(500), 2000);
        rates.note(start + Duration::from_millis(1500), 2000);
        assert_eq!(rates.values().collect::<Vec<_>>(), [2000.0, 0.0]);
        assert_eq!(rates.latest(), 0.0);
    }

    #[test]
    fn no_more_than_the_most_are_kept() {
        let start = Instant::now();
        let mut rates = Rates::default();
        for second in 0..1000 {
            rates.note(start + Duration::from_secs(second), second * second);
        }
        assert_eq!(rates.values().len(), Rates::MOST);
        assert_eq!(rates.latest(), (999.0 * 999.0) - (998.0 * 998.0));
    }
}
