//! Who uses a connection of HTTP/2: it has to stay as long as somebody does.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use crate::backend::native::clock::later;

/// The streams of a connection, those that are being opened among them.
pub(super) struct Users {
    usage: Mutex<Usage>,
    /// The last one has gone.
    unused: Notify,
    /// Whether the connection has ended.
    has_ended: AtomicBool,
}

struct Usage {
    count: usize,
    /// When the last one went.
    freed: Instant,
}

/// Keeps a connection open.
pub(super) struct User(Arc<Users>);

impl Users {
    pub(super) fn new() -> Arc<Self> {
        let usage = Mutex::new(Usage { count: 0, freed: Instant::now() });
        Arc::new(Self { usage, unused: Notify::new(), has_ended: AtomicBool::new(false) })
    }

    /// Another one.
    pub(super) fn enter(self: &Arc<Self>) -> Arc<User> {
        self.usage().count += 1;
        Arc::new(User(self.clone()))
    }

    pub(super) fn count(&self) -> usize {
        self.usage().count
    }

    /// Waits until nobody has used the connection for this time.
    pub(super) async fn unused_for(&self, time: Duration) {
        loop {
            let Usage { count, freed } = *self.usage();
            let end = later(freed, time);
            match count {
                0 if end <= Instant::now() => return,
                0 => sleep_until(end).await,
                _ => self.unused.notified().await,
            }
        }
    }

    pub(super) fn end(&self) {
        self.has_ended.store(true, Ordering::SeqCst);
    }

    pub(super) fn have_ended(&self) -> bool {
        self.has_ended.load(Ordering::SeqCst)
    }

    fn usage(&self) -> MutexGuard<'_, Usage> {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for User {
    fn drop(&mut self) {
        let mut usage = self.0.usage();
        usage.count -= 1;
        if usage.count == 0 {
            usage.freed = Instant::now();
            drop(usage);
            self.0.unused.notify_one();
        }
    }
}
