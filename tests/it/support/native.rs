//! Tests on tokio, with the peer in the same process.

use std::{
    future::Future,
    hash::{BuildHasher, RandomState},
};

use peer::Peer;
pub(crate) use tokio::{task::yield_now, test, time::sleep};
use websocket_anywhere::Control;

pub(crate) const BROWSER: bool = false;

/// The settings of the sockets for messages.
pub(crate) fn settings(control: Control) -> Control {
    control
}

/// Whether the peer of a `MessageWebSocket` waits while nobody receives.
pub(crate) fn messages_wait() -> bool {
    true
}

/// Whether it does if the socket asks for it.
pub(crate) fn messages_wait_on_request() -> bool {
    true
}

/// Whether the peer of a `StreamWebSocket` waits while nobody reads.
pub(crate) fn bytes_wait() -> bool {
    true
}

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
