//! How long somebody may make no progress, without a clock.

use std::time::Duration;

/// A time without progress after which patience ends.
///
/// Times are durations since some moment that the caller chooses. Time in which nobody could look - a blocked thread, a
/// stopped process, a machine that slept - does not count: whoever looks too late grants half of the limit again.
#[derive(Clone, Debug)]
pub struct Patience {
    limit: Duration,
    due: Duration,
}

impl Patience {
    /// Patience that begins now.
    #[must_use]
    pub const fn new(limit: Duration, now: Duration) -> Self {
        Self { limit, due: now.saturating_add(limit) }
    }

    /// There was progress.
    pub const fn renew(&mut self, now: Duration) {
        self.due = now.saturating_add(self.limit);
    }

    /// When to look next.
    #[must_use]
    pub const fn due(&self) -> Duration {
        self.due
    }

    /// Whether patience has ended.
    pub fn has_ended(&mut self, now: Duration) -> bool {
        if now < self.due {
            return false;
        }
        if is_late(now, self.due, self.limit) {
            self.due = now.saturating_add(self.limit / 2);
            return false;
        }
        true
    }
}

/// Whether a look that was due has come so late that nobody could look in between.
pub(super) fn is_late(now: Duration, due: Duration, limit: Duration) -> bool {
    now.saturating_sub(due) > (limit / 8).clamp(LEAST_DELAY, MOST_DELAY)
}

/// Timers are late by a few milliseconds on a busy machine; that is no pause.
const LEAST_DELAY: Duration = Duration::from_millis(20);
const MOST_DELAY: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn progress_renews_it() {
        let mut patience = Patience::new(10 * SECOND, SECOND);
        assert_eq!(patience.due(), 11 * SECOND);
        patience.renew(9 * SECOND);
        assert!(!patience.has_ended(18 * SECOND));
        assert!(patience.has_ended(19 * SECOND));
    }

    #[test]
    fn a_pause_of_the_program_does_not_count() {
        let mut patience = Patience::new(2 * SECOND, Duration::ZERO);
        assert!(!patience.has_ended(7 * SECOND), "stopped for five seconds");
        assert_eq!(patience.due(), 8 * SECOND);
        assert!(patience.has_ended(8 * SECOND), "and then nothing");
    }

    #[test]
    fn a_look_is_late_after_an_eighth_of_the_limit_but_no_sooner_than_timers_are() {
        for (limit, most) in [(0, 20), (160, 20), (168, 21), (2000, 250), (8000, 1000), (60_000, 1000)] {
            let (limit, most) = (Duration::from_millis(limit), Duration::from_millis(most));
            let due = SECOND + limit;
            let least = Duration::from_nanos(1);
            let ends_at = |now| Patience::new(limit, SECOND).has_ended(now);
            assert!(!ends_at(due - least), "{limit:?}: too soon");
            assert!(ends_at(due) && ends_at(due + most), "{limit:?}");
            assert!(!ends_at(due + most + least), "{limit:?}: nobody could look");
        }
    }

    #[test]
    fn no_limit_is_never_reached() {
        let mut patience = Patience::new(Duration::MAX, SECOND);
        assert!(!patience.has_ended(Duration::from_secs(u64::MAX / 2)));
    }
}
