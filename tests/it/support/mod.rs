//! What the tests need of their target, chosen here and nowhere else.

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
#[path = "native.rs"]
mod target;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
#[path = "browser.rs"]
mod target;

use std::{
    future::Future,
    pin::pin,
    sync::atomic::{AtomicU32, Ordering},
    task::{Context, Poll, Waker},
    time::Duration,
};

use futures::future::{Either, select};
use websocket_anywhere::{Control, ErrorKind, MessageWebSocket, Result, StreamWebSocket};

pub(crate) use self::target::{BROWSER, peer, random, sleep, spawn, test, yield_now};

/// Long enough for anything that should happen; what takes longer hangs.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// Fails a test that hangs.
#[track_caller]
pub(crate) fn soon<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let caller = std::panic::Location::caller();
    async move {
        match select(pin!(future), pin!(sleep(LIMIT))).await {
            Either::Left((output, _)) => output,
            Either::Right(_) => panic!("nothing happened within {LIMIT:?} at {caller}"),
        }
    }
}

/// A `MessageWebSocket` to a path of the peer.
pub(crate) async fn message_socket(path: &str) -> Result<MessageWebSocket> {
    soon(MessageWebSocket::connect(&peer(path))).await
}

/// A `MessageWebSocket` to a path of the peer, with settings.
pub(crate) async fn message_socket_with(path: &str, control: Control) -> Result<MessageWebSocket> {
    soon(MessageWebSocket::connect_with(&peer(path), control)).await
}

/// A `StreamWebSocket` to a path of the peer.
pub(crate) async fn stream_socket(path: &str) -> Result<StreamWebSocket> {
    soon(StreamWebSocket::connect(&peer(path))).await
}

/// A name for a record of the peer that no other test uses.
pub(crate) fn unique_id() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{:08x}-{}", random(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// What the peer recorded under `id`, once a line starts with `until`.
pub(crate) async fn report(id: &str, until: &str) -> String {
    let mut socket = message_socket(&format!("/report?id={id}&until={until}")).await.unwrap();
    let message = soon(socket.receive()).await.unwrap().unwrap();
    let text = message.as_text().unwrap().to_owned();
    assert!(!text.starts_with("timeout"), "no line {until:?} in the record:\n{text}");
    text
}

/// The kind of error where a browser tells no cause.
pub(crate) const fn native_or_browser(native: ErrorKind, browser: ErrorKind) -> ErrorKind {
    if BROWSER { browser } else { native }
}

/// Polls once, as a task would that is dropped right after.
pub(crate) fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Makes a future, polls it once and drops it, again and again until one is ready: nothing may be lost on the way.
pub(crate) async fn impatiently<T>(mut make: impl AsyncFnMut() -> T) -> T {
    soon(async {
        loop {
            if let Poll::Ready(output) = poll_once(make()) {
                return output;
            }
            yield_now().await;
        }
    })
    .await
}
