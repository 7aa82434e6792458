//! Where the reader, the writer and the driver of a connection meet.

mod ending;
mod sending;
mod vitals;

use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker, ready},
};

use bytes::Bytes;
use futures::task::AtomicWaker;

pub(super) use self::sending::When;
use self::vitals::Vitals;
use super::{
    batch::Batch,
    dial::{Ends, Transport},
    inbound::Inbound,
    liveness::Pulse,
    outbound::{Ending, Outbound, State, mask_keys},
    settings::Settings,
    upgrade::Upgraded,
    wire::Wire,
};
use crate::{
    close::Closed,
    error::{Error, Result},
    information::{Backend, Information},
    protocol::{CloseFrame, Violation},
};

/// One connection. Nothing here waits; whoever is woken is woken with no lock held, but the driver, which is our own task.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) settings: Settings,
    /// Whether this is the side that ends TCP.
    pub(super) is_server: bool,
    inbound: Mutex<Inbound>,
    wire: Mutex<Wire>,
    outbound: Mutex<Outbound>,
    /// What [`Wire::unwritten`] gives, and one more while TLS holds bytes back.
    in_flight: AtomicUsize,
    /// Grows with every write that moved bytes: a sign of life of the peer. Whoever writes adds to it and then looks whether the
    /// driver sleeps, which falls asleep and then looks here: one of them sees the other, so the order is the same for all.
    progress: AtomicU64,
    /// Nothing is delivered any more: a close was started here.
    is_deaf: AtomicBool,
    was_closed_here: AtomicBool,
    /// Nobody receives any more: the driver reads instead.
    is_unread: AtomicBool,
    halves: AtomicU8,
    received_messages: AtomicU64,
    received_bytes: AtomicU64,
    /// What the handshake told.
    information: Information,
    pub(super) wakers: Wakers,
    pub(super) pulse: Pulse,
    vitals: Vitals,
}

/// Who may be waiting, each for one thing.
#[derive(Debug, Default)]
pub(super) struct Wakers {
    pub(super) reader: AtomicWaker,
    pub(super) writer: AtomicWaker,
    /// The two halves, waiting for the end.
    pub(super) closers: [AtomicWaker; 2],
    /// Observers, waiting for the end.
    observers: Mutex<Vec<Waker>>,
}

impl Connection {
    pub(super) fn new(transport: Transport, upgraded: Upgraded, settings: Settings, ends: Ends) -> Result<Arc<Self>> {
        let keys = if upgraded.is_server { None } else { Some(mask_keys()?) };
        let decoder = upgraded.decoder(settings.limits);
        let decoder = if settings.gathers { decoder.gathering() } else { decoder };
        let inbound = Inbound::new(transport.reader, upgraded.early, decoder, settings.read_size);
        let information = Information {
            backend: Backend::Native,
            local_address: ends.local,
            remote_address: ends.remote,
            certificates: ends.certificates,
            protocol: upgraded.protocol,
            actual_unsolicited_pong_interval: Some(settings.intervals.pong),
            extensions: upgraded.extensions,
            response_headers: upgraded.response_headers,
            ..Information::default()
        };
        Ok(Arc::new(Self {
            settings,
            is_server: upgraded.is_server,
            inbound: Mutex::new(inbound),
            wire: Mutex::new(Wire::new(transport.writer)),
            outbound: Mutex::new(Outbound::new(keys)),
            in_flight: AtomicUsize::new(0),
            progress: AtomicU64::new(0),
            is_deaf: AtomicBool::new(false),
            was_closed_here: AtomicBool::new(false),
            is_unread: AtomicBool::new(false),
            halves: AtomicU8::new(2),
            received_messages: AtomicU64::new(0),
            received_bytes: AtomicU64::new(0),
            information,
            wakers: Wakers::default(),
            pulse: Pulse::new(),
            vitals: Vitals::new(upgraded.round_trip),
        }))
    }

    /// Reads the next messages or parts, or the end.
    pub(super) fn poll_batch(&self, cx: &mut Context<'_>, batch: &mut Batch) -> Poll<()> {
        let mut inbound = lock(&self.inbound);
        // Under the lock: whoever sets it wakes the driver, which then takes the lock after us and reads on.
        if self.is_deaf() {
            batch.push(Ok(None));
            return Poll::Ready(());
        }
        self.wakers.reader.register(cx.waker());
        let poll = inbound.poll_batch(self, cx, batch);
        let has_ended = inbound.has_ended;
        drop(inbound);
        if has_ended {
            self.wake_all();
        }
        if poll.is_pending() {
            // Nothing more will come if the transport failed on the way out.
            batch.rest();
            let Some(error) = lock(&self.outbound).error.clone() else { return Poll::Pending };
            batch.push(Err(error));
        }
        Poll::Ready(())
    }

    pub(super) fn count_received(&self, messages: u64, bytes: usize) {
        // Only the reader counts, so it need not be one step: a locked instruction for each message would show.
        let add = |total: &AtomicU64, more| total.store(total.load(Ordering::Relaxed) + more, Ordering::Relaxed);
        add(&self.received_messages, messages);
        add(&self.received_bytes, bytes as u64);
    }

