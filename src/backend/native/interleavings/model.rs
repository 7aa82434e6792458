//! What shuttle has no model of.

use std::{task::Waker, time::Duration};

use shuttle::{
    rand::{Rng as _, thread_rng},
    sync::Mutex,
};

/// As that of futures: remembers the last waker, and wakes it once.
#[derive(Debug, Default)]
pub(in super::super) struct AtomicWaker(Mutex<Option<Waker>>);

impl AtomicWaker {
    pub(in super::super) fn new() -> Self {
        Self::default()
    }

    pub(in super::super) fn register(&self, waker: &Waker) {
        *self.0.lock().expect("nobody panics with the lock") = Some(waker.clone());
    }

    pub(in super::super) fn wake(&self) {
        let waker = self.0.lock().expect("nobody panics with the lock").take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// A clock by which no time has passed, or much: as chance wants.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Instant;

impl Instant {
    pub(in super::super) fn now() -> Self {
        Self
    }

    pub(in super::super) fn elapsed(self) -> Duration {
        Duration::from_secs(thread_rng().gen_range(0..2))
    }
}
