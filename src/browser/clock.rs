//! Time and chance, for what waits between connections.

use std::{
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use super::{
    slot::Slot,
    thread::Local,
    timer::{self, Timer},
};
use crate::error::Result;

/// A moment of the browser's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment(Duration);

impl Moment {
    pub(crate) fn now() -> Self {
        Self(timer::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        timer::now().saturating_sub(self.0)
    }
}

/// Ready once its time has passed.
#[derive(Debug)]
pub(crate) struct Delay(Local<(Timer, Rc<Slot>)>);

impl Delay {
    #[allow(clippy::unnecessary_wraps, reason = "another target may have no clock")]
    pub(crate) fn start(duration: Duration) -> Result<Self> {
        let waker = Rc::new(Slot::default());
        let timer = Timer::start(duration, {
            let waker = Rc::clone(&waker);
            move || waker.wake()
        });
        Ok(Self(Local::new((timer, waker))))
    }
}

impl Future for Delay {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let (timer, waker) = self.0.get()?;
        if timer.has_fired() {
            return Poll::Ready(Ok(()));
        }
        waker.register(cx.waker());
        Poll::Pending
    }
}

/// A random number from 0 to 1.
pub(crate) fn fraction() -> f64 {
    js_sys::Math::random()
}
