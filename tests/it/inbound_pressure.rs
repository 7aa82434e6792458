//! A client that does not read: the peer waits, or a browser that cannot make it wait keeps what it may.

use websocket_anywhere::{CloseCode, ErrorKind, MessageWebSocket};

use crate::support::{
    message_socket, peers_wait, report, soon, stream_socket, test, unique_id, wire::pattern, yield_now,
};

const MIB: usize = 1 << 20;

/// More than the kernel buffers of both sides and the read buffer hold.
const MAX_BLOCKED: usize = 24 * MIB;

/// Waits until all of the flood that the client takes unread has left the peer.
async fn flooded(id: &str, total: usize, waits: bool) {
    if !waits {
        report(id, &format!("sent {total}")).await;
        return;
    }
    let record = report(id, "blocked").await;
    let blocked = record.lines().find_map(|line| line.strip_prefix("blocked ")).unwrap();
    let blocked: usize = blocked.parse().unwrap();
    assert!(blocked < MAX_BLOCKED, "the peer could send {blocked} bytes to a client that does not read");
}

async fn assert_flood(socket: &mut MessageWebSocket, count: usize, message: &[u8]) {
    for number in 0..count {
        let received = soon(socket.receive()).await.unwrap().unwrap();
        assert!(received.as_bytes() == message, "message {number} is damaged");
    }
}

#[test]
async fn messages_wait_for_a_client_that_does_not_receive() {
    let id = unique_id();
    let total = 48 * MIB;
    let mut socket = message_socket(&format!("/flood?bytes={total}&size={}&id={id}", MIB / 4)).await.unwrap();
    flooded(&id, total, peers_wait()).await;
    assert_flood(&mut socket, 192, &pattern(0, MIB / 4)).await;
    assert_eq!(socket.try_receive().unwrap(), None);
    assert_eq!(socket.information().received().bytes, total as u64);
    assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
}

#[test]
async fn bytes_wait_for_a_client_that_does_not_read() {
    let id = unique_id();
    let total = 48 * MIB;
    let mut stream = stream_socket(&format!("/flood?bytes={total}&id={id}")).await.unwrap();
    flooded(&id, total, peers_wait()).await;
    let message = pattern(0, 64 << 10);
    let mut read = 0;
    while read < total {
        let chunk = soon(stream.read_chunk()).await.unwrap().unwrap();
        for byte in &chunk {
            assert!(*byte == message[read % message.len()], "byte {read} is damaged");
            read += 1;
        }
    }
    assert_eq!(read, total);
}

#[test]
async fn more_unread_messages_than_a_browser_may_keep_are_an_error_after_those_kept() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/flood?bytes={}&size={MIB}&id={id}", 80 * MIB)).await.unwrap();
    let message = pattern(0, MIB);
    if peers_wait() {
        return assert_flood(&mut socket, 80, &message).await;
    }
    soon(async {
        while socket.closed().is_none() {
            yield_now().await;
        }
    })
    .await;
    assert_flood(&mut socket, 64, &message).await;
    assert_eq!(soon(socket.receive()).await.unwrap_err().kind(), ErrorKind::InboundBufferFull);
    assert_eq!(soon(socket.receive()).await.unwrap(), None);
    assert_eq!(socket.send("later").await.unwrap_err().kind(), ErrorKind::InboundBufferFull);
    assert!(
        report(&id, "close").await.contains("\nclose 3009 "),
        "the code of a message too big, from the private range"
    );
}

#[test]
async fn a_sender_without_its_receiver_discards_what_arrives_and_sees_the_close() {
    let id = unique_id();
    // Ten messages, a close in the end.
    let bytes: Vec<u8> = (0..10).flat_map(|_| crate::support::wire::frame(true, 2, &[7; 1000])).collect();
    let close = crate::support::wire::frame(true, 8, b"\x0f\xa1over");
    let path = crate::support::wire::script(&[bytes, close].concat(), &format!("then=closed&id={id}"));
    let (mut sender, receiver) = message_socket(&path).await.unwrap().split();
    drop(receiver);
    // Not everybody gives the reason back.
    report(&id, "close 4001").await;
    soon(async {
        while sender.closed().is_none() {
            yield_now().await;
        }
    })
    .await;
    let closed = sender.closed().unwrap();
    assert_eq!((u16::from(closed.code()), closed.reason(), closed.was_clean()), (4001, "over", true));
    assert_eq!(sender.send("late").await.unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(soon(sender.close(CloseCode::NORMAL, "")).await.unwrap(), closed);
}

#[test]
async fn a_sender_without_its_receiver_takes_a_flood_and_answers_pings() {
    let id = unique_id();
    let (mut sender, receiver) = message_socket(&format!("/flood?bytes={}&id={id}", 80 * MIB)).await.unwrap().split();
    drop(receiver);
    sender.send("still here").await.unwrap();
    let record = report(&id, "frame opcode=1 ").await;
    assert!(record.contains(&format!("\nsent {}", 80 * MIB)), "{record}");

    let id = unique_id();
    let (mut sender, receiver) = message_socket(&format!("/ping?payload=alive&id={id}")).await.unwrap().split();
    drop(receiver);
    report(&id, "frame opcode=10 fin=1 masked=1 len=5 hex=616c697665").await;
    assert!(soon(sender.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
}
