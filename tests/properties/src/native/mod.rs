//! Properties that need another implementation to compare with, or the native engine: a browser has neither.

pub mod challenge;
pub mod closing;
pub mod connection;
pub mod data_reader;
pub mod decoder;
pub mod deflate;
pub mod differential;
pub mod inflate;
pub mod proxy;
pub mod reference;
pub mod request;
pub mod settings;
pub mod simulated;
pub mod transport;
pub mod upgrade;
pub mod zlib;

use std::{future::Future, time::Duration};

use tokio::{runtime::Builder, time::timeout};

/// Runs a future on a clock that leaps whenever nobody has anything to do, so that no time-out is waited for.
fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime without input and output needs no more than memory");
    runtime.block_on(async { timeout(AGES, future).await }).expect("nothing hangs")
}

/// Longer than all time-outs together.
const AGES: Duration = Duration::from_secs(24 * 60 * 60);
