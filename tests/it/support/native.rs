//! Tests on tokio, with the peer in the same process.

use std::{
    future::Future,
    hash::{BuildHasher, RandomState},
};

use peer::Peer;
pub(crate) use tokio::{task::yield_now, test, time::sleep};

pub(crate) const BROWSER: bool = false;

/// The URL of a path of the peer.
pub(crate) fn peer(path: &str) -> String {
    Peer::shared().url(path)
}

/// Whether giving up a connection before it is open ends TCP at once.
pub(crate) fn ends_what_never_opened() -> bool {
    true
}

pub(crate) fn random() -> u32 {
    RandomState::new().hash_one(0) as u32
}

/// Runs a future beside the test and gives its output.
pub(crate) fn spawn<T: Send + 'static>(
    future: impl Future<Output = T> + Send + 'static,
) -> impl Future<Output = T> + Send {
    let task = tokio::spawn(future);
    async move { task.await.unwrap() }
}
