//! Who is told when a transport becomes readable or writable.
//!
//! A transport remembers one waker for each direction, and reader, writer and driver take turns in using it. So it is always
//! given the same two wakers, which belong to the connection and know whom to wake: no party can replace the waker of
//! another.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Wake, Waker},
};

use futures::task::AtomicWaker;

use super::liveness::Pulse;

/// What wakes the tasks of a connection when its transport is ready.
#[derive(Debug)]
pub(super) struct Signals {
    readable: Arc<Readable>,
    for_reads: Waker,
    for_writes: Waker,
}

/// Wakes whoever reads.
#[derive(Debug)]
struct Readable {
    reader: AtomicWaker,
    driver: Arc<Driver>,
    pulse: Pulse,
    /// Whether the transport will wake this: a read was `Pending`, and it has not woken since.
    is_armed: AtomicBool,
    /// Whether the driver has been asked to look at the reading side.
    is_called: AtomicBool,
    /// Whether the driver reads, because nobody else does or will: it is woken by each arrival.
    driver_reads: AtomicBool,
}

/// Wakes the driver.
#[derive(Debug)]
struct Driver(AtomicWaker);

impl Signals {
    pub(super) fn new() -> Self {
        let driver = Arc::new(Driver(AtomicWaker::new()));
        let readable = Arc::new(Readable {
            reader: AtomicWaker::new(),
            driver: driver.clone(),
            pulse: Pulse::new(),
            is_armed: AtomicBool::new(false),
            is_called: AtomicBool::new(false),
            driver_reads: AtomicBool::new(false),
        });
        Self { for_reads: Waker::from(readable.clone()), for_writes: Waker::from(driver), readable }
    }

    /// The waker for every read of the transport.
    pub(super) const fn for_reads(&self) -> &Waker {
        &self.for_reads
    }

    /// The waker for every write to the transport: what could not be written at once, the driver finishes.
    pub(super) const fn for_writes(&self) -> &Waker {
        &self.for_writes
    }

    pub(super) fn pulse(&self) -> &Pulse {
        &self.readable.pulse
    }

    pub(super) fn register_reader(&self, cx: &Context<'_>) {
        self.readable.reader.register(cx.waker());
    }

    pub(super) fn wake_reader(&self) {
        self.readable.reader.wake();
    }

    pub(super) fn register_driver(&self, cx: &Context<'_>) {
        self.readable.driver.0.register(cx.waker());
    }

    /// Wakes the driver; before its first run it needs no waking.
    pub(super) fn wake_driver(&self) {
        self.readable.driver.0.wake();
    }

    /// Lets the driver look at the reading side.
    pub(super) fn call_driver(&self) {
        self.readable.is_called.store(true, Ordering::Release);
        self.wake_driver();
    }

    /// Whether the driver was called since it last asked.
    pub(super) fn take_call(&self) -> bool {
        self.readable.is_called.load(Ordering::Acquire) && self.readable.is_called.swap(false, Ordering::AcqRel)
    }

    /// Something was read, or went out that could not before: the peer lives. The first sign of life after a pause wakes the
    /// driver.
    pub(super) fn beat(&self) {
        self.readable.beat();
    }

    /// The transport is about to be read. Before, not after a read that was `Pending`: it may wake while it is being read.
    pub(super) fn arm(&self) {
        // Release, as every store to it: the transport orders this with its wake, by whatever protects its waker.
        self.readable.is_armed.store(true, Ordering::Release);
    }

    /// The read has given something, so that the transport will not wake.
    pub(super) fn disarm(&self) {
        self.readable.is_armed.store(false, Ordering::Release);
    }

    /// Whether an arrival will wake somebody. If not, somebody has been told of an arrival and has not read it.
    pub(super) fn is_armed(&self) -> bool {
        self.readable.is_armed.load(Ordering::Acquire)
    }

    /// From here on the driver is woken by each arrival.
    pub(super) fn let_driver_read(&self) {
        self.readable.driver_reads.store(true, Ordering::Release);
    }
}

impl Readable {
    fn beat(&self) {
        if self.pulse.beat() {
            self.driver.0.wake();
        }
    }
}

impl Wake for Readable {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_armed.store(false, Ordering::Release);
        self.reader.wake();
        self.beat();
        if self.driver_reads.load(Ordering::Acquire) {
            self.driver.0.wake();
        }
    }
}

impl Wake for Driver {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn an_arrival_wakes_the_reader_each_time_and_the_driver_after_a_pause_or_if_it_reads() {
        let signals = Signals::new();
        let [reader, driver] = [(); 2].map(|()| Arc::new(Count::default()));
        let arrive = || {
            signals.register_reader(&Context::from_waker(&reader.clone().into()));
            signals.register_driver(&Context::from_waker(&driver.clone().into()));
            signals.arm();
            signals.for_reads().wake_by_ref();
            assert!(!signals.is_armed());
            [&reader, &driver].map(|count| count.0.load(Ordering::Relaxed))
        };
        assert_eq!(arrive(), [1, 1]);
        assert_eq!(arrive(), [2, 1], "the driver has not looked since");
        signals.let_driver_read();
        assert_eq!(arrive(), [3, 2]);
    }
}