    /// Starts the closing handshake behind what is queued, once.
    pub(super) fn start_close(&self, frame: Option<&CloseFrame>) {
        let mut outbound = lock(&self.outbound);
        if self.is_deaf.swap(true, Ordering::AcqRel) {
            return;
        }
        if outbound.close(frame) {
            self.was_closed_here.store(true, Ordering::Release);
        }
        outbound.wake_driver();
        drop(outbound);
        self.wakers.reader.wake();
        self.wakers.writer.wake();
    }

    pub(super) fn pong(&self, payload: Bytes) {
        let mut outbound = lock(&self.outbound);
        outbound.pong(payload);
        outbound.wake_driver();
    }

    /// The peer's Close arrived. Whoever reports an end calls [`wake_all`](Self::wake_all) when it holds no lock.
    pub(super) fn peer_closed(&self, frame: Option<CloseFrame>) {
        self.end(|outbound| outbound.peer_closed(frame));
    }

    /// The peer broke a rule.
    pub(super) fn fail(&self, violation: Violation) {
        let frame = CloseFrame { code: violation.close_code(), reason: violation.to_string() };
        self.end(|outbound| outbound.fail(&frame, violation.into()));
    }

    /// The transport is lost; gives the error that counts, which is the first.
    pub(super) fn lose(&self, error: Error) -> Error {
        self.end(|outbound| outbound.lose(error))
    }

    /// The closing handshake took too long, or the runtime went away.
    pub(super) fn give_up(&self) {
        self.end(|outbound| outbound.give_up(self.buffered(outbound)));
    }

    fn end<T>(&self, change: impl FnOnce(&mut Outbound) -> T) -> T {
        let mut outbound = lock(&self.outbound);
        let outcome = change(&mut outbound);
        outbound.wake_driver();
        outcome
    }

    pub(super) fn wake_all(&self) {
        self.wakers.reader.wake();
        self.wakers.writer.wake();
        self.wakers.closers.iter().for_each(AtomicWaker::wake);
        let observers = std::mem::take(&mut *lock(&self.wakers.observers));
        observers.into_iter().for_each(Waker::wake);
    }

    /// One half is dropped; the last one says farewell.
    pub(super) fn drop_half(&self) {
        if self.halves.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.start_close(None);
        } else {
            lock(&self.outbound).wake_driver();
        }
    }

    /// Nobody receives any more.
    pub(super) fn discard(&self) {
        self.is_unread.store(true, Ordering::Release);
        lock(&self.outbound).wake_driver();
    }

    pub(super) fn is_deaf(&self) -> bool {
        self.is_deaf.load(Ordering::Acquire)
    }

    pub(super) fn was_closed_here(&self) -> bool {
        self.was_closed_here.load(Ordering::Acquire)
    }

    pub(super) fn is_unread(&self) -> bool {
        self.is_unread.load(Ordering::Acquire)
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(lock(&self.outbound).state, State::Open)
    }

    pub(super) fn progress(&self) -> u64 {
        self.progress.load(Ordering::SeqCst)
    }

    /// How the connection ended and what is left to do, if it has ended.
    pub(super) fn ended(&self) -> Option<(Closed, Ending)> {
        match &lock(&self.outbound).state {
            State::Ended { closed, how } => Some((closed.clone(), *how)),
            State::Open | State::Closing => None,
        }
    }

    /// Waits for the end; `half` tells the two that may wait apart.
    pub(super) fn poll_closed(&self, cx: &mut Context<'_>, half: usize) -> Poll<Closed> {
        if let Some((closed, _)) = self.ended() {
            return Poll::Ready(closed);
        }
        self.wakers.closers[half].register(cx.waker());
        self.ended().map_or(Poll::Pending, |(closed, _)| Poll::Ready(closed))
    }

    /// Reads for its own sake, with nobody to deliver to: ready at the end.
    pub(super) fn poll_discard(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut inbound = lock(&self.inbound);
        let mut batch = Batch::default();
        inbound.lift_limits();
        let had_ended = inbound.has_ended;
        while !inbound.has_ended {
            ready!(inbound.poll_batch(self, cx, &mut batch));
            batch.clear();
        }
        drop(inbound);
        if !had_ended {
            self.wake_all();
        }
        Poll::Ready(())
    }

    pub(super) fn poll_drain(&self, cx: &mut Context<'_>) -> Poll<()> {
        lock(&self.inbound).poll_drain(cx)
    }

    pub(super) fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        lock(&self.wire).poll_shutdown(cx)
    }

    /// Ends TCP. What the program has not received stays with its reader.
    pub(super) fn release(&self, is_lost: bool) {
        lock(&self.wire).release();
        if !is_lost {
            lock(&self.inbound).release();
        }
    }
}

/// A panic while a lock was held left nothing half-changed that the next holder could not live with.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
