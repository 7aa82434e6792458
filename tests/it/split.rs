//! Halves in different tasks, and together again.

use futures::{AsyncReadExt, AsyncWriteExt};
use websocket_anywhere::{CloseCode, Message};

use crate::support::{message_socket, soon, spawn, stream_socket, test, wire::pattern};

const COUNT: usize = 10_000;

#[test]
async fn both_directions_go_at_once_from_two_tasks() {
    let (mut sender, mut receiver) = message_socket("/echo").await.unwrap().split();
    let sending = spawn(async move {
        for number in 0..COUNT {
            // Long and short ones: single frames gather, long ones wait.
            let message = if number % 100 == 0 { vec![7; 20_000 + number] } else { number.to_be_bytes().to_vec() };
            sender.send(message).await.unwrap();
        }
        sender.flush().await.unwrap();
        sender
    });
    let receiving = spawn(async move {
        for number in 0..COUNT {
            let message = receiver.receive().await.unwrap().unwrap();
            let expected = if number % 100 == 0 { vec![7; 20_000 + number] } else { number.to_be_bytes().to_vec() };
            assert!(message.as_bytes() == expected, "message {number}");
        }
        receiver
    });
    let (sender, receiver) = soon(futures::future::join(sending, receiving)).await;
    let mut socket = sender.reunite(receiver).unwrap();
    socket.send("together").await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from("together")));
    let closed = soon(socket.close(CloseCode::NORMAL, "")).await.unwrap();
    assert!(closed.was_clean());
}

#[test]
async fn bytes_go_both_ways_at_once_from_two_tasks() {
    let (mut input, mut output) = stream_socket("/echo").await.unwrap().split();
    let data = pattern(0, 4 << 20);
    let len = data.len();
    let writing = spawn(async move {
        AsyncWriteExt::write_all(&mut output, &data).await.unwrap();
        output
    });
    let reading = spawn(async move {
        let mut read = vec![0; len];
        AsyncReadExt::read_exact(&mut input, &mut read).await.unwrap();
        (input, read)
    });
    let (output, (input, read)) = soon(futures::future::join(writing, reading)).await;
    assert!(read == pattern(0, len));
    let mut stream = output.reunite(input).unwrap();
    AsyncWriteExt::write_all(&mut stream, b"together").await.unwrap();
    assert_eq!(soon(stream.read_chunk()).await.unwrap().unwrap(), "together");
    assert!(soon(stream.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
}

#[test]
async fn halves_of_different_sockets_are_given_back_and_still_work() {
    let (sender, mut other_receiver) = message_socket("/echo").await.unwrap().split();
    let (mut other_sender, receiver) = message_socket("/echo").await.unwrap().split();
    let error = sender.reunite(receiver).unwrap_err();
    assert_eq!(error.to_string(), "the halves are not of the same socket");
    let (mut sender, mut receiver) = error.into_halves();
    sender.send("first").await.unwrap();
    assert_eq!(soon(other_receiver.receive()).await.unwrap(), Some(Message::from("first")));
    other_sender.send("second").await.unwrap();
    assert_eq!(soon(receiver.receive()).await.unwrap(), Some(Message::from("second")));
    sender.reunite(other_receiver).unwrap();
    other_sender.reunite(receiver).unwrap();
}

#[test]
async fn halves_of_different_streams_are_given_back_and_still_work() {
    let (mut other_input, output) = stream_socket("/echo").await.unwrap().split();
    let (input, mut other_output) = stream_socket("/echo").await.unwrap().split();
    let (mut output, mut input) = output.reunite(input).unwrap_err().into_halves();
    AsyncWriteExt::write_all(&mut output, b"first").await.unwrap();
    assert_eq!(soon(other_input.read_chunk()).await.unwrap().unwrap(), "first");
    AsyncWriteExt::write_all(&mut other_output, b"second").await.unwrap();
    assert_eq!(soon(input.read_chunk()).await.unwrap().unwrap(), "second");
    output.reunite(other_input).unwrap();
    other_output.reunite(input).unwrap();
}

#[test]
async fn both_halves_tell_the_same() {
    let (mut sender, mut receiver) = message_socket("/echo").await.unwrap().split();
    sender.send("abc").await.unwrap();
    soon(receiver.receive()).await.unwrap().unwrap();
    assert_eq!(sender.information(), receiver.information());
    assert_eq!(sender.information().received().bytes, 3);
    assert_eq!((sender.closed(), receiver.closed()), (None, None));
    let closed = soon(receiver.close(4321_u16, "from the receiver")).await.unwrap();
    assert_eq!((u16::from(closed.code()), closed.reason()), (4321, "from the receiver"));
    assert_eq!((sender.closed(), receiver.closed()), (Some(closed.clone()), Some(closed.clone())));
    assert_eq!(soon(sender.close(CloseCode::NORMAL, "")).await.unwrap(), closed);
}
