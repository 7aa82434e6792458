//! Connecting again and again: what leads to another attempt, and what ends it.

use std::time::Duration;

use futures::{StreamExt, future::poll_immediate};
use websocket_anywhere::{CloseCode, Connect, Control, ErrorKind, Reconnect};

use crate::support::{BROWSER, impatiently, lines, native_or_browser, peer, report, soon, test, unique_id, yield_now};

/// Without the delays of a real program.
fn fast<S: Connect>(reconnect: Reconnect<S>) -> Reconnect<S> {
    reconnect.initial_delay(Duration::from_millis(1)).max_delay(Duration::from_millis(2))
}

#[test]
async fn a_socket_that_was_lost_is_followed_by_the_next() {
    let mut sockets = fast(Reconnect::new(&peer("/text?body=hello&count=1"), Control::new()));
    for _ in 0..3 {
        let mut socket = soon(sockets.next()).await.unwrap().unwrap();
        assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("hello"));
        soon(socket.close(CloseCode::NORMAL, "")).await.unwrap();
    }
}

#[test]
async fn errors_that_may_pass_lead_to_another_attempt() {
    for status in [408, 425, 429, 500, 502, 503, 504] {
        let id = unique_id();
        let url = peer(&format!("/reject/{status}?first=2&id={id}"));
        let mut sockets = fast(Reconnect::new(&url, Control::new()));
        let mut socket = soon(sockets.next()).await.unwrap().unwrap();
        assert!(sockets.failures() == 0 && sockets.last_error().is_none(), "{sockets:?}");
        soon(socket.send("at last")).await.unwrap();
        assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("at last"));
        assert_eq!(lines(&report(&id, "open").await, "open").len(), 3, "{status}");
        if BROWSER {
            // A browser waits by itself after each failure, and tells no status.
            return;
        }
    }
}

#[test]
async fn the_last_error_that_the_limit_allows_is_given_and_ends_it() {
    let id = unique_id();
    let url = peer(&format!("/reject/503?id={id}"));
    let mut sockets = fast(Reconnect::new(&url, Control::new())).max_attempts(Some(3));
    let error = soon(sockets.next()).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), native_or_browser(ErrorKind::HttpStatus(503), ErrorKind::CannotConnect));
    assert_eq!((sockets.failures(), sockets.last_error().unwrap().kind()), (3, error.kind()));
    for _ in 0..3 {
        assert!(soon(sockets.next()).await.is_none());
    }
    assert_eq!(lines(&report(&id, "open").await, "open").len(), 3);
}

#[test]
async fn errors_that_would_come_again_end_it_at_once() {
    for (url, control, kind) in [
        ("ftp://example.com".to_owned(), Control::new(), ErrorKind::InvalidUrl),
        (peer("/echo"), Control::new().supported_protocol("not a token"), ErrorKind::InvalidArgument),
    ] {
        let mut sockets = Reconnect::new(&url, control);
        let first = poll_immediate(sockets.next()).await.expect("nothing to wait for");
        assert_eq!(first.unwrap().unwrap_err().kind(), kind);
        assert!(soon(sockets.next()).await.is_none());
    }
    for status in [400, 401, 403, 404, 410, 501, 505] {
        if BROWSER {
            // A browser tells no status.
            return;
        }
        let mut sockets = Reconnect::new(&peer(&format!("/reject/{status}")), Control::new());
        let error = soon(sockets.next()).await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::HttpStatus(status));
        assert!(soon(sockets.next()).await.is_none());
    }
}

#[test]
async fn streams_are_connected_again_as_well() {
    let mut streams = fast(Reconnect::new_stream(&peer("/binary?size=3&count=1"), Control::new()));
    for _ in 0..2 {
        // As an iterator of futures.
        let mut stream = soon(StreamExt::next(&mut streams)).await.unwrap().unwrap();
        assert_eq!(soon(stream.read_chunk()).await.unwrap().unwrap(), &[0, 1, 2][..]);
    }
}

#[test]
async fn an_attempt_outlives_the_future_that_waits_for_it() {
    let id = unique_id();
    let url = peer(&format!("/reject/503?first=1&id={id}"));
    let mut sockets = fast(Reconnect::new(&url, Control::new()));
    // A future that is dropped after each poll would never connect, were it to start over.
    let socket = impatiently(async || sockets.next().await).await;
    assert!(socket.unwrap().is_ok());
    assert_eq!(lines(&report(&id, "open").await, "open").len(), 2);
}

#[test]
async fn a_delay_ends_when_the_program_says_so() {
    let url = peer(&format!("/reject/503?first=1&id={}", unique_id()));
    let mut sockets = Reconnect::new(&url, Control::new()).initial_delay(Duration::from_secs(3600));
    until_it_waits(&mut sockets).await;
    sockets.retry_now();
    let socket = soon(sockets.next()).await.unwrap().unwrap();
    drop(socket);
    // Without a wait in between, too, and once only.
    sockets.retry_now();
    soon(sockets.next()).await.unwrap().unwrap();
    assert!(poll_immediate(sockets.next()).await.is_none(), "the next one waits");
}

#[test]
async fn an_attempt_that_is_under_way_is_not_made_again() {
    let id = unique_id();
    let mut sockets = Reconnect::new(&peer(&format!("/echo?id={id}")), Control::new());
    sockets.retry_now();
    assert!(poll_immediate(sockets.next()).await.is_none());
    sockets.retry_now();
    soon(sockets.next()).await.unwrap().unwrap();
    assert_eq!(lines(&report(&id, "open").await, "open").len(), 1);
}

/// Waits until the first attempt has failed; another is an hour away.
pub(crate) async fn until_it_waits(sockets: &mut Reconnect) {
    soon(async {
        while sockets.failures() == 0 {
            assert!(poll_immediate(sockets.next()).await.is_none(), "{sockets:?}");
            yield_now().await;
        }
    })
    .await;
}
