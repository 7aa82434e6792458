//! The task behind `Control::heartbeat`: the same on every target, and linked only into programs that ask for it.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use crate::{
    backend::{Delay, Moment, Observer, Reader, Source},
    control::Control,
    error::{Error, ErrorKind},
    message::Message,
    protocol::{Beat, Heartbeat},
};

/// What the settings say.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) message: Message,
    pub(crate) interval: Duration,
    pub(crate) timeout: Duration,
}

/// What an observer sees of the traffic of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signs {
    /// Grows with each message that arrives.
    pub(crate) arrived: u64,
    /// How many bytes have left.
    pub(crate) left: u64,
    /// How many bytes were on their way out.
    pub(crate) unsent: u64,
    /// Whether more of the peer would be heard, though nobody receives.
    pub(crate) can_hear: bool,
}

impl Signs {
    /// Whether there was a sign of life since an earlier look, or none could be heard. Of what leaves, only what had to wait
    /// for the peer tells something.
    const fn show_life_since(self, before: Self) -> bool {
        !self.can_hear || self.arrived != before.arrived || (before.unsent > 0 && self.left > before.left)
    }
}

/// How to begin. It is in the settings, so that a program without a heartbeat is linked without this file.
#[derive(Clone, Copy)]
pub(crate) struct Start(fn(&Control, &Reader));

impl Start {
    pub(crate) const SET: Self = Self(start);

    /// Begins on a connection that has just been opened.
    pub(crate) fn begin(control: &Control, reader: &Reader) {
        if let Some(Self(start)) = control.heartbeat {
            start(control, reader);
        }
    }
}

impl fmt::Debug for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Start").finish_non_exhaustive()
    }
}

fn start(control: &Control, reader: &Reader) {
    if let Some(settings) = control.extras().heartbeat.clone() {
        reader.spawner().spawn(beat(reader.observer(), settings));
    }
}

/// Asks from time to time, until the connection closes or an answer is missing.
async fn beat(mut observer: impl Observer, settings: Settings) {
    let Settings { message, interval, timeout } = settings;
    let mut heartbeat = Heartbeat::new(interval.max(LEAST), timeout.max(LEAST));
    let begun = Moment::now();
    let mut before = observer.signs();
    loop {
        let Ok(delay) = Delay::start(heartbeat.due().saturating_sub(begun.elapsed())) else { return };
        let mut delay = pin!(delay);
        let has_ended = poll_fn(|cx| match observer.poll_end(cx) {
            Poll::Ready(_) => Poll::Ready(true),
            // A clock that has failed ends it, too.
            Poll::Pending => Pin::as_mut(&mut delay).poll(cx).map(|outcome| outcome.is_err()),
        });
        if has_ended.await {
            return;
        }
        let now = observer.signs();
        let beat = heartbeat.look(begun.elapsed(), now.show_life_since(before));
        before = now;
        match beat {
            Beat::Nothing => {}
            Beat::Due => match observer.ask(&message) {
                Ok(true) => heartbeat.asked(begun.elapsed()),
                Ok(false) => {}
                // It closes.
                Err(_) => return,
            },
            Beat::Dead => {
                let message = format!("nothing has come for {timeout:?} after a heartbeat");
                return observer.abandon(Error::new(ErrorKind::Timeout, message));
            }
        }
    }
}

/// Less is below what timers can tell.
const LEAST: Duration = Duration::from_millis(10);
