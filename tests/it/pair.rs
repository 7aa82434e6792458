//! Two sockets that are connected to each other in memory: they behave as over a network, on every target.

use std::time::Duration;

use futures::{
    AsyncReadExt, AsyncWriteExt,
    future::{join, join4, poll_immediate},
};
use websocket_anywhere::{
    Backend, CloseCode, Compression, Control, ErrorKind, Event, HResult, Message, MessageWebSocket, ReceiveMode,
    StreamWebSocket,
};

use crate::support::{BROWSER, known, now, poll_once, receive_to_end, soon, spawn, test, wire::pattern, yield_now};

#[test]
async fn what_one_sends_the_other_receives() {
    let (mut one, mut other) = MessageWebSocket::pair(Control::new()).unwrap();
    for len in [0, 1, 3, 125, 126, 4096, 65_535, 65_536, 300_001] {
        let bytes = pattern(len, len);
        let (sent, received) = soon(join(one.send(&bytes), other.receive())).await;
        sent.unwrap();
        assert_eq!(received.unwrap(), Some(Message::from(bytes.clone())), "{len}");
        let (sent, received) = soon(join(other.send("\u{fc}".repeat(len)), one.receive())).await;
        sent.unwrap();
        assert_eq!(received.unwrap().unwrap().as_text().unwrap().len(), 2 * len);
    }
    assert_eq!(one.information().sent(), other.information().received());
    assert_eq!(other.information().remote_address(), None);
    assert_eq!(other.information().last_round_trip_time(), None);
    assert_eq!(other.information().backend(), if BROWSER { Backend::Memory } else { Backend::Native });
}

#[test]
async fn a_pair_closes_as_over_a_network() {
    let (mut one, mut other) = MessageWebSocket::pair(Control::new()).unwrap();
    let start = now();
    soon(one.send("last words")).await.unwrap();
    let closing = spawn(async move { (one.close(4000_u16, "bye").await, one.receive().await) });
    assert_eq!(soon(other.receive()).await.unwrap().unwrap().as_text(), Some("last words"));
    assert_eq!(soon(other.receive()).await.unwrap(), None);
    let closed = other.closed().unwrap();
    assert_eq!((u16::from(closed.code()), closed.reason(), closed.was_clean()), (4000, "bye", true));
    let (closed, received) = soon(closing).await;
    assert_eq!((closed.unwrap().was_clean(), received.unwrap()), (true, None));
    let error = soon(other.send("late")).await.unwrap_err();
    assert_eq!((error.kind(), error.hresult()), (ErrorKind::Closed, HResult::RO_E_CLOSED));
    assert!(now() - start < Duration::from_secs(5), "nobody waits for a timeout");
}

#[test]
async fn both_may_close_at_once_or_be_dropped() {
    let (mut one, mut other) = MessageWebSocket::pair(Control::new()).unwrap();
    let (first, second) = soon(join(one.close(CloseCode::NORMAL, "a"), other.close(CloseCode::NORMAL, "b"))).await;
    assert_eq!((first.unwrap().reason(), second.unwrap().reason()), ("b", "a"));
    let (mut one, mut other) = MessageWebSocket::pair(Control::new()).unwrap();
    soon(one.send("behind it")).await.unwrap();
    drop(one);
    let (texts, error) = receive_to_end(&mut other).await;
    assert!(texts == ["behind it"] && error.is_none(), "{texts:?}, {error:?}");
    assert_eq!(other.closed().unwrap().code(), CloseCode::NO_STATUS);
    let (one, other) = MessageWebSocket::pair(Control::new()).unwrap();
    drop(other);
    drop(one);
}

#[test]
async fn a_close_is_known_and_answered_though_nobody_receives() {
    let (mut one, other) = MessageWebSocket::pair(Control::new()).unwrap();
    soon(one.send("unread")).await.unwrap();
    let closed = soon(one.close(4001_u16, "")).await.unwrap();
    assert!(closed.was_clean());
    let mut other = other;
    assert_eq!(known(|| other.closed()).await.code(), CloseCode::from(4001));
    assert_eq!(receive_to_end(&mut other).await.0, ["unread"]);
}

#[test]
async fn streams_copy_in_both_directions_at_once() {
    let (one, other) = StreamWebSocket::pair(Control::new()).unwrap();
    let sent = pattern(0, 1 << 20);
    let ((mut one_in, mut one_out), (mut other_in, mut other_out)) = (one.split(), other.split());
    let (mut here, mut there) = (vec![0; sent.len()], vec![0; sent.len()]);
    let all = join4(
        AsyncWriteExt::write_all(&mut one_out, &sent),
        AsyncWriteExt::write_all(&mut other_out, &sent),
        AsyncReadExt::read_exact(&mut one_in, &mut here),
        AsyncReadExt::read_exact(&mut other_in, &mut there),
    );
    let (written, other_written, read, other_read) = soon(all).await;
    written.and(other_written).and(read).and(other_read).unwrap();
    assert!(here == sent && there == sent);
    soon(AsyncWriteExt::close(&mut one_out)).await.unwrap();
    assert_eq!(soon(AsyncReadExt::read(&mut other_in, &mut there)).await.unwrap(), 0);
}

