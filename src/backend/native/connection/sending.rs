//! What a connection does with messages on their way out.

use std::{
    io,
    sync::atomic::Ordering,
    task::{Context, Poll, ready},
};

use super::{Connection, lock, lost};
use crate::{
    backend::native::{outbound::Outbound, sync::MutexGuard, wire::Wire},
    error::{Error, ErrorKind, Result},
    message::{Message, Payload},
    protocol::{Lifecycle, deflate::Deflated},
};

/// When a message should leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::backend::native) enum WriteTiming {
    /// Before the call returns, if nothing is in the way.
    Now,
    /// Together with what follows.
    Later,
}

/// What came of writing for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stint {
    /// Nothing is left.
    Done,
    /// The transport may take more, but it is the turn of other tasks; see [`MAX_WORK`].
    Over,
}

impl Connection {
    /// Queues a message. If that is to be now, the first of a burst is also written at once, as far as that goes without
    /// waiting.
    #[inline]
    pub(in crate::backend::native) fn send(
        &self,
        payload: &Payload<'_>,
        deflated: Option<Deflated<'_>>,
        when: WriteTiming,
    ) -> Result<()> {
        self.queue(when, |outbound| outbound.message(payload, deflated.as_ref()))
    }

    /// The same for a part of a message.
    pub(in crate::backend::native) fn send_part(
        &self,
        part: &Payload<'_>,
        is_first: bool,
        is_last: bool,
    ) -> Result<()> {
        self.queue(WriteTiming::Now, |outbound| outbound.part(part, is_first, is_last))
    }

    /// Sends a message, uncompressed, from beside the program; see [`Observer::ask`](crate::backend::Observer::ask).
    pub(in crate::backend::native) fn ask(&self, message: &Message) -> Result<bool> {
        if self.buffered_amount() > self.settings.outbound_buffer_size {
            return self.life(Lifecycle::check_open).map(|()| true);
        }
        let mut is_asked = false;
        self.queue(WriteTiming::Now, |outbound| {
            is_asked = outbound.between_messages(&message.into())?;
            Ok(())
        })?;
        Ok(is_asked)
    }

    #[inline]
    fn queue(&self, when: WriteTiming, frame: impl FnOnce(&mut Outbound) -> Result<()>) -> Result<()> {
        let mut outbound = lock(&self.outbound);
        frame(&mut outbound)?;
        if !outbound.driver_is_awake {
            // Until this one is written or the driver has run, what is sent only gathers.
            outbound.driver_is_awake = true;
            self.begin_burst(outbound, when);
        }
        Ok(())
    }

