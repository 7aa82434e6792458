//! Back-pressure: `bufferedAmount` says how much is unsent, but with a plain `WebSocket` no event says when it falls.

use std::{
    cell::Cell,
    rc::Rc,
    task::{Context, Poll},
};

use super::{
    socket::{Socket, WakerKind},
    timer::{self, Timer},
};
use crate::error::{Error, ErrorCode, Result};

/// What the sender knows about unsent bytes.
#[derive(Default)]
pub(super) struct Outbound {
    /// While fewer bytes have been sent, from the first message on, nothing has to be asked: the connection is live, and the
    /// browser has not too many unsent.
    bound: Cell<u64>,
    /// Boxed, as it is seldom there.
    wait: Cell<Option<Box<Wait>>>,
    /// Whether it is time to look.
    is_due: Cell<bool>,
}

/// A look at the unsent bytes from time to time, while somebody waits for it to fall. Times are in seconds.
struct Wait {
    /// How many bytes had left when the last of them was seen to leave; less than none before the first look.
    left: f64,
    since: f64,
    /// Whether nothing had left for too long at the last look. It takes two looks to fail: after the thread was blocked
    /// or the machine asleep, the browser has had no time to tell before the first.
    is_late: bool,
    delay: f64,
    timer: Option<Timer>,
}

impl Outbound {
    /// Waits until another message may be handed over.
    #[inline]
    pub(super) fn poll_room(&self, socket: &Rc<Socket>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if socket.sent_bytes() < self.bound.get() { Poll::Ready(Ok(())) } else { self.ask_for_room(socket, cx) }
    }

    #[inline(never)]
    fn ask_for_room(&self, socket: &Rc<Socket>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        socket.check_live()?;
        let limit = socket.control().outbound_buffer_size;
        self.poll_fall(limit, socket, cx)
            .map_ok(|unsent| self.bound.set(socket.sent_bytes() + (limit - unsent) as u64 + 1))
    }

    /// Waits until at most `limit` bytes are unsent on a connection that has not ended, and says how many are. If none leaves
    /// for `send_timeout`, the connection has failed.
    pub(super) fn poll_fall(&self, limit: usize, socket: &Rc<Socket>, cx: &mut Context<'_>) -> Poll<Result<usize>> {
        let unsent = socket.buffered_amount();
        if unsent > limit {
            return self.poll_wait(unsent, socket, cx);
        }
        self.wait.take();
        Poll::Ready(Ok(unsent))
    }

    /// Looks again later.
    #[cold]
    fn poll_wait(&self, unsent: usize, socket: &Rc<Socket>, cx: &mut Context<'_>) -> Poll<Result<usize>> {
        let mut wait = self.wait.take().unwrap_or_else(|| {
            self.is_due.set(true);
            Box::new(Wait { left: -1.0, since: 0.0, is_late: false, delay: 0.0, timer: None })
        });
        if self.is_due.replace(false) {
            let timeout = socket.control().send_timeout;
            let left = socket.sent_bytes().saturating_sub(unsent as u64) as f64;
            if wait.is_stalled(left, timer::seconds(timeout)) {
                let error = Error::from(ErrorCode::SendTimeout(timeout));
                socket.fail(error.clone(), None);
                return Poll::Ready(Err(error));
            }
            wait.delay = next_delay(wait.delay, socket);
            let look = socket.callback(|socket, _| {
                socket.outbound.is_due.set(true);
                socket.wakers.of(WakerKind::Sender).wake();
            });
            wait.timer = Some(Timer::start_short(wait.delay, look));
        }
        self.wait.set(Some(wait));
        socket.wakers.of(WakerKind::Sender).register(cx.waker());
        Poll::Pending
    }

    /// No message may be handed over any more.
    pub(super) fn shut(&self) {
        self.bound.set(0);
    }

    /// The connection has ended: nobody waits any more.
    pub(super) fn stop(&self) {
        self.shut();
        self.wait.take();
    }
}

impl Wait {
    /// Whether it is certain that no byte has left for so long.
    fn is_stalled(&mut self, left: f64, timeout: f64) -> bool {
        let now = timer::now();
        if left > self.left {
            (self.left, self.since, self.is_late) = (left, now, false);
            return false;
        }
        let was_late = self.is_late;
        self.is_late = now - self.since >= timeout;
        was_late && self.is_late
    }
}

/// Soon at first, then less often; where the browser tells when bytes leave, only to see that none do.
fn next_delay(before: f64, socket: &Rc<Socket>) -> f64 {
    if socket.tells_what_was_sent() {
        return MIN_DELAY.max(timer::seconds(socket.control().send_timeout) / 4.0);
    }
    (before * 2.0).clamp(MIN_DELAY, MAX_DELAY)
}

const MIN_DELAY: f64 = 0.001;
const MAX_DELAY: f64 = 0.016;
