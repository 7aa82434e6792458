//! Where the reader, the writer and the driver of a connection meet.

mod ending;
mod pings;
mod reading;
mod sending;
mod statistics;

use std::{
    io,
    sync::{Arc, PoisonError, atomic::Ordering},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;

use self::statistics::Statistics;
pub(super) use self::{sending::WriteTiming, statistics::Outgoing};
use super::{
    batch::Batch,
    dial::{Endpoints, Transport},
    inbound::Inbound,
    outbound::{Outbound, mask_keys},
    settings::Settings,
    signals::Signals,
    sync::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, AtomicWaker, Mutex, MutexGuard},
    trace::Trace,
    upgrade::Upgraded,
    wire::Wire,
};
use crate::{
    close::Closed,
    error::{Error, ErrorKind, Result},
    information::{Backend, Information},
    protocol::{CloseFrame, Ending, Lifecycle, Violation, Wakes},
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
    /// How many bytes have been written: more of them are a sign of life of the peer. Whoever writes adds to it and then looks
    /// whether the driver sleeps, which falls asleep and then looks here. Both are `SeqCst`: at least one of them sees the
    /// other, so that no wake-up is lost.
    progress: AtomicU64,
    /// Nothing is delivered any more: a close was started here.
    recv_closed: AtomicBool,
    /// Nobody receives any more: the driver reads instead.
    is_unread: AtomicBool,
    halves: AtomicU8,
    received_messages: AtomicU64,
    received_bytes: AtomicU64,
    /// What the handshake told.
    information: Information,
    wakers: Wakers,
    pub(super) signals: Arc<Signals>,
    trace: Trace,
    statistics: Statistics,
}

/// Who may be waiting for something else than the transport, each for one thing.
#[derive(Debug, Default)]
struct Wakers {
    writer: AtomicWaker,
    /// The two halves, waiting for the end.
    closers: [AtomicWaker; 2],
    /// Observers, waiting for the end.
    observers: Mutex<Vec<Waker>>,
}

