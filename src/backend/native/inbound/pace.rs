//! How much is read at once, and which memory is kept for it.

use std::mem;

use bytes::BytesMut;

use super::{Inbound, fill::SMALL_READ};

impl Inbound {
    /// What a client sends loses its masks before it gets here: a read has taken up to twice what it gives, where messages have two
    /// bytes or more.
    pub(in crate::backend::native) fn on_server(self) -> Self {
        Self { weight: 2, ..self }
    }

    /// Doubles the pace when a read has given as much: then there may be more.
    pub(super) fn speed_up(&mut self, amount: usize) {
        let amount = amount * self.weight;
        self.burst = self.burst.saturating_add(amount);
        if amount >= self.pace {
            self.pace = (self.pace * 2).min(self.most);
        }
    }

    /// There is nothing to read: halves the pace if it was far too much for all that came since it last was so. The last read
    /// alone would not tell: it may have been the rest of what a longer one would have taken at once.
    fn slow_down(&mut self) {
        if (1..self.pace / 4).contains(&mem::take(&mut self.burst)) {
            self.pace = (self.pace / 2).max(SMALL_READ);
        }
    }

    /// There is nothing to read. A small buffer costs little to make again; a larger one is kept while there is traffic, as
    /// many allocators give it back to the system, which clears each of its pages when it is needed again. It is of no use
    /// while messages hold a part of it: the next read may need all of it.
    pub(super) fn rest(&mut self) {
        self.slow_down();
        let is_of_use = !self.buffer.is_empty() || self.pace > SMALL_READ && self.buffer.try_reclaim(self.pace);
        if !is_of_use {
            self.forget();
        }
    }

    /// Traffic has ended, or this is a moment without it: gives back what nothing is in.
    pub(in crate::backend::native) fn trim(&mut self) {
        self.decoder.trim();
        self.forget();
    }

    fn forget(&mut self) {
        if self.buffer.is_empty() {
            self.buffer = BytesMut::new();
            self.is_roomy = false;
        }
    }

    /// Leaves the room that a long message had, lest a short one that the program keeps holds all of it.
    pub(super) fn shrink(&mut self) {
        self.buffer = BytesMut::from(&self.buffer[..]);
        self.is_roomy = false;
    }
}
