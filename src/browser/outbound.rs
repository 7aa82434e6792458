//! Back-pressure: `bufferedAmount` says how much is unsent, but with a plain `WebSocket` no event says when it falls.

use std::{
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use super::{
    socket::Socket,
    timer::{self, Timer},
};
use crate::error::{Error, ErrorKind, Result};

/// What the sender knows about unsent bytes.
#[derive(Default)]
pub(super) struct Outbound {
    /// All bytes that were handed to the browser.
    total: u64,
    /// At least as much as is unsent; the browser is asked only when it is too much.
    unsent: usize,
    /// Boxed, as it is seldom there, and timers are not `Unpin`.
    wait: Option<Box<Wait>>,
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
    pub(super) fn add(&mut self, bytes: usize) {
        self.total += bytes as u64;
        self.unsent = self.unsent.saturating_add(bytes);
    }

    /// How many bytes are unsent.
    pub(super) fn amount(&self, socket: &Socket) -> usize {
        if self.unsent == 0 || socket.ended().is_some() { 0 } else { socket.buffered_amount() }
    }

    /// Waits until at most `limit` bytes are unsent, or the connection has ended, well or not. If none leaves for
    /// `send_timeout`, the connection has failed.
    pub(super) fn poll_fall(&mut self, limit: usize, socket: &Rc<Socket>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if let Some(result) = socket.ended() {
            self.wait = None;
            return Poll::Ready(result);
        }
        if self.unsent > limit {
            self.unsent = socket.buffered_amount();
        }
        if self.unsent <= limit {
            self.wait = None;
            return Poll::Ready(Ok(()));
        }
        let left = self.total.saturating_sub(self.unsent as u64);
        let timeout = socket.control().send_timeout;
        let wait = self.wait.get_or_insert_with(|| Box::new(Wait::new(left, socket)));
        if wait.timer.has_fired() && wait.is_stalled(left, timeout) {
            let error = Error::new(ErrorKind::Timeout, format!("nothing could be sent for {timeout:?}"));
            socket.fail(error.clone(), None);
            return Poll::Ready(Err(error));
        }
        wait.go_on(socket);
        socket.wakers.send.register(cx.waker());
        Poll::Pending
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
    (before * 2).clamp(MIN_DELAY, MAX_DELAY)
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
