//! The close contract, as far as the program closes.

use std::{pin::pin, time::Duration};

use futures::{
    SinkExt,
    channel::oneshot,
    future::{Either, join, poll_immediate, select},
};
use websocket_anywhere::{CloseCode, Closed, Control, ErrorKind, HResult, MessageWebSocket, StreamWebSocket};

use crate::support::{
    BROWSER, LIMIT, assert_closed, lines, message_socket, message_socket_with, report, sleep, soon, spawn,
    stream_socket, test, unique_id, yield_now,
};

#[test]
async fn closing_gives_what_the_peer_answered_and_the_peer_saw_it() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/raw?id={id}")).await.unwrap();
    assert_eq!(socket.closed(), None);
    let closed = soon(socket.close(4321, "good bye")).await.unwrap();
    assert_closed(&closed, 4321, "good bye");
    assert_eq!(socket.closed(), Some(closed));
    let record = report(&id, "end").await;
    assert_eq!(lines(&record, "close"), ["close 4321 good bye"]);
    let frames = lines(&record, "frame");
    assert_eq!(frames.len(), 1, "{record}");
    assert!(frames[0].starts_with("frame opcode=8 fin=1 masked=1 len=10 hex=10e1"), "{record}");
    assert_eq!(lines(&record, "end"), ["end eof"]);
}

#[test]
async fn closing_a_stream_gives_what_the_peer_answered_and_the_peer_saw_it() {
    let id = unique_id();
    let mut stream = stream_socket(&format!("/raw?id={id}")).await.unwrap();
    let closed = soon(stream.close(CloseCode::NORMAL, "done")).await.unwrap();
    assert_closed(&closed, 1000, "done");
    assert_eq!(stream.closed(), Some(closed));
    assert_eq!(soon(stream.read_chunk()).await.unwrap(), None);
    assert_eq!(lines(&report(&id, "end").await, "close"), ["close 1000 done"]);
}

#[test]
async fn closing_without_a_reason_sends_the_code_alone() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/raw?id={id}")).await.unwrap();
    assert_closed(&soon(socket.close(CloseCode::NORMAL, "")).await.unwrap(), 1000, "");
    let record = report(&id, "end").await;
    assert!(lines(&record, "frame")[0].contains(" len=2 hex=03e8 "), "{record}");
}

#[test]
async fn closing_sends_what_is_queued_first() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/raw?id={id}")).await.unwrap();
    for number in 0..1000 {
        soon(socket.send(format!("{number:04}"))).await.unwrap();
    }
    assert_closed(&soon(socket.close(3000, "sent")).await.unwrap(), 3000, "sent");
    let record = report(&id, "end").await;
    let frames = lines(&record, "frame");
    assert_eq!(frames.len(), 1001);
    for (number, frame) in frames[..1000].iter().enumerate() {
        let digits: String = format!("{number:04}").bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(frame.starts_with(&format!("frame opcode=1 fin=1 masked=1 len=4 hex={digits}")), "{frame}");
    }
    assert!(frames[1000].starts_with("frame opcode=8"), "{}", frames[1000]);
}

#[test]
async fn closing_sends_a_long_queue_first() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/sink?id={id}")).await.unwrap();
    soon(socket.send(vec![7; 24 << 20])).await.unwrap();
    assert_closed(&soon(socket.close(3000, "sent")).await.unwrap(), 3000, "sent");
    let record = report(&id, "end").await;
    let sink = lines(&record, "sink");
    assert!(sink[0].starts_with(&format!("sink messages=1 text=0 binary=1 bytes={}", 24 << 20)), "{sink:?}");
    assert_eq!(lines(&record, "close"), ["close 3000 sent"]);
}

#[test]
async fn closing_again_gives_the_same() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/raw?id={id}")).await.unwrap();
    let first = soon(socket.close(3001, "first")).await.unwrap();
    assert_closed(&first, 3001, "first");
    assert_eq!(soon(socket.close(3002, "second")).await.unwrap(), first);
    let (mut sender, mut receiver) = socket.split();
    assert_eq!(soon(receiver.close(3003, "third")).await.unwrap(), first);
    assert_eq!(soon(sender.close(3004, "fourth")).await.unwrap(), first);
    assert_eq!((sender.closed(), receiver.closed()), (Some(first.clone()), Some(first)));
    assert_eq!(lines(&report(&id, "end").await, "frame").len(), 1);
}

