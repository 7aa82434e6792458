//! The timers of an open connection: unsolicited pongs, pings that ask for a sign of life, and looks at the traffic.
//!
//! Nothing is done for each message: a read stores a flag ([`Pulse`]), and the driver looks at it from time to time. The first
//! traffic after a look wakes the driver, which looks again one *tick* later; without traffic it sleeps until the next pong
//! or ping is due.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::atomic::{AtomicU8, Ordering},
    task::Context,
    time::Duration,
};

use tokio::{
    task::unconstrained,
    time::{Instant, Sleep},
};

use super::connection::Connection;
use crate::error::{Error, ErrorKind};

/// Whether something was read since the driver looked.
#[derive(Debug)]
pub(super) struct Pulse(AtomicU8);

/// Something was read.
const BEATING: u8 = 0;
/// Nothing was read since the driver looked, and it will look again soon.
const SILENT: u8 = 1;
/// Nothing was read, and the driver sleeps until it is told.
const ASLEEP: u8 = 2;

impl Pulse {
    pub(super) const fn new() -> Self {
        Self(AtomicU8::new(ASLEEP))
    }

    /// Something was read; whether the driver has to be woken.
    pub(super) fn beat(&self) -> bool {
        self.0.load(Ordering::Relaxed) != BEATING && self.0.swap(BEATING, Ordering::AcqRel) == ASLEEP
    }

    /// Whether the driver looks at nothing until it is told, also of writes.
    pub(super) fn is_asleep(&self) -> bool {
        self.0.load(Ordering::SeqCst) == ASLEEP
    }

    fn is_beating(&self) -> bool {
        self.0.load(Ordering::Acquire) == BEATING
    }

