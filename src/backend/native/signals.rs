//! Who is told when a transport becomes readable or writable.
//!
//! A transport remembers one waker for each direction, and reader, writer and driver take turns in using it. So it is always
//! given the same two wakers, which belong to the connection and know whom to wake: no party can replace the waker of
//! another.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Wake, Waker},
};

use tokio::task::yield_now;

use super::{
    liveness::ActivityFlag,
    sync::{AtomicBool, AtomicU8, AtomicWaker},
};

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
    activity: ActivityFlag,
    /// Whether the transport will wake this: a read was `Pending`, and it has not woken since.
    is_armed: AtomicBool,
    /// Whether the driver has been asked to look at the reading side.
    is_called: AtomicBool,
    /// Whether the driver reads, because nobody else does or will: it is woken by each arrival.
    driver_reads: AtomicBool,
    /// Whether a pong is awaited: the driver reads then, too.
    awaits_pong: AtomicBool,
}

/// Wakes the driver.
#[derive(Debug, Default)]
struct Driver {
    waker: AtomicWaker,
    /// `IDLE`, `POLLING` or `AGAIN`.
    state: AtomicU8,
    /// Whether the poll that is under way has left it to the runtime when to go on. Only the driver's task uses it.
    has_yielded: AtomicBool,
}

/// The driver is not being polled: its task has to be woken.
const IDLE: u8 = 0;
/// It is being polled, on this or another thread.
const POLLING: u8 = 1;
/// The same, and something has happened since the poll began.
const AGAIN: u8 = 2;

impl Signals {
    pub(super) fn new() -> Self {
        let driver = Arc::<Driver>::default();
        let readable = Arc::new(Readable {
            reader: AtomicWaker::new(),
            driver: driver.clone(),
            activity: ActivityFlag::new(),
            is_armed: AtomicBool::new(false),
            is_called: AtomicBool::new(false),
            driver_reads: AtomicBool::new(false),
            awaits_pong: AtomicBool::new(false),
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

    pub(super) fn activity(&self) -> &ActivityFlag {
        &self.readable.activity
    }

    pub(super) fn register_reader(&self, cx: &Context<'_>) {
        self.readable.reader.register(cx.waker());
    }

    pub(super) fn wake_reader(&self) {
        self.readable.reader.wake();
    }

    /// A poll of the driver's task.
    ///
    /// What it does itself wakes the driver again and again: a ping that it reads has to be answered. A task that wakes itself
    /// comes before timers, sockets and whoever has yielded; so these wakes only count, and after a poll that has yielded the
    /// runtime goes on in its own time.
    pub(super) fn poll_driver<T>(&self, cx: &mut Context<'_>, poll: impl FnOnce(&mut Context<'_>) -> T) -> T {
        let driver = &*self.readable.driver;
        driver.waker.register(cx.waker());
        driver.has_yielded.store(false, Ordering::Relaxed);
        driver.state.store(POLLING, Ordering::SeqCst);
        let outcome = poll(cx);
        // One step: whoever wakes from here on wakes the task.
        let state = driver.state.swap(IDLE, Ordering::SeqCst);
        if state == AGAIN && !driver.has_yielded.load(Ordering::Relaxed) {
            cx.waker().wake_by_ref();
        }
        outcome
    }

    /// The poll of the driver that is under way has done enough; the runtime goes on in its own time.
    pub(super) fn yield_driver(&self, cx: &mut Context<'_>) {
        let _ = pin!(yield_now()).poll(cx);
        self.driver_yielded();
    }

    /// The same if `cx` has been left to the runtime already.
    pub(super) fn driver_yielded(&self) {
        self.readable.driver.has_yielded.store(true, Ordering::Relaxed);
    }

    /// Wakes the driver; before its first run it needs no waking.
    pub(super) fn wake_driver(&self) {
        self.readable.driver.call();
    }

    /// Lets the driver look at the reading side.
    pub(super) fn call_driver(&self) {
        self.readable.call_driver();
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
        // The transport orders this with its wake, by whatever protects its waker.
        self.readable.is_armed.store(true, Ordering::Release);
    }

    /// The read has given something, so that the transport will not wake.
    pub(super) fn disarm(&self) {
        self.readable.is_armed.store(false, Ordering::Release);
    }

    /// Whether an arrival will wake somebody. If not, somebody has been told of an arrival and has not read it.
    pub(super) fn is_armed(&self) -> bool {
        self.readable.is_armed.load(Ordering::SeqCst)
    }

    /// From here on the driver is woken by each arrival.
    pub(super) fn let_driver_read(&self) {
        self.readable.driver_reads.store(true, Ordering::Release);
    }

    /// Whether the driver is woken by each arrival from here on, as a pong is awaited.
    pub(super) fn await_pong(&self, is_awaited: bool) {
        self.readable.awaits_pong.store(is_awaited, Ordering::Release);
    }

    pub(super) fn is_pong_awaited(&self) -> bool {
        self.readable.awaits_pong.load(Ordering::Acquire)
    }
}

impl Readable {
    fn call_driver(&self) {
        self.is_called.store(true, Ordering::Release);
        self.driver.call();
    }

    fn beat(&self) {
        if self.activity.beat() {
            self.driver.call();
        }
    }
}

impl Wake for Readable {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Store, then load; the driver falls asleep, then loads this. Both are SeqCst: at least one sees the other, so that no
        // arrival is left to nobody.
        self.is_armed.store(false, Ordering::SeqCst);
        self.reader.wake();
        // No sign of life yet: transports also wake without one, and tokio's budget does.
        if self.activity.is_asleep() {
            self.call_driver();
        } else if self.driver_reads.load(Ordering::Acquire) || self.awaits_pong.load(Ordering::Acquire) {
            self.driver.call();
        }
    }
}

impl Driver {
    fn call(&self) {
        // Also if it is `AGAIN`, nothing is left to do.
        let again = self.state.compare_exchange(POLLING, AGAIN, Ordering::SeqCst, Ordering::SeqCst);
        if again == Err(IDLE) {
            self.waker.wake();
        }
    }
}

impl Wake for Driver {
    fn wake(self: Arc<Self>) {
        self.call();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.call();
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
            signals.poll_driver(&mut Context::from_waker(&driver.clone().into()), |_| {});
            signals.arm();
            signals.for_reads().wake_by_ref();
            assert!(!signals.is_armed());
            [&reader, &driver].map(|count| count.0.load(Ordering::Relaxed))
        };
        assert_eq!(arrive(), [1, 1]);
        assert!(
            signals.take_call() && !signals.activity().is_active(),
            "it looks, and a wake alone is no sign of life"
        );
        signals.activity().rouse();
        assert_eq!(arrive(), [2, 1], "the driver looks anyhow");
        signals.let_driver_read();
        assert_eq!(arrive(), [3, 2]);
    }

    #[test]
    fn what_the_driver_does_itself_makes_it_go_on_unless_it_has_yielded() {
        let signals = Signals::new();
        let driver = Arc::new(Count::default());
        let waker = driver.clone().into();
        let mut cx = Context::from_waker(&waker);
        let woken = || driver.0.load(Ordering::Relaxed);
        signals.poll_driver(&mut cx, |_| {
            signals.wake_driver();
            signals.wake_driver();
            assert_eq!(woken(), 0, "while it is being polled");
        });
        assert_eq!(woken(), 1);
        signals.poll_driver(&mut cx, |_| {
            signals.wake_driver();
            signals.driver_yielded();
        });
        assert_eq!(woken(), 1, "the runtime has been asked to");
        signals.wake_driver();
        assert_eq!(woken(), 2);
    }
}
