//! Two sockets that are connected to each other in memory.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Instant, sleep, timeout},
};
use websocket_anywhere::{
    CloseCode, Compression, Control, ErrorKind, HResult, Message, MessageWebSocket, StreamWebSocket, WebErrorStatus,
};

use super::memory_pipe::assert_error;
use crate::support::{poll_once, soon, wire::pattern};

#[tokio::test]
async fn what_one_sends_the_other_receives() {
    let (mut one, mut other) = MessageWebSocket::pair(Control::new()).unwrap();
    for len in [0, 1, 3, 125, 126, 4096, 65_535, 65_536, 300_001] {
        let bytes = pattern(len, len);
        let (sent, received) = tokio::join!(one.send(&bytes), other.receive());
        sent.unwrap();
        assert_eq!(received.unwrap(), Some(Message::from(bytes.clone())), "{len}");
        let (sent, received) = tokio::join!(other.send("\u{fc}".repeat(len)), one.receive());
        sent.unwrap();
        assert_eq!(received.unwrap().unwrap().as_text().unwrap().len(), 2 * len);
    }
    assert_eq!(one.information().sent(), other.information().received());
    assert_eq!(other.information().remote_address(), None);
    assert_eq!(other.information().last_round_trip_time(), None);
}

#[tokio::test(start_paused = true)]
async fn a_pair_closes_as_over_a_network() {
    let (mut one, mut other) = MessageWebSocket::pair(Control::new()).unwrap();
    let start = Instant::now();
    one.send("last words").await.unwrap();
    let closing = tokio::spawn(async move { (one.close(4000_u16, "bye").await, one.receive().await) });
    assert_eq!(other.receive().await.unwrap().unwrap().as_text(), Some("last words"));
    assert_eq!(other.receive().await.unwrap(), None);
    let closed = other.closed().unwrap();
    assert_eq!((u16::from(closed.code()), closed.reason(), closed.was_clean()), (4000, "bye", true));
    let (closed, received) = closing.await.unwrap();
    assert_eq!((closed.unwrap().was_clean(), received.unwrap()), (true, None));
    assert_error(
        &other.send("late").await.unwrap_err(),
        ErrorKind::Closed,
        HResult::RO_E_CLOSED,
        WebErrorStatus::Unknown,
    );
    assert!(start.elapsed() < Duration::from_millis(100), "nobody waits for a timeout");
}

#[tokio::test(start_paused = true)]
async fn both_may_close_at_once_or_be_dropped() {
    let (mut one, mut other) = MessageWebSocket::pair(Control::new()).unwrap();
    let (first, second) = tokio::join!(one.close(CloseCode::NORMAL, "a"), other.close(CloseCode::NORMAL, "b"));
    assert_eq!((first.unwrap().reason(), second.unwrap().reason()), ("b", "a"));
    let (one, mut other) = MessageWebSocket::pair(Control::new()).unwrap();
    drop(one);
    assert_eq!(other.receive().await.unwrap(), None);
    assert_eq!(other.closed().unwrap().code(), CloseCode::NO_STATUS);
}

#[tokio::test]
async fn streams_copy_in_both_directions_at_once() {
    let (one, other) = StreamWebSocket::pair(Control::new()).unwrap();
    let sent = pattern(0, 1 << 20);
    let ((mut one_in, mut one_out), (mut other_in, mut other_out)) = (one.split(), other.split());
    let (mut here, mut there) = (vec![0; sent.len()], vec![0; sent.len()]);
    let all = async {
        tokio::join!(
            AsyncWriteExt::write_all(&mut one_out, &sent),
            AsyncWriteExt::write_all(&mut other_out, &sent),
            AsyncReadExt::read_exact(&mut one_in, &mut here),
            AsyncReadExt::read_exact(&mut other_in, &mut there),
        )
    };
    let (written, other_written, read, other_read) = soon(all).await;
    written.and(other_written).and(read).and(other_read).unwrap();
    assert!(here == sent && there == sent);
}

#[tokio::test]
async fn one_that_does_not_receive_makes_the_other_wait() {
    let (mut one, mut other) = MessageWebSocket::pair(Control::new().outbound_buffer_size(1000)).unwrap();
    let mut sent = 0;
    while sent < 1000 && poll_once(one.send(vec![0; 1000])).is_ready() {
        sent += 1;
        tokio::task::yield_now().await;
    }
    assert!((60..200).contains(&sent), "{sent} messages were taken by nobody");
    for _ in 0..sent {
        assert_eq!(soon(other.receive()).await.unwrap().unwrap().as_bytes().len(), 1000);
    }
    soon(one.flush()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_pair_lives_whether_or_not_anybody_receives() {
    let hour = Duration::from_secs(3600);
    let (mut one, mut other) = MessageWebSocket::pair(Control::new()).unwrap();
    let (first, second) = tokio::join!(timeout(hour, one.receive()), timeout(hour, other.receive()));
    assert!(first.is_err() && second.is_err());
    assert!(one.information().last_round_trip_time().is_some());
    assert!(timeout(hour, one.receive()).await.is_err(), "the other answers pings");
    sleep(hour).await;
    one.send("still here").await.unwrap();
    assert_eq!(other.receive().await.unwrap().unwrap().as_text(), Some("still here"));
}

#[tokio::test]
async fn a_pair_has_its_settings_and_refuses_those_of_a_request() {
    let control = Control::new().supported_protocols(["chat", "other"]).compression(Compression::new());
    let (one, other) = MessageWebSocket::pair(control).unwrap();
    for socket in [&one, &other] {
        let information = socket.information();
        assert_eq!((information.protocol(), information.extensions()), (Some("chat"), ""));
    }
    for (control, name) in [
        (Control::new().request_header("X-Name", "value"), "request_header"),
        (Control::new().server_credential("user", "password"), "server_credential"),
        (Control::new().root_certificate(&b"none"[..]), "root_certificate"),
    ] {
        let error = StreamWebSocket::pair(control).unwrap_err();
        assert_error(&error, ErrorKind::NotSupported, HResult::E_NOTIMPL, WebErrorStatus::Unknown);
        assert!(error.to_string().contains(name), "{error}");
    }
    let error = MessageWebSocket::pair(Control::new().supported_protocol("a b")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}

#[test]
fn a_pair_outside_a_runtime_is_an_error() {
    let error = MessageWebSocket::pair(Control::new()).unwrap_err();
    assert_error(&error, ErrorKind::NoRuntime, HResult::E_ILLEGAL_METHOD_CALL, WebErrorStatus::Unknown);
}
