//! What the tasks of a connection share it by: locks, atomics, wakers and the time between two sends.
//!
//! They are std's and futures', but where interleavings are tested (`--cfg shuttle`, see `interleavings.rs`): there a scheduler
//! decides at each of them who goes on.

cfg_if::cfg_if! {
    if #[cfg(all(test, shuttle))] {
        pub(super) use shuttle::sync::{
            Mutex, MutexGuard,
            atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize},
        };

        pub(super) use super::interleavings::{AtomicWaker, Instant};
    } else {
        pub(super) use std::{
            sync::{
                Mutex, MutexGuard,
                atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize},
            },
            time::Instant,
        };

        pub(super) use futures::task::AtomicWaker;
    }
}
