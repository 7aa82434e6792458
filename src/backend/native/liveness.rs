//! The timers of an open connection: unsolicited pongs, pings that ask for a sign of life, and looks at the traffic.
//!
//! Nothing is done for each message: a read stores a flag ([`ActivityFlag`]), and the driver looks at it from time to time. The first
//! traffic after a look wakes the driver, which looks again one *tick* later; without traffic it sleeps until the next pong
//! or ping is due.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::atomic::Ordering,
    task::Context,
    time::Duration,
};

use tokio::{
    task::unconstrained,
    time::{Instant, Sleep},
};

use super::{
    clock::later,
    connection::{Connection, Outgoing},
    sync::AtomicU8,
};
use crate::{
    error::{Error, ErrorKind},
    protocol::{Demand, Liveness},
};

/// Whether something was read since the driver looked.
#[derive(Debug)]
pub(super) struct ActivityFlag(AtomicU8);

/// Something was read.
const ACTIVE: u8 = 0;
/// Nothing was read since the driver looked, and it will look again soon.
const QUIET: u8 = 1;
/// Nothing was read, and the driver sleeps until it is told.
const ASLEEP: u8 = 2;

impl ActivityFlag {
    pub(super) const fn new() -> Self {
        Self(AtomicU8::new(ASLEEP))
    }

    /// Something was read; whether the driver has to be woken.
    pub(super) fn beat(&self) -> bool {
        self.0.load(Ordering::Relaxed) != ACTIVE && self.0.swap(ACTIVE, Ordering::AcqRel) == ASLEEP
    }

    /// Whether the driver looks at nothing until it is told, also of writes.
    pub(super) fn is_asleep(&self) -> bool {
        self.0.load(Ordering::SeqCst) == ASLEEP
    }

    pub(super) fn is_active(&self) -> bool {
        self.0.load(Ordering::Acquire) == ACTIVE
    }

