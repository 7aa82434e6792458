//! What dropping a socket or its halves does.

use std::{pin::pin, time::Duration};

use futures::{
    AsyncReadExt, AsyncWriteExt,
    future::{Either, select},
};
use websocket_anywhere::{CloseCode, Control};

use crate::support::{
    BROWSER, lines, message_socket, message_socket_with, poll_once, report, sleep, soon, stream_socket, test,
    unique_id, watch,
};

#[test]
async fn dropping_a_socket_sends_an_empty_close() {
    let id = unique_id();
    drop(message_socket(&format!("/raw?id={id}")).await.unwrap());
    let record = report(&id, "end").await;
    assert_eq!(lines(&record, "close"), ["close empty"], "{record}");
    assert_eq!(lines(&record, "frame").len(), 1, "{record}");
    assert_eq!(lines(&record, "end"), ["end eof"], "{record}");
}

#[test]
async fn dropping_a_stream_sends_an_empty_close() {
    let id = unique_id();
    drop(stream_socket(&format!("/raw?id={id}")).await.unwrap());
    let record = report(&id, "end").await;
    assert_eq!((lines(&record, "close"), lines(&record, "end")), (vec!["close empty"], vec!["end eof"]), "{record}");
}

#[test]
async fn dropping_a_socket_sends_what_is_queued_first() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/sink?id={id}")).await.unwrap();
    for _ in 0..100 {
        soon(socket.send("queued")).await.unwrap();
    }
    soon(socket.send(vec![1; 8 << 20])).await.unwrap();
    drop(socket);
    let record = report(&id, "end").await;
    let expected = format!("sink messages=101 text=100 binary=1 bytes={} ", 600 + (8 << 20));
    assert!(lines(&record, "sink")[0].starts_with(&expected), "{record}");
    assert_eq!(lines(&record, "close"), ["close empty"], "{record}");
}

#[test]
async fn dropping_a_socket_with_messages_unread_ends_well() {
    let id = unique_id();
    drop(message_socket(&format!("/text?id={id}&body=unread&count=1000")).await.unwrap());
    let record = report(&id, "end").await;
    assert_eq!((lines(&record, "close"), lines(&record, "end")), (vec!["close empty"], vec!["end eof"]), "{record}");
}

#[test]
async fn dropping_a_socket_that_was_closed_sends_nothing_more() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/raw?id={id}")).await.unwrap();
    soon(socket.close(3000, "")).await.unwrap();
    drop(socket);
    assert_eq!(lines(&report(&id, "end").await, "frame").len(), 1);
}

#[test]
async fn dropping_a_socket_while_it_closes_lets_it_close() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/raw?id={id}")).await.unwrap();
    assert!(poll_once(socket.close(3000, "begun")).is_pending());
    drop(socket);
    let record = report(&id, "end").await;
    assert_eq!((lines(&record, "close"), lines(&record, "end")), (vec!["close 3000 begun"], vec!["end eof"]));
}

#[test]
async fn dropping_the_sender_leaves_the_connection_open() {
    let id = unique_id();
    let (mut sender, mut receiver) = message_socket(&format!("/echo?id={id}")).await.unwrap().split();
    for _ in 0..10 {
        soon(sender.send("echo")).await.unwrap();
    }
    drop(sender);
    for _ in 0..10 {
        assert_eq!(soon(receiver.receive()).await.unwrap().unwrap().as_text(), Some("echo"));
    }
    assert_eq!(receiver.closed(), None);
    assert!(soon(receiver.close(3001, "still open")).await.unwrap().was_clean());
    assert_eq!(lines(&report(&id, "end").await, "close"), ["close 3001 still open"]);
}

#[test]
async fn dropping_the_receiver_leaves_the_connection_open() {
    let id = unique_id();
    let (mut sender, receiver) = message_socket(&format!("/echo?id={id}")).await.unwrap().split();
    drop(receiver);
    for _ in 0..10 {
        soon(sender.send("nobody reads the echo")).await.unwrap();
    }
    // The peer has seen them, and no Close before.
    assert_eq!(sender.closed(), None);
    let closed = soon(sender.close(3002, "still open")).await.unwrap();
    assert_eq!((u16::from(closed.code()), closed.was_clean()), (3002, true));
    let record = report(&id, "end").await;
    assert_eq!(lines(&record, "message").len(), 10, "{record}");
    assert_eq!(lines(&record, "close"), ["close 3002 still open"], "{record}");
}

#[test]
async fn without_a_receiver_the_peers_close_is_seen() {
    let id = unique_id();
    let (sender, receiver) = message_socket(&format!("/close?id={id}&messages=5&code=4001")).await.unwrap().split();
    drop(receiver);
    let record = report(&id, "end").await;
    assert!(lines(&record, "close")[0].starts_with("close 4001"), "{record}");
    assert_eq!(u16::from(sender.closed().unwrap().code()), 4001);
}

#[test]
async fn dropping_the_second_half_closes() {
    for sender_first in [true, false] {
        let id = unique_id();
        let (sender, receiver) = message_socket(&format!("/raw?id={id}")).await.unwrap().split();
        if sender_first {
            drop(sender);
            assert_eq!(receiver.closed(), None);
            drop(receiver);
        } else {
            drop(receiver);
            assert_eq!(sender.closed(), None);
            drop(sender);
        }
        let record = report(&id, "end").await;
        assert_eq!((lines(&record, "close"), lines(&record, "end")), (vec!["close empty"], vec!["end eof"]));
    }
}

#[test]
async fn dropping_the_halves_of_a_stream_closes_with_the_second() {
    let id = unique_id();
    let (mut input, mut output) = stream_socket(&format!("/echo?id={id}")).await.unwrap().split();
    soon(output.write_all(b"bytes")).await.unwrap();
    drop(output);
    let mut bytes = [0; 5];
    soon(input.read_exact(&mut bytes)).await.unwrap();
    assert_eq!((&bytes, input.closed()), (b"bytes", None));
    drop(input);
    assert_eq!(lines(&report(&id, "end").await, "close"), ["close empty"]);
}

#[test]
async fn halves_that_were_reunited_close_when_dropped() {
    let id = unique_id();
    let (sender, receiver) = message_socket(&format!("/raw?id={id}")).await.unwrap().split();
    let socket = sender.reunite(receiver).unwrap();
    assert_eq!(socket.closed(), None);
    drop(socket);
    assert_eq!(lines(&report(&id, "end").await, "close"), ["close empty"]);
}

#[test]
async fn dropping_a_socket_whose_peer_never_answers_ends_tcp() {
    let id = unique_id();
    let control = Control::new().close_timeout(Duration::from_millis(300));
    let socket = message_socket_with(&format!("/never-close?id={id}"), control).await.unwrap();
    // A browser keeps TCP for as long as it likes.
    let record = watch(&id, if BROWSER { "close" } else { "end" }).await;
    drop(socket);
    // Natively the default timeout is longer than this.
    let limit = Duration::from_secs(8);
    match select(pin!(record), pin!(sleep(limit))).await {
        Either::Left((record, _)) => assert_eq!(lines(&record, "close"), ["close empty"], "{record}"),
        Either::Right(_) => panic!("the farewell has not ended"),
    }
}

#[test]
async fn a_dropped_socket_does_not_hold_up_others() {
    let dropped = unique_id();
    drop(message_socket(&format!("/never-close?id={dropped}")).await.unwrap());
    let mut socket = message_socket("/echo").await.unwrap();
    soon(socket.send("free")).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("free"));
    assert_eq!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().code(), CloseCode::NORMAL);
    assert_eq!(lines(&report(&dropped, "close").await, "close"), ["close empty"]);
}
