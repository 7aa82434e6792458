//! Questions that only the program of the peer answers, without a clock.

use std::time::Duration;

use super::patience::is_late;

/// Decides when the peer's program is asked for a sign of life by a message, and when it has been silent for too long.
///
/// Times are durations since some moment that the caller chooses. The limit begins with the first question that nothing has
/// come after. Time in which nobody could look does not count: whoever looks too late grants half of the limit again, once a
/// question, as the timers of a hidden page are late each time.
#[derive(Debug)]
pub struct Heartbeat {
    interval: Duration,
    limit: Duration,
    next: Duration,
    question: Option<Question>,
}

#[derive(Debug)]
struct Question {
    due: Duration,
    was_late: bool,
}

/// What is to be done after a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// Nothing.
    Nothing,
    /// Send the message.
    Due,
    /// Nothing has come for the limit.
    Dead,
}

impl Heartbeat {
    /// The first question is due after one interval.
    #[must_use]
    pub const fn new(interval: Duration, limit: Duration) -> Self {
        Self { interval, limit, next: interval, question: None }
    }

    /// When to look next.
    #[must_use]
    pub fn due(&self) -> Duration {
        self.question.as_ref().map_or(self.next, |question| question.due.min(self.next))
    }

    /// Looks at what is due. `has_life`: the peer has shown a sign of life since the last look, or could not.
    pub fn look(&mut self, now: Duration, has_life: bool) -> Beat {
        if has_life {
            self.question = None;
        }
        if let Some(question) = self.question.as_mut().filter(|question| question.due <= now) {
            if question.was_late || !is_late(now, question.due, self.limit) {
                return Beat::Dead;
            }
            *question = Question { due: now.saturating_add(self.limit / 2), was_late: true };
        }
        if self.next <= now {
            self.next = now.saturating_add(self.interval);
            return Beat::Due;
        }
        Beat::Nothing
    }

    /// The peer has been asked.
    pub fn asked(&mut self, now: Duration) {
        let due = now.saturating_add(self.limit);
        self.question.get_or_insert(Question { due, was_late: false });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn asked_at(second: u32) -> Heartbeat {
        let mut heartbeat = Heartbeat::new(5 * SECOND, 12 * SECOND);
        assert_eq!(heartbeat.look(second * SECOND, false), Beat::Due);
        heartbeat.asked(second * SECOND);
        heartbeat
    }

    #[test]
    fn the_limit_begins_with_the_first_question_that_nothing_has_come_after() {
        let mut heartbeat = asked_at(5);
        for second in [10, 15] {
            assert_eq!((heartbeat.due(), heartbeat.look(second * SECOND, false)), (second * SECOND, Beat::Due));
            heartbeat.asked(second * SECOND);
        }
        assert_eq!((heartbeat.due(), heartbeat.look(17 * SECOND, false)), (17 * SECOND, Beat::Dead));
    }

    #[test]
    fn whatever_comes_is_an_answer() {
        let mut heartbeat = asked_at(5);
        assert_eq!(heartbeat.look(10 * SECOND, true), Beat::Due);
        heartbeat.asked(10 * SECOND);
        assert_eq!(heartbeat.look(21 * SECOND, false), Beat::Due);
        assert_eq!(heartbeat.look(22 * SECOND, false), Beat::Dead);
    }

    #[test]
    fn silence_that_nobody_asked_about_is_no_fault() {
        let mut heartbeat = Heartbeat::new(5 * SECOND, SECOND);
        for second in 1..100 {
            // The message could not be sent.
            assert_ne!(heartbeat.look(second * SECOND, false), Beat::Dead);
        }
    }

    #[test]
    fn a_late_look_grants_half_of_the_limit_once() {
        // Timers of a page that has been hidden for long: one look a minute.
        let mut heartbeat = asked_at(60);
        assert_eq!(heartbeat.look(120 * SECOND, false), Beat::Due, "48 s too late");
        heartbeat.asked(120 * SECOND);
        assert_eq!(heartbeat.due(), 125 * SECOND);
        assert_eq!(heartbeat.question.as_ref().map(|question| question.due), Some(126 * SECOND), "half of the limit");
        let mut answered = heartbeat;
        assert_eq!(answered.look(125 * SECOND, true), Beat::Due);
        let mut heartbeat = asked_at(60);
        assert_eq!(heartbeat.look(120 * SECOND, false), Beat::Due);
        assert_eq!(heartbeat.look(125 * SECOND, false), Beat::Due);
        assert_eq!(heartbeat.look(180 * SECOND, false), Beat::Dead);
    }

    #[test]
    fn the_longest_times_are_never() {
        let mut heartbeat = Heartbeat::new(SECOND, Duration::MAX);
        heartbeat.look(SECOND, false);
        heartbeat.asked(SECOND);
        assert_eq!(heartbeat.look(Duration::from_secs(u64::MAX / 2), false), Beat::Due);
        assert_eq!(Heartbeat::new(Duration::MAX, SECOND).due(), Duration::MAX);
    }
}