#[test]
async fn both_halves_closing_at_once_get_the_same() {
    let id = unique_id();
    let (mut sender, mut receiver) = message_socket(&format!("/raw?id={id}")).await.unwrap().split();
    let (left, right) = soon(join(sender.close(3001, "left"), receiver.close(3002, "right"))).await;
    let left = left.unwrap();
    assert_closed(&left, 3001, "left");
    assert_eq!(right.unwrap(), left);
    assert_eq!(lines(&report(&id, "end").await, "close"), ["close 3001 left"]);
}

#[test]
async fn halves_closing_in_two_tasks_get_the_same() {
    let id = unique_id();
    let (mut sender, mut receiver) = message_socket(&format!("/raw?id={id}")).await.unwrap().split();
    let left = spawn(async move { sender.close(3001, "").await });
    let right = spawn(async move { receiver.close(3002, "").await });
    let (left, right) = soon(join(left, right)).await;
    assert_eq!(left.unwrap(), right.unwrap());
    assert_eq!(lines(&report(&id, "end").await, "frame").len(), 1);
}

#[test]
async fn both_halves_of_a_stream_closing_at_once_get_the_same() {
    let (mut input, mut output) = stream_socket("/raw").await.unwrap().split();
    let (left, right) = soon(join(input.close(3001, "left"), output.close(3002, "right"))).await;
    let left = left.unwrap();
    assert_closed(&left, 3001, "left");
    assert_eq!(right.unwrap(), left);
}

#[test]
async fn closing_at_the_same_time_as_the_peer_is_clean() {
    // The peer's Close is on its way and nobody has received it; either of the two may win.
    let mut socket = message_socket("/close?code=4001&reason=peer").await.unwrap();
    let closed = soon(socket.close(3000, "here")).await.unwrap();
    assert!(closed.was_clean(), "{closed:?}");
    assert!([3000, 4001].map(CloseCode::from).contains(&closed.code()), "{closed:?}");
    assert_eq!(soon(socket.close(3002, "")).await.unwrap(), closed);
}

#[test]
async fn after_a_close_nothing_is_received() {
    let mut socket = message_socket("/text?body=unread&count=10").await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("unread"));
    soon(socket.close(CloseCode::NORMAL, "")).await.unwrap();
    for _ in 0..3 {
        assert_eq!(soon(socket.receive()).await.unwrap(), None);
        assert_eq!(socket.try_receive().unwrap(), None);
    }
}

#[test]
async fn a_waiting_receive_ends_when_the_other_half_closes() {
    let (mut sender, mut receiver) = message_socket("/raw").await.unwrap().split();
    let (waiting, waits) = oneshot::channel();
    let received = spawn(async move {
        let mut receive = pin!(receiver.receive());
        assert!(poll_immediate(receive.as_mut()).await.is_none(), "there is nothing to receive");
        waiting.send(()).unwrap();
        receive.await
    });
    soon(waits).await.unwrap();
    assert_closed(&soon(sender.close(CloseCode::NORMAL, "")).await.unwrap(), 1000, "");
    assert_eq!(soon(received).await.unwrap(), None);
}

#[test]
async fn a_waiting_receive_ends_though_the_peer_never_answers() {
    let control = Control::new().close_timeout(LIMIT * 2);
    let (mut sender, mut receiver) = message_socket_with("/never-close", control).await.unwrap().split();
    let mut receive = pin!(receiver.receive());
    assert!(poll_immediate(receive.as_mut()).await.is_none());
    let mut close = pin!(sender.close(CloseCode::NORMAL, ""));
    assert!(poll_immediate(close.as_mut()).await.is_none());
    assert_eq!(soon(receive).await.unwrap(), None);
}

#[test]
async fn what_arrives_after_the_close_is_discarded() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/data-after-close?id={id}")).await.unwrap();
    assert_closed(&soon(socket.close(3000, "no more")).await.unwrap(), 3000, "no more");
    assert_eq!(soon(socket.receive()).await.unwrap(), None);
    assert_eq!(socket.information().received().messages, 0);
    assert_eq!(lines(&report(&id, "end").await, "end"), ["end eof"]);
}

