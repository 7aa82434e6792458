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
