//! Tests on tokio, with the peer in the same process.

use std::{
    future::Future,
    hash::{BuildHasher, RandomState},
    io,
    sync::LazyLock,
    time::{Duration, Instant},
};

use peer::Peer;
use tokio::net::TcpStream;
pub(crate) use tokio::{task::yield_now, test, time::sleep};
use websocket_anywhere::Control;

pub(crate) const BROWSER: bool = false;

/// The settings of the sockets that a test connects without a thought for back-pressure.
pub(crate) fn settings(control: Control) -> Control {
    control
}

/// Whether the peer of such a socket waits while nobody receives.
pub(crate) fn peers_wait() -> bool {
    true
}

/// Whether the peer of a socket that asks for it does.
pub(crate) fn peers_wait_on_request() -> bool {
    true
}

/// The URL of a path of the peer.
pub(crate) fn peer(path: &str) -> String {
    Peer::shared().url(path)
}

/// Connects as a program would that does it by itself.
pub(crate) async fn dial(host: String, port: u16) -> io::Result<TcpStream> {
    TcpStream::connect((host, port)).await
}

/// Whether giving up a connection before it is open ends TCP at once.
pub(crate) fn ends_what_never_opened() -> bool {
    true
}

/// Whether percent-encoded credentials of a URL reach the server as they are meant.
pub(crate) fn decodes_user_info() -> bool {
    true
}

/// Whether `Connection: keep-alive, Upgrade` is taken for the list that it is.
pub(crate) fn reads_connection_as_list() -> bool {
    true
}

/// Whether a long queue is seen to become shorter while a slow peer takes it.
pub(crate) fn shows_progress() -> bool {
    true
}

/// The time since some moment.
pub(crate) fn now() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
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
