//! Time and chance, for what waits between connections.

use std::{
    cell::Cell,
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use js_sys::Object;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use super::{
    callback::{self, Callback},
    hidden,
    local_waker::LocalWaker,
    property,
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

/// Ready once its time has passed, or the page or the network has come back.
#[derive(Debug)]
pub(crate) struct Delay(Local<(Timer, Listener, Rc<TimerState>)>);

/// What a timer rings.
#[derive(Default)]
struct TimerState {
    has_fired: Cell<bool>,
    waker: LocalWaker,
}

impl Delay {
    #[allow(clippy::unnecessary_wraps, reason = "another target may have no clock")]
    pub(crate) fn start(duration: Duration) -> Result<Self> {
        let state = Rc::new(TimerState::default());
        let timer = Timer::after(duration, state.callback(|_| true));
        let listener = Listener::new(state.callback(|event| {
            let is_change = property::get(event.unchecked_ref::<Object>(), "type") == "visibilitychange";
            !(is_change && hidden::is_hidden())
        }));
        Ok(Self(Local::new((timer, listener, state))))
    }
}

impl TimerState {
    /// A callback that rings if `is_due` says so of the event.
    fn callback(self: &Rc<Self>, is_due: fn(&JsValue) -> bool) -> Callback {
        let state = Rc::clone(self);
        callback::new(move |event| {
            if is_due(&event) {
                state.has_fired.set(true);
                state.waker.wake();
            }
        })
    }
}

/// Listens for a page or a network that comes back, until it is dropped. Node has no such events, and no way to listen.
struct Listener {
    callback: Callback,
}

impl Listener {
    fn new(callback: Callback) -> Self {
        let target = js_sys::global().unchecked_into::<EventTarget>();
        for event in RETURNS {
            let _ = target.add_event_listener(event, &callback);
        }
        Self { callback }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let target = js_sys::global().unchecked_into::<EventTarget>();
        for event in RETURNS {
            let _ = target.remove_event_listener(event, &self.callback);
        }
    }
}

/// The network is there again; the page has come out of the back/forward cache; it is seen again, or not any more.
const RETURNS: [&str; 3] = ["online", "pageshow", "visibilitychange"];

impl Future for Delay {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let (_, _, state) = self.0.get()?;
        if state.has_fired.get() {
            return Poll::Ready(Ok(()));
        }
        state.waker.register(cx.waker());
        Poll::Pending
    }
}

/// A random number from 0 to 1.
pub(crate) fn fraction() -> f64 {
    js_sys::Math::random()
}

#[wasm_bindgen]
extern "C" {
    /// A window or the global object of a worker; `visibilitychange` bubbles to it.
    type EventTarget;

    #[wasm_bindgen(catch, method, js_name = addEventListener)]
    fn add_event_listener(this: &EventTarget, event: &str, callback: &Callback) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, method, js_name = removeEventListener)]
    fn remove_event_listener(this: &EventTarget, event: &str, callback: &Callback) -> Result<(), JsValue>;
}