    /// Whether something was read since the last time.
    fn take(&self) -> bool {
        self.0.compare_exchange(BEATING, SILENT, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// From here on the driver must be woken; false if something was read meanwhile.
    fn rest(&self) -> bool {
        let before = self.0.compare_exchange(SILENT, ASLEEP, Ordering::SeqCst, Ordering::SeqCst);
        before.unwrap_or_else(|other| other) != BEATING
    }
}

/// What the timers are set to.
#[derive(Debug)]
pub(super) struct Intervals {
    /// Between unsolicited pongs.
    pub(super) pong: Duration,
    /// How long the peer may show no sign of life.
    pub(super) life: Duration,
}

impl Intervals {
    /// How often the driver looks while there is traffic, and so how exact its times are.
    fn tick(&self) -> Duration {
        (self.life / 32).clamp(MIN_TICK, MAX_TICK)
    }
}

/// The driver's side of it.
pub(super) struct Keeper {
    /// At least as late as the last sign of life, by one tick at most.
    last_life: Instant,
    /// Whether a ping was sent since.
    has_probed: bool,
    next_pong: Instant,
    /// When to look at the traffic, if there was some since the last look.
    tick: Option<Instant>,
    /// The progress of the writes at the last tick.
    progress: u64,
    /// Whether the timer wakes the driver by itself.
    is_armed: bool,
}

impl Keeper {
    pub(super) fn new(connection: &Connection) -> Self {
        let now = Instant::now();
        let next_pong = later(now, connection.settings.intervals.pong);
        let progress = connection.progress();
        let has_probed = false;
        Self { last_life: now, has_probed, next_pong, tick: None, progress, is_armed: false }
    }

    /// Does what is due, and sees to it that the driver is polled when something is due again.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, connection: &Connection, mut timer: Pin<&mut Sleep>) {
        if self.tick.is_none() && (connection.pulse.is_beating() || connection.progress() != self.progress) {
            let now = Instant::now();
            self.listen(now, connection);
            self.watch(now, connection);
            self.set(connection, timer.as_mut());
        }
        // A timer that was polled wakes the driver: it need not be polled for each message.
        while connection.is_open() && (!self.is_armed || timer.is_elapsed()) {
            // Without tokio's budget: once reads and writes of this task have used it up, a timer that is due would stay
            // `Pending` for the rest of this poll, without a waker, and this loop would never end.
            self.is_armed = pin!(unconstrained(timer.as_mut())).poll(cx).is_pending();
            if self.is_armed {
                return;
            }
            self.look(connection);
            self.set(connection, timer.as_mut());
        }
    }

    /// When something is due next.
    pub(super) fn due(&self, connection: &Connection) -> Instant {
        let due = self.next_pong.min(self.next_question(connection));
        self.tick.map_or(due, |tick| tick.min(due))
    }

    fn set(&mut self, connection: &Connection, timer: Pin<&mut Sleep>) {
        timer.reset(self.due(connection));
        self.is_armed = false;
    }

    /// When silence has lasted for so long that the peer has to be asked, or to be given up.
    fn next_question(&self, connection: &Connection) -> Instant {
        let limit = connection.settings.intervals.life;
        later(self.last_life, if self.has_probed { limit } else { limit / 2 })
    }

    fn listen(&mut self, now: Instant, connection: &Connection) {
        if connection.pulse.take() {
            (self.last_life, self.has_probed) = (now, false);
            self.watch(now, connection);
        }
    }

    /// There is traffic: looks at it one tick from now, if that is not planned.
    fn watch(&mut self, now: Instant, connection: &Connection) {
        if self.tick.is_none() {
            connection.start_measuring(now);
            self.tick = Some(now + connection.settings.intervals.tick());
        }
    }

    fn look(&mut self, connection: &Connection) {
        let now = Instant::now();
        self.listen(now, connection);
        if self.tick.is_some_and(|tick| tick <= now) {
            self.tick(now, connection);
        }
        let mut has_pinged = false;
        if self.next_pong <= now {
            has_pinged = connection.keep_alive(now);
            self.next_pong = later(now, connection.settings.intervals.pong);
        }
        if self.next_question(connection) <= now {
            has_pinged |= self.ask(now, has_pinged, connection);
        }
        // The write that is to come is no traffic.
        self.progress += u64::from(has_pinged);
    }

    fn tick(&mut self, now: Instant, connection: &Connection) {
        connection.measure(now);
        connection.trim();
        self.progress = connection.progress();
        // If something was read or written just now, and nobody will tell, there has to be another look.
        let may_sleep = connection.pulse.rest() && connection.progress() == self.progress;
        self.tick = (!may_sleep).then(|| now + connection.settings.intervals.tick());
    }

    /// Asks for a sign of life, once, unless a ping leaves anyhow; silence after that is the end. Whether it has sent a ping.
    fn ask(&mut self, now: Instant, has_pinged: bool, connection: &Connection) -> bool {
        if self.has_probed {
            if connection.finds_life() {
                (self.last_life, self.has_probed) = (now, false);
            } else {
                let limit = connection.settings.intervals.life;
                let message = format!("the peer has shown no sign of life for {limit:?}");
                connection.lose(Error::new(ErrorKind::Timeout, message));
                connection.wake_all();
            }
            return false;
        }
        if !connection.is_hungry() {
            // There is something that the program has not received: it is slow, not the peer.
            self.last_life = now;
            return false;
        }
        self.has_probed = true;
        if !has_pinged {
            connection.ping(now);
        }
        !has_pinged
    }
}

/// The moment when `duration` has passed; a duration that no clock can count to means never.
fn later(from: Instant, duration: Duration) -> Instant {
    from.checked_add(duration).unwrap_or(from + FAR_FUTURE)
}

const FAR_FUTURE: Duration = Duration::from_secs(30 * 365 * 24 * 3600);
const MIN_TICK: Duration = Duration::from_millis(1);
const MAX_TICK: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_driver_may_sleep_unless_something_was_read() {
        let pulse = Pulse::new();
        assert!(pulse.rest() && pulse.is_asleep(), "nothing was ever read");
        assert!(pulse.beat(), "it has to be woken");
        assert!(!pulse.beat() && !pulse.rest() && !pulse.is_asleep());
        assert!(pulse.take() && !pulse.is_asleep());
        assert!(pulse.rest() && pulse.is_asleep());
    }
}