#[test]
async fn one_that_does_not_receive_makes_the_other_wait() {
    let control = Control::new().outbound_buffer_size(1000).inbound_buffer_size(64 << 10);
    let (mut one, mut other) = MessageWebSocket::pair(control).unwrap();
    let (mut sent, mut waits) = (0, 0);
    while sent < 1000 && waits < 100 {
        if poll_once(one.send(vec![0; 1000])).is_ready() {
            (sent, waits) = (sent + 1, 0);
        } else {
            waits += 1;
            yield_now().await;
        }
    }
    assert!((64..400).contains(&sent), "{sent} messages were taken by nobody");
    assert!(one.buffered_amount() >= 1000);
    for _ in 0..sent {
        assert_eq!(soon(other.receive()).await.unwrap().unwrap().as_bytes().len(), 1000);
    }
    soon(one.flush()).await.unwrap();
    assert_eq!(one.buffered_amount(), 0);
}

#[test]
async fn one_that_takes_nothing_for_send_timeout_fails_the_other() {
    let control =
        Control::new().outbound_buffer_size(0).inbound_buffer_size(0).send_timeout(Duration::from_millis(300));
    let (mut one, _other) = MessageWebSocket::pair(control).unwrap();
    let error = soon(async {
        loop {
            if let Err(error) = one.send(vec![0; 100_000]).await {
                return error;
            }
        }
    });
    assert_eq!(error.await.kind(), ErrorKind::Timeout);
    assert_eq!(soon(one.receive()).await.unwrap_err().kind(), ErrorKind::Timeout);
}

#[test]
async fn the_limits_of_messages_hold_and_the_other_learns_of_it() {
    let (mut one, mut other) = MessageWebSocket::pair(Control::new().max_message_size(Some(3))).unwrap();
    soon(one.send("four")).await.unwrap();
    assert_eq!(soon(other.receive()).await.unwrap_err().kind(), ErrorKind::MessageTooBig);
    assert_eq!(soon(other.receive()).await.unwrap(), None);
    assert_eq!(soon(one.receive()).await.unwrap(), None);
    let code = if BROWSER { CloseCode::from(3009) } else { CloseCode::MESSAGE_TOO_BIG };
    assert_eq!(one.closed().unwrap().code(), code);
}

#[test]
async fn parts_are_put_together_and_events_are_told() {
    let (mut one, mut other) = MessageWebSocket::pair(Control::new().receive_mode(ReceiveMode::Partial)).unwrap();
    soon(one.send_part("a", false)).await.unwrap();
    assert!(
        poll_immediate(std::pin::pin!(one.send("whole"))).await.unwrap().is_err(),
        "a message is being sent in parts"
    );
    soon(one.send_part("b", true)).await.unwrap();
    let mut text = String::new();
    while text != "ab" {
        let part = soon(other.receive_part()).await.unwrap().unwrap();
        text.push_str(part.as_text().unwrap());
    }
    let (events, mut told) = futures::channel::mpsc::unbounded();
    let _sender = other.listen(move |event| events.unbounded_send(event).unwrap());
    soon(one.send("event")).await.unwrap();
    assert!(soon(one.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
    let mut next = async || soon(futures::StreamExt::next(&mut told)).await;
    assert!(matches!(next().await, Some(Event::MessageReceived(message)) if message.as_text() == Some("event")));
    assert!(matches!(next().await, Some(Event::Closed(_))));
}

#[test]
async fn a_pair_has_its_settings_and_refuses_those_of_a_request() {
    let control = Control::new().supported_protocols(["chat", "other"]).compression(Compression::new());
    let (one, other) = MessageWebSocket::pair(control).unwrap();
    for socket in [&one, &other] {
        let information = socket.information();
        assert_eq!((information.protocol(), information.extensions()), (Some("chat"), None));
    }
    for (control, name) in [
        (Control::new().request_header("X-Name", "value"), "request_header"),
        (Control::new().server_credential("user", "password"), "server_credential"),
        (Control::new().root_certificate(&b"none"[..]), "root_certificate"),
    ] {
        let error = StreamWebSocket::pair(control).unwrap_err();
        assert_eq!((error.kind(), error.hresult()), (ErrorKind::NotSupported, HResult::E_NOTIMPL));
        assert!(error.to_string().contains(name), "{error}");
    }
    let error = MessageWebSocket::pair(Control::new().supported_protocol("a b")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}

#[test]
async fn a_pair_answers_heartbeats_like_any_peer() {
    let limit = Duration::from_millis(300);
    let control = Control::new().heartbeat("beat", limit / 10, limit);
    let (mut one, mut other) = MessageWebSocket::pair(control).unwrap();
    // Each hears the other's.
    let start = now();
    while now() - start < limit * 3 {
        for socket in [&mut one, &mut other] {
            assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("beat"));
        }
    }
}
