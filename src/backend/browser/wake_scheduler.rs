//! When to wake the task that receives: a wake costs more than a small message does.
//!
//! Where messages are few, the first one wakes. Where many come at once, one wake serves all of them: the first one asks for
//! a turn of its own (see [`turn`](super::turn)), which comes when the browser has delivered what it has. Nothing tells
//! beforehand which of the two it is, since a browser delivers each message by itself, so it is tried: now and then a
//! message waits for a turn, and what has arrived by then decides.

/// What happens about a message that has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wake {
    /// Wake the task.
    Now,
    /// Ask for a turn and wake then.
    Later,
    /// It will be woken, or does not wait.
    Not,
}

/// What the traffic has been like.
#[derive(Clone, Copy, Debug)]
pub(super) struct WakeScheduler {
    /// How many messages still wake at once before the next trial; none of them while messages come in bursts.
    prompt: u32,
    /// How many will after a trial that fails.
    interval: u32,
    /// A turn has been asked for and has not come.
    is_asked: bool,
    /// How many messages arrived since then.
    burst: u32,
    /// How many bytes have waited since then or since the last wake.
    bytes: usize,
}

impl WakeScheduler {
    pub(super) const fn new() -> Self {
        Self { prompt: MIN_INTERVAL, interval: MIN_INTERVAL, is_asked: false, burst: 0, bytes: 0 }
    }

    /// A message has arrived; `waits` says whether a task waits for it.
    pub(super) fn on_arrival(&mut self, size: usize, waits: bool) -> Wake {
        if self.is_asked {
            self.burst += 1;
            self.bytes = self.bytes.saturating_add(size);
            if !waits || self.bytes <= MAX_BYTES {
                return Wake::Not;
            }
            self.bytes = 0;
            return Wake::Now;
        }
        if !waits {
            return Wake::Not;
        }
        // Next to the copy of a large message, a wake costs nothing.
        if size > MAX_BYTES {
            return Wake::Now;
        }
        if self.prompt > 0 {
            self.prompt -= 1;
            return Wake::Now;
        }
        (self.is_asked, self.burst, self.bytes) = (true, 1, size);
        Wake::Later
    }

    /// The turn has come: the task is woken now.
    pub(super) fn on_turn(&mut self) {
        self.is_asked = false;
        if self.burst >= MIN_BURST {
            self.interval = MIN_INTERVAL;
        } else {
            self.prompt = self.interval;
            self.interval = MAX_INTERVAL.min(self.interval * 2);
        }
    }

    /// There are no turns here.
    pub(super) fn give_up(&mut self) {
        (self.is_asked, self.prompt, self.interval) = (false, u32::MAX, u32::MAX);
    }
}

/// A burst that is worth a turn: a turn costs about as much as so many wakes.
const MIN_BURST: u32 = 6;
/// How many messages wake at once between two trials: at first, and where no trial succeeds.
const MIN_INTERVAL: u32 = 32;
const MAX_INTERVAL: u32 = 4096;
/// How much may wait for a turn.
const MAX_BYTES: usize = 16 << 10;
