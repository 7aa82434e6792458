//! Back-pressure: `bufferedAmount` says how much is unsent, but with a plain `WebSocket` no event says when it falls.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use super::{
    socket::Socket,
    timer::{self, Timer},
};
use crate::error::{Error, Fault, Result};

/// What the sender knows about unsent bytes.
#[derive(Default)]
pub(super) struct Outbound {
    /// At least as much as is unsent; the browser is asked only when it is too much.
    unsent: Cell<usize>,
    /// Boxed, as it is seldom there.
    wait: RefCell<Option<Box<Wait>>>,
}

/// A look at the unsent bytes from time to time, while somebody waits for it to fall.
struct Wait {
    /// How many bytes had left when the last of them was seen to leave.
    left: u64,
    since: Duration,
    /// Whether nothing had left for too long at the last look. It takes two looks to fail: after the thread was blocked
    /// or the machine asleep, the browser has had no time to tell before the first.
    is_late: bool,
    delay: Duration,
    timer: Timer,
}

impl Outbound {
    /// Adds to what is unsent.
    #[inline]
    pub(super) fn add(&self, bytes: usize) {
        self.unsent.set(self.unsent.get().saturating_add(bytes));
    }

    /// How many bytes are unsent.
    pub(super) fn amount(&self, socket: &Socket) -> usize {
        if self.unsent.get() == 0 || socket.ended().is_some() { 0 } else { socket.buffered_amount() }
    }

    /// Waits until at most `limit` bytes are unsent on a connection that has not ended. If none leaves for `send_timeout`,
    /// the connection has failed.
    #[inline]
    pub(super) fn poll_fall(&self, limit: usize, socket: &Rc<Socket>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if self.unsent.get() > limit {
            self.unsent.set(socket.buffered_amount());
            if self.unsent.get() > limit {
                return self.poll_wait(socket, cx);
            }
            self.wait.take();
        }
        Poll::Ready(Ok(()))
    }

    /// Looks again later.
    #[cold]
    fn poll_wait(&self, socket: &Rc<Socket>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let left = socket.sent_bytes().saturating_sub(self.unsent.get() as u64);
        let timeout = socket.control().send_timeout;
        let mut wait = self.wait.take().unwrap_or_else(|| Box::new(Wait::new(left, socket)));
        if wait.timer.has_fired() && wait.is_stalled(left, timeout) {
            let error = Error::from(Fault::SendTimeout(timeout));
            socket.fail(error.clone(), None);
            return Poll::Ready(Err(error));
        }
        wait.go_on(socket);
        self.wait.replace(Some(wait));
        socket.wakers.send.register(cx.waker());
        Poll::Pending
    }

    /// The connection has ended: nobody waits any more.
    pub(super) fn stop(&self) {
        self.wait.take();
    }
}

impl Wait {
    fn new(left: u64, socket: &Rc<Socket>) -> Self {
        let delay = next_delay(Duration::ZERO, socket);
        let timer = wake_after(delay, socket);
        Self { left, since: timer::now(), is_late: false, delay, timer }
    }

    /// Whether it is certain that no byte has left for so long.
    fn is_stalled(&mut self, left: u64, timeout: Duration) -> bool {
        let now = timer::now();
        if left > self.left {
            (self.left, self.since, self.is_late) = (left, now, false);
            return false;
        }
        let was_late = self.is_late;
        self.is_late = now.saturating_sub(self.since) >= timeout;
        was_late && self.is_late
    }

    /// Looks again later, at first soon, then less often.
    fn go_on(&mut self, socket: &Rc<Socket>) {
        if self.timer.has_fired() {
            self.delay = next_delay(self.delay, socket);
            self.timer = wake_after(self.delay, socket);
        }
    }
}

/// Soon at first, then less often; where the browser tells when bytes leave, only to see that none do.
fn next_delay(before: Duration, socket: &Rc<Socket>) -> Duration {
    if socket.tells_what_was_sent() {
        return MIN_DELAY.max(socket.control().send_timeout / 4);
    }
    before.saturating_add(before).clamp(MIN_DELAY, MAX_DELAY)
}

fn wake_after(delay: Duration, socket: &Rc<Socket>) -> Timer {
    let socket = Rc::downgrade(socket);
    Timer::start(delay, move || {
        if let Some(socket) = socket.upgrade() {
            socket.wakers.send.wake();
        }
    })
}

const MIN_DELAY: Duration = Duration::from_millis(1);
const MAX_DELAY: Duration = Duration::from_millis(16);