    /// Writes what may be a message by itself; the driver is woken for what follows soon, and for all that takes longer.
    fn begin_burst<'a>(&'a self, mut outbound: MutexGuard<'a, Outbound>, when: WriteTiming) {
        if when == WriteTiming::Now && outbound.is_lull() {
            drop(outbound);
            let is_written = self.write_now();
            outbound = lock(&self.outbound);
            if is_written && outbound.queued() == 0 && !self.signals.activity().is_asleep() {
                outbound.written_alone();
                return;
            }
        }
        drop(outbound);
        self.signals.wake_driver();
    }

    /// Writes as much as can be written without waiting; whether that is all. What cannot, the driver writes.
    fn write_now(&self) -> bool {
        let Ok(mut wire) = self.wire.try_lock() else { return false };
        let poll = self.poll_write_wire(&mut wire, &mut 0);
        drop(wire);
        match poll {
            Poll::Ready(Ok(Stint::Done)) => {
                self.wakers.writer.wake();
                true
            }
            Poll::Ready(Ok(Stint::Over)) => {
                self.signals.wake_driver();
                false
            }
            Poll::Ready(Err(error)) => {
                self.write_failed(lost(error));
                false
            }
            Poll::Pending => false,
        }
    }

    /// Ready while no more than `outbound_buffer_size` bytes are unsent, or none if a message of `len` bytes is to follow that is
    /// longer; tells how many may follow until it is more.
    pub(in crate::backend::native) fn poll_room(&self, len: usize, cx: &mut Context<'_>) -> Poll<Result<usize>> {
        if let Some(room) = self.room(len)? {
            return Poll::Ready(Ok(room));
        }
        self.wakers.writer.register(cx.waker());
        self.room(len)?.map_or(Poll::Pending, |room| Poll::Ready(Ok(room)))
    }

    fn room(&self, len: usize) -> Result<Option<usize>> {
        let outbound = lock(&self.outbound);
        outbound.life.check_open()?;
        let buffered = self.buffered(&outbound);
        let limit = self.settings.outbound_buffer_size;
        // A message that is longer than the buffer is wide has it for itself.
        let limit = if len > limit { 0 } else { limit };
        Ok(limit.checked_sub(buffered))
    }

    /// Ready once everything queued has been handed to the operating system.
    pub(in crate::backend::native) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if self.is_flushed()? {
            return Poll::Ready(Ok(()));
        }
        self.write_now();
        self.wakers.writer.register(cx.waker());
        if self.is_flushed()? { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    fn is_flushed(&self) -> Result<bool> {
        let outbound = lock(&self.outbound);
        outbound.life.check_flush()?;
        Ok(self.buffered(&outbound) == 0)
    }

    pub(in crate::backend::native) fn buffered_amount(&self) -> usize {
        self.buffered(&lock(&self.outbound))
    }

    pub(super) fn buffered(&self, outbound: &Outbound) -> usize {
        outbound.queued() + self.in_flight.load(Ordering::Acquire)
    }

    /// Writes until nothing is left or nothing can be written any more; for the driver, which may sleep when it is ready.
    pub(in crate::backend::native) fn poll_write(&self, cx: &mut Context<'_>) -> Poll<()> {
        if ready!(self.poll_stint()) == Stint::Done {
            return Poll::Ready(());
        }
        self.signals.yield_driver(cx);
        Poll::Pending
    }

    fn poll_stint(&self) -> Poll<Stint> {
        let mut work = 0;
        loop {
            let poll = self.poll_write_wire(&mut lock(&self.wire), &mut work);
            match ready!(poll) {
                Ok(Stint::Done) => {}
                Ok(Stint::Over) => return Poll::Ready(Stint::Over),
                Err(error) => {
                    self.write_failed(lost(error));
                    return Poll::Ready(Stint::Done);
                }
            }
            let mut outbound = lock(&self.outbound);
            // Also what another task has taken into flight meanwhile.
            if self.buffered(&outbound) == 0 {
                outbound.rest();
                outbound.life.flushed();
                drop(outbound);
                self.wakers.writer.wake();
                return Poll::Ready(Stint::Done);
            }
        }
    }

    /// Writes what the system can take, with a Close behind it, because the runtime ends. What has arrived is read: a system
    /// that is left with something unread resets the connection, and the peer would lose what was just sent.
    pub(in crate::backend::native) fn send_last(&self) {
        let is_open = {
            let mut outbound = lock(&self.outbound);
            outbound.farewell();
            outbound.life.is_open()
        };
        let mut poll = self.poll_stint();
        while poll == Poll::Ready(Stint::Over) {
            poll = self.poll_stint();
        }
        if poll.is_ready() {
            self.read_ahead();
            let _ = self.poll_shutdown(&mut Context::from_waker(self.signals.for_writes()));
        } else {
            self.read_ahead();
        }
        if is_open {
            self.abandon(Error::new(ErrorKind::NoRuntime, "the tokio runtime shut down"));
        }
    }

    /// Writes; `work` counts the bytes.
    fn poll_write_wire(&self, wire: &mut Wire, work: &mut usize) -> Poll<io::Result<Stint>> {
        let mut cx = Context::from_waker(self.signals.for_writes());
        loop {
            if wire.unwritten() == 0 && !self.refill(wire) {
                ready!(wire.poll_flush(&mut cx))?;
                self.in_flight.store(0, Ordering::Release);
                return Poll::Ready(Ok(Stint::Done));
            }
            if *work >= MAX_WORK {
                return Poll::Ready(Ok(Stint::Over));
            }
            let written = ready!(wire.poll_write(&mut cx))?;
            *work += written;
            self.progress.fetch_add(written as u64, Ordering::SeqCst);
            // One more stands for what TLS may hold back until the flush.
            self.in_flight.store(wire.unwritten() + 1, Ordering::Release);
        }
    }

    /// Takes what has gathered into flight; both lengths change under one lock, so that their sum is exact.
    fn refill(&self, wire: &mut Wire) -> bool {
        let mut outbound = lock(&self.outbound);
        let in_flight = wire.refill(&mut outbound);
        if in_flight > 0 {
            self.in_flight.store(in_flight, Ordering::Release);
        }
        in_flight > 0
    }
}

/// How much is written in a row before other tasks have their turn, and what is handed over at once more; a transport may take
/// whatever it is given. It takes a few milliseconds at most.
const MAX_WORK: usize = 4 * 1024 * 1024;