impl Connection {
    pub(super) fn new(
        transport: Transport,
        upgraded: Upgraded,
        settings: Settings,
        ends: Endpoints,
    ) -> Result<Arc<Self>> {
        let keys = if upgraded.is_server { None } else { Some(mask_keys()?) };
        let trace = ends.trace.or_new(upgraded.is_server);
        trace.connected(&upgraded);
        let decoder = upgraded.decoder(settings.limits);
        let decoder = if settings.gathers { decoder.gathering() } else { decoder };
        let signals = Arc::new(Signals::new());
        let (read_size, capacity) = (settings.read_size, settings.inbound_capacity);
        let inbound = Inbound::new(transport.reader, signals.clone(), upgraded.early, decoder, read_size, capacity);
        let inbound = if upgraded.is_server { inbound.on_server() } else { inbound };
        let information = Information {
            backend: Backend::Native,
            local_address: ends.local,
            remote_address: ends.remote,
            certificates: ends.certificates,
            url: ends.url,
            protocol: upgraded.protocol,
            actual_unsolicited_pong_interval: Some(settings.intervals.pong),
            extensions: upgraded.extensions,
            response_headers: upgraded.response_headers,
            http_version: upgraded.http_version,
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
            recv_closed: AtomicBool::new(false),
            is_unread: AtomicBool::new(false),
            halves: AtomicU8::new(2),
            received_messages: AtomicU64::new(0),
            received_bytes: AtomicU64::new(0),
            information,
            wakers: Wakers::default(),
            signals,
            trace,
            statistics: Statistics::new(upgraded.round_trip),
        }))
    }

    /// Reads the next messages or parts, or the end.
    pub(super) fn poll_batch(&self, cx: &mut Context<'_>, batch: &mut Batch) -> Poll<()> {
        let mut inbound = lock(&self.inbound);
        // Under the lock: whoever sets it wakes the driver, which then takes the lock after us and reads on.
        if self.recv_closed() {
            batch.push(Ok(None));
            return Poll::Ready(());
        }
        self.signals.register_reader(cx);
        let poll = inbound.poll_batch(self, cx, batch);
        let has_yielded = inbound.take_yield();
        let wakes = inbound.take_wakes();
        drop(inbound);
        self.wake(wakes);
        if has_yielded {
            // There is more to take apart.
            return Poll::Pending;
        }
        if poll.is_pending() {
            // Nothing more will come if the transport failed on the way out.
            batch.rest();
            let Some(error) = lock(&self.outbound).life.error().cloned() else { return Poll::Pending };
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
        if self.recv_closed.swap(true, Ordering::AcqRel) {
            return;
        }
        let is_open = outbound.life.is_open();
        let transition = outbound.life.close();
        let wakes = outbound.follow(transition, frame);
        outbound.driver_is_awake = true;
        drop(outbound);
        if is_open {
            // Before the driver can have come to the end.
            self.trace.closing(frame);
        }
        self.signals.wake_driver();
        self.wake(wakes);
    }

    pub(super) fn pong(&self, payload: Bytes) {
        self.change(|outbound| outbound.pong(payload));
    }

    /// The peer's Close arrived.
    pub(super) fn peer_closed(&self, frame: Option<CloseFrame>) -> Wakes {
        self.change(|outbound| {
            let transition = outbound.life.peer_closed(frame.clone());
            outbound.follow(transition, frame.as_ref())
        })
    }

    /// The peer broke a rule.
    pub(super) fn fail(&self, violation: Violation) {
        self.refuse(&CloseFrame { code: violation.close_code(), reason: violation.to_string() }, violation.into());
    }

    fn refuse(&self, frame: &CloseFrame, error: Error) {
        let wakes = self.change(|outbound| {
            let transition = outbound.life.fail(error);
            outbound.follow(transition, Some(frame))
        });
        self.wake(wakes);
    }

    /// The transport is lost.
    pub(super) fn lose(&self, error: Error) -> Wakes {
        self.change(|outbound| outbound.life.lose(error))
    }

    /// The peer is given up.
    pub(super) fn abandon(&self, error: Error) {
        let wakes = self.lose(error);
        self.wake(wakes);
    }

    /// Nothing can be written any more; what waits to be written is thrown away.
    pub(super) fn write_failed(&self, error: Error) {
        let mut wire = lock(&self.wire);
        let wakes = self.change(|outbound| {
            self.forget(outbound, &mut wire);
            outbound.life.write_failed(error)
        });
        drop(wire);
        self.wake(wakes);
        if !self.recv_closed() && !self.is_unread() {
            // Most often the end of the other direction has arrived, too.
            self.read_ahead();
        }
    }

    /// Throws away what can no longer leave: what has gathered, and what is in flight.
    fn forget(&self, outbound: &mut Outbound, wire: &mut Wire) {
        outbound.forget();
        wire.give_up();
        self.in_flight.store(0, Ordering::Release);
    }

    /// The closing handshake took too long.
    pub(super) fn give_up(&self) {
        let wakes = self.change(|outbound| outbound.life.give_up());
        self.wake(wakes);
    }

    /// Changes the state or queues a frame, and wakes the driver. Whoever else waits for the change is woken by
    /// [`wake`](Self::wake), when no lock is held.
    fn change<T>(&self, change: impl FnOnce(&mut Outbound) -> T) -> T {
        let mut outbound = lock(&self.outbound);
        outbound.driver_is_awake = true;
        let outcome = change(&mut outbound);
        drop(outbound);
        self.signals.wake_driver();
        outcome
    }

    /// Wakes whom a transition names.
    fn wake(&self, wakes: Wakes) {
        if wakes.reader {
            self.signals.wake_reader();
        }
        if wakes.writer {
            self.wakers.writer.wake();
        }
        if wakes.closers {
            self.trace.ended(|| self.life(|life| Some((life.closed()?.clone(), life.error().cloned()))));
            self.wakers.closers.iter().for_each(AtomicWaker::wake);
            let observers = std::mem::take(&mut *lock(&self.wakers.observers));
            observers.into_iter().for_each(Waker::wake);
        }
        if wakes.pingers {
            self.wake_pingers();
        }
    }

    /// One half is dropped; the last one says farewell.
    pub(super) fn drop_half(&self) {
        if self.halves.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.start_close(None);
        } else {
            self.signals.wake_driver();
        }
    }

    /// Nobody receives any more.
    pub(super) fn discard(&self) {
        self.is_unread.store(true, Ordering::Release);
        self.signals.wake_driver();
    }

    pub(super) fn recv_closed(&self) -> bool {
        self.recv_closed.load(Ordering::Acquire)
    }

    pub(super) fn is_unread(&self) -> bool {
        self.is_unread.load(Ordering::Acquire)
    }

    pub(super) fn progress(&self) -> u64 {
        self.progress.load(Ordering::SeqCst)
    }

    /// Asks where the connection stands.
    pub(super) fn life<T>(&self, ask: impl FnOnce(&Lifecycle) -> T) -> T {
        ask(&lock(&self.outbound).life)
    }

    pub(super) fn is_open(&self) -> bool {
        self.life(Lifecycle::is_open)
    }

    /// How the connection ended, if it has.
    pub(super) fn closed(&self) -> Option<Closed> {
        self.life(|life| life.closed().cloned())
    }

    /// What is left to do, if the connection has ended.
    pub(super) fn ending(&self) -> Option<Ending> {
        self.life(Lifecycle::ending)
    }

    /// Waits for the end; `half` tells the two that may wait apart. An error if a Close was started here and did not leave.
    pub(super) fn poll_closed(&self, cx: &mut Context<'_>, half: usize) -> Poll<Result<Closed>> {
        if let Some(outcome) = self.life(Lifecycle::outcome_of_close) {
            return Poll::Ready(outcome);
        }
        self.wakers.closers[half].register(cx.waker());
        self.life(Lifecycle::outcome_of_close).map_or(Poll::Pending, Poll::Ready)
    }

    pub(super) fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        lock(&self.wire).poll_shutdown(cx)
    }

    /// Ends TCP, and throws away what did not leave. What has been read and the program has not received stays with its reader.
    pub(super) fn release(&self) {
        let mut wire = lock(&self.wire);
        wire.release();
        self.forget(&mut lock(&self.outbound), &mut wire);
        drop(wire);
        lock(&self.inbound).release();
        // A reader that waits for the transport would wait for ever.
        self.signals.wake_reader();
    }
}

/// The transport failed.
pub(super) fn lost(error: io::Error) -> Error {
    Error::with_source(ErrorKind::ConnectionAborted, "the connection was lost", error)
}

/// A panic while a lock was held left nothing half-changed that the next holder could not live with.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