    /// The driver will look again soon, and need not be woken.
    pub(super) fn rouse(&self) {
        // It fails if something was read, which is as good.
        let _ = self.0.compare_exchange(ASLEEP, QUIET, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Whether something was read since the last time.
    pub(super) fn take(&self) -> bool {
        self.0.compare_exchange(ACTIVE, QUIET, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// From here on the driver must be woken; false if something was read meanwhile.
    pub(super) fn rest(&self) -> bool {
        let before = self.0.compare_exchange(QUIET, ASLEEP, Ordering::SeqCst, Ordering::SeqCst);
        before.unwrap_or_else(|other| other) != ACTIVE
    }
}

/// What the timers are set to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Intervals {
    /// Between unsolicited pongs.
    pub(super) pong: Duration,
    /// How long the peer may show no sign of life.
    pub(super) life: Duration,
}

impl Intervals {
    /// How often the driver looks while there is traffic, and so how exact its times are.
    pub(super) fn tick(&self) -> Duration {
        (self.life / 32).clamp(MIN_TICK, MAX_TICK)
    }
}

/// The driver's side of it.
pub(super) struct KeepAlive {
    /// Its times are those since the connection was opened.
    liveness: Liveness,
    /// What was on its way out when the peer was asked for a sign of life.
    outgoing: Option<Outgoing>,
    /// When to look at the traffic, if there was some since the last look or something may have to be read.
    tick: Option<Instant>,
    /// The progress of the writes at the last tick.
    progress: u64,
    /// How many reads the program had made at the last tick.
    reads: u64,
    /// Whether the timer wakes the driver by itself.
    is_armed: bool,
}

impl KeepAlive {
    pub(super) fn new(connection: &Connection) -> Self {
        let Intervals { life, pong } = connection.settings.intervals;
        connection.signals.activity().rouse();
        Self {
            liveness: Liveness::new(life, pong),
            outgoing: None,
            // The program may never receive: then the first tick makes the transport tell of what arrives.
            tick: Some(connection.opened() + connection.settings.intervals.tick()),
            progress: connection.progress(),
            reads: 0,
            is_armed: false,
        }
    }

    /// Does what is due, and sees to it that the driver is polled when something is due again.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, connection: &Connection, mut timer: Pin<&mut Sleep>) {
        let is_called = connection.signals.take_call();
        if self.tick.is_none()
            && (is_called || connection.signals.activity().is_active() || connection.progress() != self.progress)
        {
            let now = Instant::now();
            self.listen(now, connection);
            self.watch(now, connection);
            connection.signals.activity().rouse();
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
        let due = later(connection.opened(), self.liveness.due());
        self.tick.map_or(due, |tick| tick.min(due))
    }

    fn set(&mut self, connection: &Connection, timer: Pin<&mut Sleep>) {
        timer.reset(self.due(connection));
        self.is_armed = false;
    }

    fn listen(&mut self, now: Instant, connection: &Connection) {
        if connection.signals.activity().take() {
            self.liveness.heard(now.saturating_duration_since(connection.opened()));
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
        let since = now.saturating_duration_since(connection.opened());
        if self.liveness.is_question_due(since) && !connection.signals.is_armed() {
            // Nobody reads while the program does something else: the answer may lie unread.
            connection.read_ahead();
        }
        self.listen(now, connection);
        if self.tick.is_some_and(|tick| tick <= now) {
            self.tick(now, connection);
        }
        let outgoing = self.liveness.is_question_due(since).then(|| connection.outgoing()).flatten();
        if let (Some(now), Some(before)) = (outgoing, self.outgoing) {
            if now.has_moved_since(before) {
                // The peer takes what lies before the question.
                self.liveness.heard(since);
                self.outgoing = None;
            }
        }
        match self.liveness.look(since, connection.can_hear()) {
            Demand::Nothing => {}
            Demand::Ping => {
                self.outgoing = outgoing;
                connection.ping(now);
                self.ignore_queued(connection);
            }
            Demand::Pong => {
                if connection.keep_alive(now) {
                    self.ignore_queued(connection);
                }
            }
            Demand::Dead => {
                let limit = connection.settings.intervals.life;
                let message = format!("the peer has shown no sign of life for {limit:?}");
                connection.abandon(Error::new(ErrorKind::Timeout, message));
            }
        }
    }

    /// The write of a ping is no traffic.
    fn ignore_queued(&mut self, connection: &Connection) {
        self.progress = connection.progress() + connection.buffered_amount() as u64;
    }

    fn tick(&mut self, now: Instant, connection: &Connection) {
        connection.measure(now);
        // First, or what is written meanwhile would leave its buffers behind with nobody to look again.
        self.progress = connection.progress();
        connection.trim();
        self.reads = connection.attend(self.reads);
        // If something was read or written just now, and nobody will tell, there has to be another look; also while the
        // transport would not tell of what arrives.
        let will_be_told = || connection.signals.is_armed() || !connection.can_hear();
        let may_sleep = will_be_told()
            && connection.signals.activity().rest()
            && will_be_told()
            && connection.progress() == self.progress;
        if !may_sleep {
            connection.signals.activity().rouse();
        }
        self.tick = (!may_sleep).then(|| now + connection.settings.intervals.tick());
    }
}

/// A program that does not receive is noticed after two ticks at most, and a ping is answered within a second.
const MIN_TICK: Duration = Duration::from_millis(1);
const MAX_TICK: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_driver_may_sleep_unless_something_was_read() {
        let activity = ActivityFlag::new();
        assert!(activity.rest() && activity.is_asleep(), "nothing was ever read");
        assert!(activity.beat(), "it has to be woken");
        assert!(!activity.beat() && !activity.rest() && !activity.is_asleep());
        assert!(activity.take() && !activity.is_asleep());
        assert!(activity.rest() && activity.is_asleep());
    }
}
