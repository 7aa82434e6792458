//! Signs of life and the questions for them, without a clock: RFC 6455 sections 5.5.2 and 5.5.3.

use std::time::Duration;

use super::patience::is_late;

/// Decides when the peer is asked for a sign of life, when it is dead, and when it gets an unsolicited pong.
///
/// Times are durations since some moment that the caller chooses. After half of the limit without a sign of life the peer is
/// asked; without an answer it is dead after the limit, but no sooner than half of it after the question.
#[derive(Clone, Debug)]
pub struct Liveness {
    limit: Nanos,
    pong_interval: Nanos,
    last_life: Nanos,
    /// When the peer was asked, if it was since the last sign of life.
    asked: Option<Nanos>,
    next_pong: Nanos,
}

/// What is to be done after a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Nothing.
    Nothing,
    /// Send a ping.
    Ping,
    /// Send a pong that nobody asked for, and a ping that measures the way.
    Pong,
    /// The peer has shown no sign of life for the limit.
    Dead,
}

impl Liveness {
    /// The peer was alive at the beginning of the time.
    #[must_use]
    pub fn new(limit: Duration, pong_interval: Duration) -> Self {
        let pong_interval = nanos(pong_interval);
        Self { limit: nanos(limit), pong_interval, last_life: 0, asked: None, next_pong: pong_interval }
    }

    /// The peer has shown a sign of life since the last look.
    pub fn heard(&mut self, now: Duration) {
        self.last_life = nanos(now);
        self.asked = None;
    }

    /// When to look next.
    #[must_use]
    pub fn due(&self) -> Duration {
        Duration::from_nanos(self.next_pong.min(self.next_question()))
    }

    /// When silence has lasted for so long that the peer has to be asked, or is dead.
    fn next_question(&self) -> Nanos {
        match self.asked {
            None => self.last_life.saturating_add(self.limit / 2),
            // A question that was asked late still has its time.
            Some(asked) => self.last_life.saturating_add(self.limit).max(asked.saturating_add(self.limit / 2)),
        }
    }

    /// Whether something is due of which only the state of the transport can tell whether it must be done.
    #[must_use]
    pub fn is_question_due(&self, now: Duration) -> bool {
        self.next_question() <= nanos(now)
    }

    /// Looks at what is due. `can_hear` is false while more is unread than may be: then the program is slow, not the peer.
    pub fn look(&mut self, now: Duration, can_hear: bool) -> Demand {
        let (due, limit) = (Duration::from_nanos(self.next_question()), Duration::from_nanos(self.limit));
        if due <= now {
            if !can_hear {
                self.heard(now);
            } else if self.asked.is_some() && !is_late(now, due, limit) {
                return Demand::Dead;
            } else {
                // Also if it was asked before and nobody could look for the answer: it is asked again.
                self.asked = Some(nanos(now));
                return Demand::Ping;
            }
        }
        if self.next_pong <= nanos(now) {
            self.next_pong = nanos(now).saturating_add(self.pong_interval);
            return Demand::Pong;
        }
        Demand::Nothing
    }
}

/// Half as long as a `Duration`, for the sake of idle connections; it counts to 584 years.
type Nanos = u64;

fn nanos(duration: Duration) -> Nanos {
    duration.as_nanos().try_into().unwrap_or(Nanos::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn liveness(limit: u32) -> Liveness {
        Liveness::new(limit * SECOND, Duration::MAX)
    }

    #[test]
    fn silence_is_questioned_and_then_the_end() {
        let mut liveness = liveness(30);
        assert_eq!((liveness.due(), liveness.look(14 * SECOND, true)), (15 * SECOND, Demand::Nothing));
        assert_eq!(liveness.look(15 * SECOND, true), Demand::Ping);
        assert_eq!(liveness.due(), 30 * SECOND);
        let mut answered = liveness.clone();
        let moments = [29 * SECOND, 30 * SECOND, 31 * SECOND];
        assert_eq!(moments.map(|now| liveness.is_question_due(now)), [false, true, true]);
        assert_eq!(liveness.look(30 * SECOND, true), Demand::Dead);
        answered.heard(16 * SECOND);
        assert_eq!(answered.due(), 31 * SECOND);
    }

    #[test]
    fn a_question_that_was_asked_late_has_its_time() {
        // The thread was blocked for three seconds, the process stopped for five, the machine slept for an hour.
        for pause in [3, 5, 3600] {
            let mut liveness = liveness(2);
            assert_eq!(liveness.look(pause * SECOND, true), Demand::Ping);
            assert_eq!(liveness.due(), (pause + 1) * SECOND);
            assert_eq!(liveness.look((pause + 1) * SECOND, true), Demand::Dead);
        }
    }

    #[test]
    fn a_pause_after_the_question_does_not_count() {
        let mut liveness = liveness(2);
        assert_eq!(liveness.look(SECOND, true), Demand::Ping);
        assert_eq!(liveness.look(6 * SECOND, true), Demand::Ping, "nobody could look for the answer");
        assert_eq!(liveness.look(7 * SECOND, true), Demand::Dead);
    }

    #[test]
    fn a_slow_program_is_not_a_dead_peer() {
        let mut liveness = liveness(30);
        for half in 1..100 {
            assert_eq!(liveness.look(15 * half * SECOND, false), Demand::Nothing);
        }
    }
}
