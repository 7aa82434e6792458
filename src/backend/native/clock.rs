//! Time and chance, for what waits between connections.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use rand::{TryRng, rngs::SysRng};
use tokio::time::{Instant, Sleep, sleep};

use super::no_runtime;
use crate::error::Result;

/// A moment of tokio's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment(Instant);

impl Moment {
    pub(crate) fn now() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Ready once its time has passed.
#[derive(Debug)]
pub(crate) struct Delay(Pin<Box<Sleep>>);

impl Delay {
    pub(crate) fn start(duration: Duration) -> Result<Self> {
        tokio::runtime::Handle::try_current().map_err(|_| no_runtime())?;
        Ok(Self(Box::pin(sleep(duration))))
    }
}

impl Future for Delay {
    type Output = Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.0.as_mut().poll(cx).map(Ok)
    }
}

/// A random number from 0 to 1; a system without random numbers gives always the same.
pub(crate) fn fraction() -> f64 {
    SysRng.try_next_u32().map_or(1.0, |number| f64::from(number) / f64::from(u32::MAX))
}

/// The moment when `duration` has passed after `from`; a duration that no clock can count to means never.
pub(super) fn later(from: Instant, duration: Duration) -> Instant {
    from.checked_add(duration).unwrap_or(from + FAR_FUTURE)
}

const FAR_FUTURE: Duration = Duration::from_secs(30 * 365 * 24 * 3600);
