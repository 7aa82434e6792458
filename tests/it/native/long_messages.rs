//! Long messages that are given away: they are masked on their way, and all else is as for short ones.

use bytes::Bytes;
use tokio::io::duplex;
use websocket_anywhere::{Control, Message, MessageWebSocket, ServerControl, ServerMessageWebSocket};

use super::memory_pipe::{CAPACITY, URL, message_socket, read_frame};
use crate::support::{soon, wire::pattern};

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;

/// Several pieces that are masked at once, and some more that is no multiple of a word.
const LEN: usize = (3 << 20) + 5;
/// The head of such a frame.
const HEAD: usize = 14;

#[tokio::test]
async fn what_is_sent_around_a_long_message_keeps_its_place() {
    let (mut socket, mut server) = message_socket(Control::new().outbound_buffer_size(usize::MAX)).await;
    let long = Bytes::from(pattern(0, LEN));
    let text = "🦀".repeat(LEN / 4);
    for _ in 0..2 {
        // Nobody reads, so the second round gathers behind what is on its way.
        socket.send("before").await.unwrap();
        socket.send(long.clone()).await.unwrap();
        socket.send(text.clone()).await.unwrap();
        socket.send(long.slice(1..)).await.unwrap();
        socket.send("behind").await.unwrap();
    }
    soon(async {
        for _ in 0..2 {
            assert_eq!(read_frame(&mut server).await, (TEXT, b"before".to_vec()));
            assert!(read_frame(&mut server).await == (BINARY, long.to_vec()));
            assert!(read_frame(&mut server).await == (TEXT, text.clone().into_bytes()));
            assert!(read_frame(&mut server).await == (BINARY, long[1..].to_vec()));
            assert_eq!(read_frame(&mut server).await, (TEXT, b"behind".to_vec()));
        }
    })
    .await;
    soon(socket.flush()).await.unwrap();
    assert_eq!(socket.buffered_amount(), 0);
}

#[tokio::test]
async fn all_of_a_long_message_counts_as_buffered_and_makes_the_next_one_wait() {
    let (mut socket, mut server) = message_socket(Control::new()).await;
    let long = Bytes::from(pattern(0, LEN));
    socket.send(long.clone()).await.unwrap();
    let buffered = socket.buffered_amount();
    assert!((LEN + HEAD - CAPACITY..=LEN + HEAD).contains(&buffered), "{buffered}");
    let (sent, (first, payload)) = tokio::join!(soon(socket.send("next")), soon(read_frame(&mut server)));
    sent.unwrap();
    assert!(first == BINARY && payload == long);
    assert_eq!(soon(read_frame(&mut server)).await, (TEXT, b"next".to_vec()));
}

#[tokio::test]
async fn long_parts_are_the_message_together() {
    let (mut socket, mut server) = message_socket(Control::new()).await;
    let (part, whole) = (Bytes::from(pattern(0, LEN)), pattern(0, 2 * LEN));
    let send = async {
        socket.send_part(part.clone(), false).await.unwrap();
        socket.send_part(Bytes::copy_from_slice(&whole[LEN..]), true).await.unwrap();
        socket.flush().await.unwrap();
    };
    let read = async { (read_frame(&mut server).await, read_frame(&mut server).await) };
    let ((), ((first, start), (second, end))) = soon(async { tokio::join!(send, read) }).await;
    assert!((first, second) == (BINARY & 0x0f, 0x80) && [start, end].concat() == whole);
}

#[tokio::test]
async fn a_server_sends_long_messages_as_they_are() {
    let (near, far) = duplex(CAPACITY);
    let client = MessageWebSocket::handshake(near, URL, Control::new());
    let server = ServerMessageWebSocket::accept(far, ServerControl::new());
    let (client, server) = tokio::join!(client, server);
    let (mut client, mut server) = (client.unwrap(), server.unwrap());
    let long = Message::from(pattern(0, LEN));
    let (sent, received) = soon(async { tokio::join!(server.send(long.clone()), client.receive()) }).await;
    sent.unwrap();
    assert!(received.unwrap() == Some(long));
}
