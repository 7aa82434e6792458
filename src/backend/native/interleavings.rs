//! The tasks of a connection in every order that a scheduler can think of: shuttle decides at each lock, atomic and waker who
//! goes on.
//!
//! Time stands still, so that no timer wakes whom a task has forgotten to wake: then all wait, which shuttle reports. It prints the
//! schedule of what it finds; [`shuttle::replay`] repeats it. It takes every order of memory for the strictest; Miri looks at
//! those (`signals.rs`). `cargo xtask soak --only interleavings` runs all of it.

mod model;
mod pipe;
mod programs;

pub(super) use self::model::{AtomicWaker, Instant};

use std::mem::ManuallyDrop;

use shuttle::{
    Config, Runner,
    scheduler::{DfsScheduler, PctScheduler, RandomScheduler, Scheduler},
};
use tokio::runtime::Builder;

use self::programs::{Peer, Play, ReceiverStep, SenderStep};

/// Two tasks: all orders in turn, as far as there is time, and such that few changes of task make.
fn all_orders(name: &str, play: impl Fn() -> Play + Clone + Send + Sync + 'static) {
    run(name, DfsScheduler::new(Some(schedules()), true), play.clone());
    run(name, PctScheduler::new_from_seed(seed(), FEW_CHANGES, schedules()), play);
}

/// More tasks than have their orders counted: chance.
fn some_orders(name: &str, play: impl Fn() -> Play + Clone + Send + Sync + 'static) {
    run(name, RandomScheduler::new_from_seed(seed(), schedules()), play.clone());
    run(name, PctScheduler::new_from_seed(seed(), FEW_CHANGES, schedules()), play);
}

fn run(name: &str, scheduler: impl Scheduler + 'static, play: impl Fn() -> Play + Send + Sync + 'static) {
    // The timers need a runtime to be of; nobody drives it. Its end would wake the tasks of a schedule that has failed.
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().expect("there is a runtime");
    let runtime = ManuallyDrop::new(runtime);
    let _entered = runtime.enter();
    let mut config = Config::new();
    config.stack_size = STACK;
    config.silence_warnings = true;
    let schedules = Runner::new(scheduler, config).run(move || play().run());
    println!("soak: {schedules} schedules of {name}");
}

/// How many schedules of each kind a test tries; `SOAK_SCHEDULES` says more.
fn schedules() -> usize {
    std::env::var("SOAK_SCHEDULES").map_or(300, |number| number.parse().expect("a number"))
}

/// What chance begins with; `SOAK_SEED` repeats a run.
fn seed() -> u64 {
    std::env::var("SOAK_SEED").map_or(0, |seed| seed.parse().expect("a number"))
}

/// How often a task is interrupted, at most, where few changes of task are looked at.
const FEW_CHANGES: usize = 4;
/// Of each task: what is read goes by way of the stack.
const STACK: usize = 1 << 20;

#[test]
fn a_sender_and_the_driver() {
    for capacity in [9, 1000] {
        all_orders("a sender", move || Play {
            capacity,
            sender: vec![SenderStep::Send, SenderStep::Send, SenderStep::Flush, SenderStep::Send, SenderStep::Close],
            receiver: vec![ReceiverStep::Leave],
            peer: Peer::default(),
            has_observer: false,
        });
    }
}

#[test]
fn a_receiver_and_the_driver() {
    for capacity in [9, 1000] {
        all_orders("a receiver", move || Play {
            capacity,
            sender: vec![SenderStep::Leave],
            receiver: vec![ReceiverStep::ReceiveAll],
            peer: Peer { messages: 3, pings: 1, closes: true, cuts: false },
            has_observer: false,
        });
    }
}

#[test]
fn two_halves_that_both_close_and_an_observer() {
    some_orders("two that close", || Play {
        capacity: 30,
        sender: vec![SenderStep::Send, SenderStep::Close],
        receiver: vec![ReceiverStep::Receive, ReceiverStep::Close],
        peer: Peer { messages: 2, pings: 0, closes: true, cuts: false },
        has_observer: true,
    });
}

#[test]
fn everybody_does_what_chance_wants() {
    some_orders("everybody", Play::random);
}
