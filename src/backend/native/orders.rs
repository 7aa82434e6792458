//! What one thread stores and another must see: each pair of them, while the driver falls asleep.
//!
//! A processor shows little of what the orders of memory allow. Miri shows it: `cargo xtask soak --only orders` lets it try many
//! ways. Locks and wakes in every order are the matter of `interleavings.rs`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Wake},
    thread,
};

use tokio::{io::duplex, runtime::Builder};

use super::{
    connection::{Connection, WriteTiming},
    dial::{Endpoints, Transport},
    settings::Settings,
    signals::Signals,
    upgrade::Upgraded,
};
use crate::{control::Control, message::Payload};

/// Under Miri one round for each of its seeds.
const ROUNDS: usize = if cfg!(miri) { 1 } else { 300 };

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Another thread, which under Miri has done all that it does when this one goes on: what it has stored need not be seen yet.
struct Other(thread::JoinHandle<()>);

impl Other {
    fn start(act: impl FnOnce() + Send + 'static) -> Self {
        let is_done = Arc::<AtomicBool>::default();
        let done = is_done.clone();
        let this = Self(thread::spawn(move || {
            act();
            // Orders nothing.
            done.store(true, Ordering::Relaxed);
        }));
        while cfg!(miri) && !is_done.load(Ordering::Relaxed) {
            thread::yield_now();
        }
        this
    }

    fn join(self) {
        self.0.join().expect("no thread panics");
    }
}

#[test]
fn an_arrival_is_seen_by_a_driver_that_falls_asleep_or_wakes_it() {
    for _ in 0..ROUNDS {
        let signals = Signals::new();
        signals.activity().rouse();
        signals.arm();
        let transport = signals.for_reads().clone();
        let other = Other::start(move || transport.wake());
        let sleeps = signals.is_armed() && signals.activity().rest() && signals.is_armed();
        other.join();
        assert!(!sleeps || signals.take_call(), "the arrival is left to nobody");
    }
}

#[test]
fn a_message_is_seen_by_a_driver_that_falls_asleep_or_wakes_it() {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().expect("there is a runtime");
    let _entered = runtime.enter();
    for _ in 0..ROUNDS {
        let control = Control::new();
        let settings = Settings::new(&control, control.message_limits());
        let (near, _far) = duplex(100);
        let connection =
            Connection::new(Transport::of(near), Upgraded::without_handshake(None), settings, Endpoints::default());
        let connection = connection.expect("there are random numbers");
        connection.signals.activity().rouse();
        let wakes = Arc::<Wakes>::default();
        connection.signals.poll_driver(&mut Context::from_waker(&wakes.clone().into()), |_| {});
        let sender = connection.clone();
        let other = Other::start(move || sender.send(&Payload::from("x"), None, WriteTiming::Now).expect("it is open"));
        let sleeps = connection.signals.activity().rest() && connection.progress() == 0;
        other.join();
        assert!(!sleeps || wakes.0.load(Ordering::Relaxed) > 0, "nobody looks at what was written");
    }
}

#[test]
fn a_wake_during_a_poll_of_the_driver_is_followed_by_another() {
    for _ in 0..ROUNDS {
        let signals = Arc::new(Signals::new());
        let wakes = Arc::<Wakes>::default();
        let waker = wakes.clone().into();
        let told = Arc::<AtomicUsize>::default();
        let (caller, message) = (signals.clone(), told.clone());
        let other = Other::start(move || {
            message.store(1, Ordering::Relaxed);
            caller.wake_driver();
        });
        let seen = signals.poll_driver(&mut Context::from_waker(&waker), |_| told.load(Ordering::Relaxed));
        other.join();
        // Before the first poll a wake has nobody to wake, and the poll sees all that was done before it.
        let sees_it_later = wakes.0.load(Ordering::Relaxed) > 0;
        assert!(seen == 1 || sees_it_later, "what was done before the wake is seen by no poll");
    }
}
