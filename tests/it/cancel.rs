//! A future of a `MessageWebSocket` that is dropped before it is ready loses nothing.

use std::{pin::pin, task::Poll};

use futures::{
    StreamExt,
    future::{Either, select},
};
use websocket_anywhere::{CloseCode, Message};

use crate::support::{
    impatiently, message_socket, poll_once,
    pressure::{assert_sunk, fill, release},
    report, soon, test, unique_id,
    wire::{BINARY, CLOSE, CONTINUATION, PING, TEXT, frame, pattern, script},
    yield_now,
};

/// Frames of every kind, and the messages in them.
fn frames() -> (Vec<u8>, Vec<Message>) {
    let large = pattern(0, 12_000);
    let frames = [
        frame(true, TEXT, b"first"),
        frame(true, BINARY, b""),
        frame(false, TEXT, b"in \xe2\x82"),
        frame(true, PING, b"between"),
        frame(false, CONTINUATION, b"\xac"),
        frame(false, CONTINUATION, b""),
        frame(true, CONTINUATION, b" pieces"),
        frame(true, BINARY, &large),
        frame(true, TEXT, b"last"),
        frame(true, CLOSE, b"\x03\xe8end"),
    ];
    let messages = ["first".into(), [].into(), "in € pieces".into(), large.into(), "last".into()];
    (frames.concat(), messages.into())
}

#[test]
async fn receive_dropped_at_every_await_loses_nothing() {
    for mode in ["bytes", "whole", "glued"] {
        let (bytes, messages) = frames();
        let mut socket = message_socket(&script(&bytes, &format!("mode={mode}&then=closed"))).await.unwrap();
        for message in messages {
            assert_eq!(impatiently(async || socket.receive().await).await.unwrap(), Some(message));
        }
        assert_eq!(impatiently(async || socket.receive().await).await.unwrap(), None);
        assert_eq!(socket.closed().unwrap().reason(), "end");
    }
}

#[test]
async fn the_half_and_the_stream_of_messages_lose_nothing_either() {
    let (bytes, messages) = frames();
    let path = script(&bytes, "mode=bytes&then=closed");
    let (sender, mut receiver) = message_socket(&path).await.unwrap().split();
    for message in &messages {
        assert_eq!(impatiently(async || receiver.receive().await).await.unwrap().as_ref(), Some(message));
    }
    assert_eq!(impatiently(async || receiver.receive().await).await.unwrap(), None);
    drop(sender);

    let mut socket = message_socket(&path).await.unwrap();
    for message in &messages {
        assert_eq!(&impatiently(async || socket.next().await).await.unwrap().unwrap(), message);
    }
    assert!(impatiently(async || socket.next().await).await.is_none());
}

#[test]
async fn receive_in_a_select_loses_nothing() {
    let mut socket = message_socket("/echo").await.unwrap();
    for number in 0..500 {
        socket.send(number.to_string()).await.unwrap();
    }
    let mut received = 0;
    soon(async {
        while received < 500 {
            let other = pin!(yield_now());
            if let Either::Left((message, _)) = select(pin!(socket.receive()), other).await {
                assert_eq!(message.unwrap().unwrap().as_text(), Some(&*received.to_string()));
                received += 1;
            }
        }
    })
    .await;
}

#[test]
async fn a_dropped_send_sends_nothing_of_its_message() {
    let id = unique_id();
    let (kept, lost) = (pattern(0, 64 << 10), vec![255; 64 << 10]);
    let mut socket = message_socket(&format!("/slow-reader?id={id}")).await.unwrap();
    let count = fill(&mut socket, &kept, 1 << 20).await;
    for _ in 0..10 {
        assert!(matches!(poll_once(socket.send(&lost)), Poll::Pending));
        assert!(matches!(poll_once(socket.send(vec![255; 10])), Poll::Pending));
    }
    release(&id).await;
    soon(socket.send("last".as_bytes())).await.unwrap();
    impatiently(async || socket.flush().await).await.unwrap();
    assert_eq!(socket.buffered_amount(), 0);
    soon(socket.close(CloseCode::NORMAL, "")).await.unwrap();
    assert_sunk(&id, std::iter::repeat_n(&kept[..], count).chain([&b"last"[..]])).await;
}

#[test]
async fn sends_that_are_tried_again_and_again_send_once() {
    let id = unique_id();
    let (mut sender, receiver) = message_socket(&format!("/slow-reader?id={id}")).await.unwrap().split();
    let message = pattern(0, 64 << 10);
    let count = fill(&mut sender, &message, 1 << 20).await;
    release(&id).await;
    for number in 0..50_u8 {
        impatiently(async || sender.send(&[number; 100_000]).await).await.unwrap();
    }
    let mut socket = sender.reunite(receiver).unwrap();
    impatiently(async || socket.close(CloseCode::NORMAL, "").await).await.unwrap();
    let later: Vec<_> = (0..50_u8).map(|number| [number; 100_000]).collect();
    let later = later.iter().map(|message| &message[..]);
    assert_sunk(&id, std::iter::repeat_n(&message[..], count).chain(later)).await;
}

#[test]
async fn a_dropped_close_goes_on_and_its_outcome_can_be_had_again() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/echo?id={id}")).await.unwrap();
    socket.send("before").await.unwrap();
    assert!(matches!(poll_once(socket.close(4000_u16, "dropped")), Poll::Pending));
    let record = report(&id, "close 4000 dropped").await;
    assert!(record.contains("\nmessage text 6\n"), "{record}");
    let closed = soon(socket.close(CloseCode::NORMAL, "another")).await.unwrap();
    assert_eq!((u16::from(closed.code()), closed.reason(), closed.was_clean()), (4000, "dropped", true));
    report(&id, "end eof").await;
}

#[test]
async fn a_close_dropped_at_every_await_closes_once() {
    let id = unique_id();
    let (_sender, mut receiver) = message_socket(&format!("/raw?id={id}")).await.unwrap().split();
    let closed = impatiently(async || receiver.close(4001_u16, "again").await).await.unwrap();
    assert_eq!((u16::from(closed.code()), closed.was_clean()), (4001, true));
    let record = report(&id, "end").await;
    assert_eq!(record.lines().filter(|line| line.starts_with("frame opcode=8 ")).count(), 1, "{record}");
}

#[test]
async fn a_close_that_was_never_polled_does_nothing() {
    let mut socket = message_socket("/echo").await.unwrap();
    drop(socket.close(CloseCode::NORMAL, "never"));
    socket.send("open").await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from("open")));
}
