//! What the driver reads in the place of the program.

use std::task::{Context, Poll};

use futures::FutureExt as _;
use tokio::task::unconstrained;

use super::{Connection, lock};
use crate::backend::native::{batch::Batch, inbound::Ahead};

impl Connection {
    /// Reads for its own sake, with nobody to deliver to: ready at the end.
    pub(in crate::backend::native) fn poll_discard(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.signals.let_driver_read();
        let mut inbound = lock(&self.inbound);
        let mut batch = Batch::default();
        inbound.lift_limits();
        inbound.take_yield();
        let poll = loop {
            if inbound.has_ended {
                break Poll::Ready(());
            }
            if inbound.poll_batch(self, cx, &mut batch).is_pending() {
                break Poll::Pending;
            }
            batch.clear();
        };
        if inbound.take_yield() {
            self.signals.driver_yielded();
        }
        let wakes = inbound.take_wakes();
        drop(inbound);
        self.wake(wakes);
        if let Some(violation) = batch.take_violation() {
            self.fail(violation);
        }
        poll
    }

    /// Reads what the program does not receive, as far as there is room for it, and sees to the control frames. It wakes the
    /// reader for what it has found.
    pub(in crate::backend::native) fn read_ahead(&self) -> Ahead {
        let mut inbound = lock(&self.inbound);
        // A budget that others have used up would look like silence.
        let ahead = unconstrained(async { inbound.read_ahead(self) }).now_or_never();
        let wakes = inbound.take_wakes();
        drop(inbound);
        self.wake(wakes);
        self.signals.wake_reader();
        // It does not wait.
        ahead.unwrap_or(Ahead::More)
    }

    /// Reads ahead for a program that has not read since `reads`; gives how many reads it has made.
    pub(in crate::backend::native) fn attend(&self, reads: u64) -> u64 {
        let (now, is_idle) = {
            let inbound = lock(&self.inbound);
            (inbound.reads(), inbound.can_hear())
        };
        if is_idle && now == reads && !self.signals.is_armed() {
            self.read_ahead();
        }
        now
    }

    /// How many bytes have been read.
    pub(in crate::backend::native) fn received(&self) -> u64 {
        lock(&self.inbound).received()
    }

    /// Whether more of the peer could be heard: not while the program leaves unread as much as may be.
    pub(in crate::backend::native) fn can_hear(&self) -> bool {
        lock(&self.inbound).can_hear()
    }

    /// Reads and drops whatever comes until the peer ends TCP.
    pub(in crate::backend::native) fn poll_drain(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.signals.let_driver_read();
        lock(&self.inbound).poll_drain(cx)
    }
}