#[test]
async fn what_arrives_after_the_close_of_a_stream_is_discarded() {
    // The late messages are text, which would be an error before the close.
    let mut stream = stream_socket("/data-after-close").await.unwrap();
    assert_closed(&soon(stream.close(3000, "")).await.unwrap(), 3000, "");
    assert_eq!(soon(stream.read_chunk()).await.unwrap(), None);
}

#[test]
async fn what_arrives_after_the_close_is_not_held_against_the_limit() {
    let control = Control::new().max_message_size(Some(3));
    let mut socket = message_socket_with("/data-after-close", control).await.unwrap();
    assert_closed(&soon(socket.close(3000, "")).await.unwrap(), 3000, "");
    assert_eq!(soon(socket.receive()).await.unwrap(), None);
}

#[test]
async fn a_peer_that_never_answers_ends_the_close_within_its_timeout() {
    let id = unique_id();
    let control = Control::new().close_timeout(Duration::from_millis(1500));
    let mut socket = message_socket_with(&format!("/never-close?id={id}"), control).await.unwrap();
    let closed = {
        let close = pin!(socket.close(3000, "anyone?"));
        let Either::Right((_, close)) = select(close, pin!(sleep(Duration::from_millis(100)))).await else {
            panic!("the close did not wait for the peer");
        };
        let Either::Left((closed, _)) = select(close, pin!(sleep(Duration::from_secs(8)))).await else {
            panic!("the close took longer than its timeout");
        };
        closed.unwrap()
    };
    assert_abnormal(&closed);
    assert_eq!(socket.closed(), Some(closed.clone()));
    assert_eq!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap(), closed);
    assert_eq!(soon(socket.receive()).await.unwrap(), None);
    // A browser keeps TCP for as long as it likes.
    let until = if BROWSER { "close" } else { "end" };
    assert_eq!(lines(&report(&id, until).await, "close"), ["close 3000 anyone?"]);
}

#[test]
async fn a_close_that_was_given_up_goes_on() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/raw?id={id}")).await.unwrap();
    assert!(poll_immediate(pin!(socket.close(3000, "begun"))).await.is_none(), "no peer is so fast");
    report(&id, "close 3000 begun").await;
    assert_closed(&soon(socket.close(3001, "again")).await.unwrap(), 3000, "begun");
}

#[test]
async fn bad_codes_are_refused_before_a_byte_is_sent() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/echo?id={id}")).await.unwrap();
    let codes = [0, 1, 999, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1009, 1011, 1015, 1016, 2999, 5000, 65535];
    for code in codes {
        let error = soon(socket.close(code, "")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{code}");
        assert_eq!(error.hresult(), HResult::E_INVALIDARG);
        assert!(error.to_string().contains(&code.to_string()), "{error}");
        assert!(!CloseCode::from(code).is_sendable());
    }
    assert_still_works(&mut socket, &id).await;
}

