//! Who ends TCP, and when: RFC 6455 section 7.1.1.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use websocket_anywhere::{CloseCode, Control, ErrorKind, MessageWebSocket, ServerControl, ServerMessageWebSocket};

use super::memory_pipe::{CAPACITY, message_socket, read_frame, read_head};
use crate::support::{poll_once, soon};

/// A setting by which no time-out hides who is the first.
fn patient() -> Control {
    Control::new().close_timeout(Duration::MAX)
}

/// An open socket in the role of a server, and its client's transport.
async fn server_socket() -> (MessageWebSocket, DuplexStream) {
    let (near, mut far) = duplex(CAPACITY);
    let request = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    far.write_all(request.as_bytes()).await.unwrap();
    let socket = soon(ServerMessageWebSocket::accept(near, ServerControl::new().settings(patient()))).await.unwrap();
    read_head(&mut far).await;
    (socket, far)
}

/// The peer reads to the end while its own direction is open; gives what came before.
async fn read_to_end(peer: &mut DuplexStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    soon(peer.read_to_end(&mut bytes)).await.unwrap();
    bytes
}

#[tokio::test]
async fn a_client_that_fails_the_connection_is_the_first_to_end_tcp() {
    let (mut socket, mut server) = message_socket(patient()).await;
    server.write_all(b"\x8f\x00").await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap_err().kind(), ErrorKind::Protocol);
    assert_eq!(soon(read_frame(&mut server)).await.0, 0x88);
    assert_eq!(read_to_end(&mut server).await, b"");
}

#[tokio::test]
async fn a_server_is_the_first_to_end_tcp_whoever_closes() {
    let close = b"\x88\x82\x00\x00\x00\x00\x03\xe8";
    for closes_itself in [false, true] {
        let (mut socket, mut client) = server_socket().await;
        if closes_itself {
            assert!(poll_once(socket.close(CloseCode::NORMAL, "")).is_pending());
        }
        client.write_all(close).await.unwrap();
        assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
        assert_eq!(read_to_end(&mut client).await, b"\x88\x02\x03\xe8");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_waits_for_its_server_to_end_tcp() {
    for closes_itself in [false, true] {
        let (mut socket, mut server) = message_socket(patient()).await;
        if closes_itself {
            assert!(poll_once(socket.close(CloseCode::NORMAL, "")).is_pending());
        }
        server.write_all(b"\x88\x02\x03\xe8").await.unwrap();
        assert!(socket.close(CloseCode::NORMAL, "").await.unwrap().was_clean());
        assert_eq!(read_frame(&mut server).await.0, 0x88);
        // The clock stands still until everybody waits.
        let more = tokio::time::timeout(Duration::from_secs(3600), server.read_u8()).await;
        assert!(more.is_err(), "closed here: {closes_itself}, {more:?}");
    }
}
