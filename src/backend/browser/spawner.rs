//! Tasks beside the program, and what becomes of a connection whose task panics.
//!
//! A panic ends WebAssembly where it stands: nothing is unwound, no Rust code of the task runs again. But to the JavaScript
//! below it, it is an exception, so each poll goes by way of JavaScript, which catches it.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    mem,
    pin::Pin,
    rc::{Rc, Weak},
    task::{Context, Poll, Waker},
};

use js_sys::Function;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};

use super::socket::Socket;
use crate::{error::Result, event::panicked};

/// Spawns tasks as microtasks of this thread.
pub(crate) struct Spawner {
    /// What ends with a task that panics.
    socket: Weak<Socket>,
}

impl Spawner {
    pub(super) fn new(socket: Result<&Rc<Socket>>) -> Self {
        Self { socket: socket.map(Rc::downgrade).unwrap_or_default() }
    }

    pub(crate) fn spawn(self, task: impl Future<Output = ()> + 'static) {
        wasm_bindgen_futures::spawn_local(Caught::new(task, self.socket));
    }
}

/// A task that JavaScript polls.
struct Caught {
    poll: Option<Closure<dyn FnMut()>>,
    turn: Rc<PollState>,
    socket: Weak<Socket>,
}

/// What goes into a poll and comes out of it.
#[derive(Default)]
struct PollState {
    waker: RefCell<Option<Waker>>,
    is_ready: Cell<bool>,
}

impl Caught {
    fn new(task: impl Future<Output = ()> + 'static, socket: Weak<Socket>) -> Self {
        let turn = Rc::new(PollState::default());
        let mut task = Box::pin(task);
        let poll = Closure::new({
            let turn = Rc::clone(&turn);
            move || {
                let waker = turn.waker.take();
                let mut cx = Context::from_waker(waker.as_ref().unwrap_or(Waker::noop()));
                turn.is_ready.set(task.as_mut().poll(&mut cx).is_ready());
            }
        });
        Self { poll: Some(poll), turn, socket }
    }
}

impl Future for Caught {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(poll) = &self.poll else { return Poll::Ready(()) };
        self.turn.waker.replace(Some(cx.waker().clone()));
        let outcome = poll.as_ref().unchecked_ref::<Function>().call0(&JsValue::UNDEFINED);
        if outcome.is_err() {
            // The task stopped in the middle of a step: dropping it would run code over a state that is no state.
            mem::forget(self.poll.take());
            if let Some(socket) = self.socket.upgrade() {
                socket.break_off(panicked());
            }
            return Poll::Ready(());
        }
        if self.turn.is_ready.get() { Poll::Ready(()) } else { Poll::Pending }
    }
}