#[test]
async fn bad_codes_are_refused_by_a_stream_and_by_each_half() {
    let mut stream: StreamWebSocket = stream_socket("/raw").await.unwrap();
    assert_eq!(soon(stream.close(1001, "")).await.unwrap_err().kind(), ErrorKind::InvalidArgument);
    let (mut input, mut output) = stream.split();
    assert_eq!(soon(input.close(1005, "")).await.unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(soon(output.close(5000, "")).await.unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_closed(&soon(output.close(3000, "")).await.unwrap(), 3000, "");
}

#[test]
async fn every_other_code_may_be_sent() {
    for code in [1000, 3000, 3999, 4000, 4999] {
        let id = unique_id();
        let mut socket = message_socket(&format!("/raw?id={id}")).await.unwrap();
        assert!(CloseCode::from(code).is_sendable());
        assert_closed(&soon(socket.close(code, "why")).await.unwrap(), code, "why");
        assert_eq!(lines(&report(&id, "end").await, "close"), [format!("close {code} why")]);
    }
}

#[test]
async fn reasons_that_are_too_long_are_refused_before_a_byte_is_sent() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/echo?id={id}")).await.unwrap();
    // The last has fewer than 123 characters, and more than 123 bytes.
    for reason in ["x".repeat(124), "x".repeat(100_000), "\u{20ac}".repeat(42)] {
        let error = soon(socket.close(CloseCode::NORMAL, &reason)).await.unwrap_err();
        assert_eq!((error.kind(), error.hresult()), (ErrorKind::InvalidArgument, HResult::E_INVALIDARG));
    }
    assert_still_works(&mut socket, &id).await;
}

#[test]
async fn the_longest_reasons_arrive_whole() {
    for reason in ["x".repeat(123), "\u{20ac}".repeat(41), format!("{}xyz", "\u{1d11e}".repeat(30))] {
        assert_eq!(reason.len(), 123);
        let id = unique_id();
        let mut socket = message_socket(&format!("/raw?id={id}")).await.unwrap();
        assert_closed(&soon(socket.close(3000, &reason)).await.unwrap(), 3000, &reason);
        let record = report(&id, "end").await;
        assert_eq!(lines(&record, "close"), [format!("close 3000 {reason}")]);
    }
}

#[test]
async fn sending_after_a_close_fails() {
    let mut socket = message_socket("/raw").await.unwrap();
    soon(socket.send("last")).await.unwrap();
    soon(socket.close(CloseCode::NORMAL, "")).await.unwrap();
    let error = soon(socket.send("late")).await.unwrap_err();
    assert_eq!((error.kind(), error.hresult()), (ErrorKind::Closed, HResult::RO_E_CLOSED));
    assert_eq!(error.hresult().code(), 0x8000_0013);
    // What was sent before has left.
    soon(socket.flush()).await.unwrap();
    assert_eq!(socket.buffered_amount(), 0);
}

#[test]
async fn sending_before_a_close_is_answered_fails() {
    let control = Control::new().close_timeout(LIMIT * 2);
    let (mut sender, mut receiver) = message_socket_with("/never-close", control).await.unwrap().split();
    soon(sender.send("last")).await.unwrap();
    let mut close = pin!(receiver.close(CloseCode::NORMAL, ""));
    assert!(poll_immediate(close.as_mut()).await.is_none(), "the peer does not answer");
    assert_eq!(soon(sender.send("late")).await.unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(soon(SinkExt::send(&mut sender, "late".into())).await.unwrap_err().kind(), ErrorKind::Closed);
}

#[test]
async fn a_send_that_waits_for_room_ends_when_the_other_half_closes() {
    // The peer reads nothing, and no system buffers so much. Where sends may wait for ever, a close waits for its own timeout.
    let control = Control::new().outbound_buffer_size(0).send_timeout(None).close_timeout(Duration::from_millis(500));
    let (mut sender, mut receiver) = message_socket_with("/slow-reader", control).await.unwrap().split();
    soon(sender.send(vec![0; 32 << 20])).await.unwrap();
    let (waiting, waits) = oneshot::channel();
    let sent = spawn(async move {
        let mut send = pin!(sender.send("no room"));
        assert!(poll_immediate(send.as_mut()).await.is_none(), "there is no room");
        waiting.send(()).unwrap();
        send.await
    });
    soon(waits).await.unwrap();
    yield_now().await;
    let error = soon(receiver.close(CloseCode::NORMAL, "")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "a Close that was not sent is no success");
    assert_abnormal(&receiver.closed().unwrap());
    assert_eq!(soon(receiver.close(CloseCode::NORMAL, "")).await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(soon(sent).await.unwrap_err().kind(), ErrorKind::Closed);
}

#[track_caller]
fn assert_abnormal(closed: &Closed) {
    assert_eq!((closed.code(), closed.reason(), closed.was_clean()), (CloseCode::ABNORMAL, "", false));
}

async fn assert_still_works(socket: &mut MessageWebSocket, id: &str) {
    assert_eq!(socket.closed(), None);
    soon(socket.send("still")).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("still"));
    assert_closed(&soon(socket.close(3000, "well")).await.unwrap(), 3000, "well");
    let record = report(id, "end").await;
    assert_eq!(lines(&record, "close"), ["close 3000 well"]);
    assert_eq!(lines(&record, "message"), ["message text 5"]);
}
