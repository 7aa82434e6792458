//! A place for the one task that waits for something.

use std::{cell::Cell, task::Waker};

/// A task that waits, in its own thread.
#[derive(Default)]
pub(super) struct LocalWaker {
    waker: Cell<Option<Waker>>,
}

impl LocalWaker {
    /// The task with this waker waits from now on, whoever did before.
    pub(super) fn register(&self, waker: &Waker) {
        let known = self.waker.take().filter(|known| known.will_wake(waker));
        self.waker.set(Some(known.unwrap_or_else(|| waker.clone())));
    }

    /// Wakes the task, if there is one.
    pub(super) fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Whether a task waits.
    pub(super) fn is_taken(&self) -> bool {
        let waker = self.waker.take();
        let is_taken = waker.is_some();
        self.waker.set(waker);
        is_taken
    }
}
