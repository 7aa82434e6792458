//! Something to do every now and then, in between other things.

use std::pin::pin;

use futures::future::{self, Either};
use gloo_timers::future::TimeoutFuture;

/// A timer that starts again each time it has ended.
pub(crate) struct Ticker {
    milliseconds: u32,
    timeout: TimeoutFuture,
}

impl Ticker {
    pub(crate) fn new(milliseconds: u32) -> Self {
        Self { milliseconds, timeout: TimeoutFuture::new(milliseconds) }
    }

    /// Waits for `future`; `None` if it is time for something else. The future is then dropped: it must not mind.
    pub(crate) async fn or<T>(&mut self, future: impl Future<Output = T>) -> Option<T> {
        match future::select(pin!(future), &mut self.timeout).await {
            Either::Left((output, _)) => Some(output),
            Either::Right(_) => {
                self.timeout = TimeoutFuture::new(self.milliseconds);
                None
            }
        }
    }
}
