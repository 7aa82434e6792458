//! What the tests need of their target, chosen here and nowhere else.

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
#[path = "native.rs"]
mod target;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
#[path = "browser.rs"]
mod target;

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub(crate) use self::target::has_web_socket_stream;

pub(crate) mod pressure;
pub(crate) mod wire;

use std::{
    future::Future,
    pin::pin,
    sync::atomic::{AtomicU32, Ordering},
    task::{Context, Poll, Waker},
    time::Duration,
};

use futures::future::{Either, select};
use websocket_anywhere::{Closed, Control, Error, ErrorKind, MessageWebSocket, Result, StreamWebSocket};

pub(crate) use self::target::{
    BROWSER, decodes_user_info, dial, ends_what_never_opened, now, peer, peers_wait, peers_wait_on_request, random,
    reads_connection_as_list, settings, shows_progress, sleep, spawn, test, yield_now,
};

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
    message_socket_with(path, Control::new()).await
}

/// A `MessageWebSocket` to a path of the peer, with settings.
pub(crate) async fn message_socket_with(path: &str, control: Control) -> Result<MessageWebSocket> {
    begin(path, async |url| MessageWebSocket::connect_with(url, settings(control)).await).await
}

/// A `StreamWebSocket` to a path of the peer.
pub(crate) async fn stream_socket(path: &str) -> Result<StreamWebSocket> {
    begin(path, async |url| StreamWebSocket::connect_with(url, settings(Control::new())).await).await
}

/// A `MessageWebSocket` that has no back-pressure in any run: for a test of what happens without, or whose sends meet the end
/// of the connection, where Chromium 156 crashes a page that has it.
pub(crate) async fn message_socket_without_backpressure(path: &str) -> Result<MessageWebSocket> {
    begin(path, async |url| MessageWebSocket::connect(url).await).await
}

/// Connects; in a browser, a script of the peer begins only when the connection is open. A browser may not tell the page of
/// a connection that ends right after the handshake.
async fn begin<T>(path: &str, connect: impl AsyncFnOnce(&str) -> Result<T>) -> Result<T> {
    let is_script = ["/raw", "/drop", "/reset", "/half-message"].iter().any(|script| path.starts_with(script));
    if !BROWSER || !is_script || path.contains("mode=glued") {
        return soon(connect(&peer(path))).await;
    }
    let own = unique_id();
    let mut held = format!("{path}{}held=1", if path.contains('?') { '&' } else { '?' });
    let id = path.split(['?', '&']).find_map(|parameter| parameter.strip_prefix("id="));
    if id.is_none() {
        held.push_str(&format!("&id={own}"));
    }
    let socket = soon(connect(&peer(&held))).await?;
    let release = format!("/release?id={}", id.unwrap_or(&own));
    soon(MessageWebSocket::connect(&peer(&release))).await?;
    Ok(socket)
}

/// A name for a record of the peer that no other test uses.
pub(crate) fn unique_id() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{:08x}-{}", random(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// What the peer recorded under `id`, once a line starts with `until`.
pub(crate) async fn report(id: &str, until: &str) -> String {
    soon(watch(id, until).await).await
}

/// As [`report`], but connects at once, for what a connection does that is not open yet: browsers open one connection to a
/// server at a time (RFC 6455 section 4.1).
pub(crate) async fn watch(id: &str, until: &str) -> impl Future<Output = String> + use<> {
    let mut socket = message_socket(&format!("/report?id={id}&until={until}")).await.unwrap();
    async move {
        let message = socket.receive().await.unwrap().unwrap();
        let text = message.as_text().unwrap();
        assert!(!text.starts_with("timeout"), "the line that was waited for is not in the record:\n{text}");
        text.to_owned()
    }
}

/// Waits until TCP of a connection that was given up before it was open has ended, where the platform ends it.
pub(crate) async fn ended(record: impl Future<Output = String>) {
    if ends_what_never_opened() {
        assert_eq!(lines(&soon(record).await, "end").len(), 1, "TCP has ended");
    }
}

/// The lines of a record that start with `prefix`.
pub(crate) fn lines<'a>(record: &'a str, prefix: &str) -> Vec<&'a str> {
    record.lines().filter(|line| line.starts_with(prefix)).collect()
}

/// Receives to the end: the texts, and the error if there was one. Whatever the end was, it stays the end.
pub(crate) async fn receive_to_end(socket: &mut MessageWebSocket) -> (Vec<String>, Option<Error>) {
    let mut texts = Vec::new();
    let error = loop {
        match soon(socket.receive()).await {
            Ok(Some(message)) => texts.push(message.as_text().unwrap().to_owned()),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    for _ in 0..3 {
        assert_eq!(soon(socket.receive()).await.unwrap(), None, "after the end");
        assert_eq!(socket.try_receive().unwrap(), None, "after the end");
    }
    (texts, error)
}

/// A clean end with this code and reason.
#[track_caller]
pub(crate) fn assert_closed(closed: &Closed, code: u16, reason: &str) {
    assert_eq!((u16::from(closed.code()), closed.reason(), closed.was_clean()), (code, reason, true));
}

/// Waits until something is known that nobody tells: asks again and again.
pub(crate) async fn known<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    soon(async {
        loop {
            match ask() {
                Some(answer) => return answer,
                None => sleep(Duration::from_millis(1)).await,
            }
        }
    })
    .await
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
