//! Time and chance, for what waits between connections.

use std::{
    cell::Cell,
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use super::{
    callback,
    slot::Slot,
    thread::Local,
    timer::{self, Timer},
};
use crate::error::Result;

/// A moment of the browser's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment(f64);

impl Moment {
    pub(crate) fn now() -> Self {
        Self(timer::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        Duration::from_micros(((timer::now() - self.0) * 1e6) as u64)
    }
}

/// Ready once its time has passed.
#[derive(Debug)]
pub(crate) struct Delay(Local<(Timer, Rc<Bell>)>);

/// What a timer rings.
#[derive(Default)]
struct Bell {
    has_rung: Cell<bool>,
    waker: Slot,
}

impl Delay {
    #[allow(clippy::unnecessary_wraps, reason = "another target may have no clock")]
    pub(crate) fn start(duration: Duration) -> Result<Self> {
        let bell = Rc::new(Bell::default());
        let ring = callback::new({
            let bell = Rc::clone(&bell);
            move |_| {
                bell.has_rung.set(true);
                bell.waker.wake();
            }
        });
        Ok(Self(Local::new((Timer::after(duration, ring), bell))))
    }
}

impl Future for Delay {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let (_, bell) = self.0.get()?;
        if bell.has_rung.get() {
            return Poll::Ready(Ok(()));
        }
        bell.waker.register(cx.waker());
        Poll::Pending
    }
}

/// A random number from 0 to 1.
pub(crate) fn fraction() -> f64 {
    js_sys::Math::random()
}
