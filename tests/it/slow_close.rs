//! How long a close waits for a slow peer: as long as bytes leave, then for the whole of `close_timeout`.

use std::time::Duration;

use websocket_anywhere::{CloseCode, Closed, Control, ErrorKind, Result};

use crate::support::{
    message_socket_with, now, pressure::assert_sunk, shows_progress, soon, test, unique_id, wire::pattern,
};

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;
const SHORT: Duration = Duration::from_millis(400);
const LONG: Duration = Duration::from_secs(2);

/// Sends so many messages of 256 KiB to the path, closes, and gives what came of it and how long it took.
async fn close_behind(count: usize, path: &str, control: Control) -> (Result<Closed>, Duration) {
    let mut socket = message_socket_with(path, control.outbound_buffer_size(64 * MIB)).await.unwrap();
    for _ in 0..count {
        soon(socket.send(pattern(0, 256 * KIB))).await.unwrap();
    }
    let start = now();
    let closed = soon(socket.close(3000, "sent")).await;
    (closed, now() - start)
}

#[test]
async fn a_close_waits_for_a_peer_that_reads_slowly_and_loses_nothing() {
    // 7 s at 4 MiB/s. What the systems hold, the peer reads in less than `close_timeout`.
    let (id, count) = (unique_id(), 4 * 28);
    let path = format!("/slow-reader?rate={}&id={id}", 4 * MIB);
    let send = if shows_progress() { LONG } else { LONG * 10 };
    let (closed, took) = close_behind(count, &path, Control::new().send_timeout(send).close_timeout(LONG)).await;
    let closed = closed.unwrap();
    assert_eq!((closed.code(), closed.reason(), closed.was_clean()), (CloseCode::from(3000), "sent", true), "{took:?}");
    assert!(took > 2 * LONG, "the peer was not slow: {took:?}");
    let message = pattern(0, 256 * KIB);
    assert_sunk(&id, std::iter::repeat_n(&message[..], count)).await;
}

#[test]
async fn what_was_sent_before_a_drop_reaches_a_peer_that_reads_slowly() {
    let (id, count) = (unique_id(), 4 * 28);
    let path = format!("/slow-reader?rate={}&id={id}", 4 * MIB);
    let control = Control::new().send_timeout(LONG).close_timeout(LONG).outbound_buffer_size(64 * MIB);
    let mut socket = message_socket_with(&path, control).await.unwrap();
    let message = pattern(0, 256 * KIB);
    for _ in 0..count {
        soon(socket.send(&message)).await.unwrap();
    }
    drop(socket);
    assert_sunk(&id, std::iter::repeat_n(&message[..], count)).await;
}

#[test]
async fn a_close_behind_what_does_not_leave_fails_after_send_timeout() {
    // The peer reads nothing, and no system buffers so much. Whichever of the two is longer, `send_timeout` decides, except
    // where it is for ever.
    for (send, close, expected) in [(SHORT, LONG * 5, SHORT), (LONG, SHORT, LONG), (Duration::MAX, SHORT, SHORT)] {
        let control = Control::new().send_timeout(send).close_timeout(close);
        let (closed, took) = close_behind(4 * 32, "/slow-reader", control).await;
        assert_eq!(closed.unwrap_err().kind(), ErrorKind::Timeout);
        // Looks are `close_timeout` apart, and the system took something in the time before the first of them.
        assert!((expected..expected * 3 + Duration::from_secs(1)).contains(&took), "{send:?}, {close:?}: {took:?}");
    }
}

#[test]
async fn a_close_that_has_left_waits_for_the_whole_of_close_timeout() {
    for send in [Duration::from_millis(50), Duration::from_secs(30), Duration::MAX] {
        let control = Control::new().send_timeout(send).close_timeout(LONG);
        let (closed, took) = close_behind(0, "/never-close", control).await;
        let closed = closed.unwrap();
        assert_eq!((closed.code(), closed.was_clean()), (CloseCode::ABNORMAL, false));
        // Natively it begins anew when the Close is seen to leave the system's queue.
        assert!((LONG..LONG * 3).contains(&(took + SHORT / 100)), "{send:?}: {took:?}");
    }
}
