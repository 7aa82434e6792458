//! The end of a connection as tasks see it that are no half of it, or that make it end.

use std::{
    sync::atomic::Ordering,
    task::{Context, Poll},
};

use super::{Connection, lock};
use crate::{
    close::{CloseCode, Closed},
    error::{Error, Result},
    protocol::{CloseFrame, Lifecycle},
};

impl Connection {
    /// This program cannot go on.
    pub(in crate::backend::native) fn break_off(&self, error: Error) {
        let frame = CloseFrame { code: CloseCode::INTERNAL_ERROR, reason: error.to_string() };
        self.refuse(&frame, error);
    }

    /// Waits for the peer's Close, or for the error that stands in its place.
    pub(in crate::backend::native) fn poll_end(&self, cx: &Context<'_>) -> Poll<Result<Closed>> {
        if let Some(end) = self.life(Lifecycle::end_for_observers) {
            return Poll::Ready(end);
        }
        let mut observers = lock(&self.wakers.observers);
        if !observers.iter().any(|waker| waker.will_wake(cx.waker())) {
            observers.push(cx.waker().clone());
        }
        drop(observers);
        self.life(Lifecycle::end_for_observers).map_or(Poll::Pending, Poll::Ready)
    }

    /// The receiving half leaves it to the other to keep the connection open; false if the other is gone.
    pub(in crate::backend::native) fn detach_half(&self) -> bool {
        self.halves.compare_exchange(2, 1, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}
