//! `Control::backpressure`: a peer that waits for the program, and a program that waits for its peer.

use std::{pin::Pin, task::Poll};

use futures::{AsyncWrite, AsyncWriteExt};
use websocket_anywhere::{CloseCode, Control, ErrorKind, StreamWebSocket};

use crate::support::{
    BROWSER, message_socket_with, peer, peers_wait_on_request, poll_once,
    pressure::{assert_sunk, release},
    report, soon, stream_socket, test, unique_id,
    wire::{BINARY, CLOSE, frame, pattern, script},
    yield_now,
};

const MIB: usize = 1 << 20;

/// More than the kernel buffers of both sides and the buffers of a browser hold.
const MAX_BLOCKED: usize = 24 * MIB;

#[test]
async fn the_data_of_an_unread_socket_stay_with_the_server() {
    let id = unique_id();
    let total = 48 * MIB;
    let control = Control::new().backpressure(true);
    let path = format!("/flood?bytes={total}&size={}&id={id}", MIB / 16);
    let mut socket = message_socket_with(&path, control).await.unwrap();
    if peers_wait_on_request() {
        let record = report(&id, "blocked").await;
        let blocked = record.lines().find_map(|line| line.strip_prefix("blocked ")).unwrap();
        assert!(blocked.parse::<usize>().unwrap() < MAX_BLOCKED, "{record}");
    }
    let message = pattern(0, MIB / 16);
    for _ in 0..total / message.len() {
        assert!(soon(socket.receive()).await.unwrap().unwrap().as_bytes() == message);
    }
    assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
}

#[test]
async fn a_program_that_receives_little_at_a_time_gets_all() {
    let total = 8 * MIB;
    let control = Control::new().backpressure(true).inbound_buffer_size(0);
    let mut socket = message_socket_with(&format!("/flood?bytes={total}&size=1000"), control).await.unwrap();
    let mut received = 0;
    while received < total {
        let message = soon(socket.receive()).await.unwrap().unwrap();
        assert!(message.as_bytes() == pattern(0, message.as_bytes().len()));
        received += message.as_bytes().len();
        if received % 200_000 == 0 {
            yield_now().await;
        }
    }
    assert_eq!(received, total);
}

#[test]
async fn a_stream_whose_peer_does_not_read_waits_and_loses_nothing() {
    let id = unique_id();
    let mut stream = stream_socket(&format!("/slow-reader?id={id}")).await.unwrap();
    let message = pattern(0, 64 << 10);
    let (mut written, mut waits) = (0, 0);
    while waits < 25 {
        match poll_once(std::future::poll_fn(|cx| Pin::new(&mut stream).poll_write(cx, &message))) {
            Poll::Ready(result) => (written, waits) = (written + result.unwrap(), 0),
            Poll::Pending => {
                waits += 1;
                crate::support::sleep(std::time::Duration::from_millis(4)).await;
            }
        }
        assert!(written < 64 * MIB, "writes do not wait");
    }
    assert!(written >= MIB && written % message.len() == 0, "{written}");
    release(&id).await;
    soon(AsyncWriteExt::flush(&mut stream)).await.unwrap();
    assert_eq!(stream.buffered_amount(), 0);
    soon(AsyncWriteExt::close(&mut stream)).await.unwrap();
    assert_sunk(&id, std::iter::repeat_n(&message[..], written / message.len())).await;
}

/// A first message that fills the buffer, two more, and a Close.
async fn closed_while_unread(control: Control) -> StreamWebSocket {
    let frames = [vec![1; 5000], vec![2; 10], vec![3; 10]].map(|payload| frame(true, BINARY, &payload));
    let id = unique_id();
    let path =
        script(&[frames.concat(), frame(true, CLOSE, b"\x03\xe8")].concat(), &format!("then=closed&held=1&id={id}"));
    let control = control.inbound_buffer_size(1000);
    let stream = soon(StreamWebSocket::connect_with(&peer(&path), control)).await.unwrap();
    release(&id).await;
    // Natively nothing is read, and nothing answered, before the program reads.
    if BROWSER {
        report(&id, "end").await;
    }
    stream
}

#[test]
async fn what_a_browser_threw_away_when_the_server_closed_is_an_error_and_not_an_end() {
    let mut stream = closed_while_unread(Control::new().backpressure(true)).await;
    let mut bytes = Vec::new();
    let end = loop {
        match soon(stream.read_chunk()).await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => break None,
            Err(error) => break Some(error.kind()),
        }
    };
    assert_eq!(bytes[..5000], vec![1; 5000]);
    if end.is_none() {
        assert_eq!(bytes.len(), 5020, "bytes are missing, and nothing says so");
    } else {
        assert!(peers_wait_on_request() && BROWSER, "only a WebSocketStream loses");
        assert_eq!(end, Some(ErrorKind::InboundBufferFull));
        assert_eq!(bytes.len(), 5010, "what the browser kept is delivered");
    }
    let closed = stream.closed().unwrap();
    assert_eq!((closed.code(), closed.was_clean()), (CloseCode::NORMAL, true));
    assert_eq!(soon(stream.read_chunk()).await.unwrap(), None);
}

#[test]
async fn without_backpressure_nothing_is_lost_when_the_server_closes() {
    let mut stream = closed_while_unread(Control::new()).await;
    let mut bytes = Vec::new();
    while let Some(chunk) = soon(stream.read_chunk()).await.unwrap() {
        bytes.extend_from_slice(&chunk);
    }
    assert_eq!(bytes.len(), 5020);
}

#[test]
async fn closing_amid_a_flood_that_nobody_reads_ends_soon() {
    for whole in [true, false] {
        let id = unique_id();
        let path = format!("/flood?bytes={}&id={id}", 80 * MIB);
        let control = Control::new().backpressure(true);
        let mut socket = message_socket_with(&path, control).await.unwrap();
        if peers_wait_on_request() {
            report(&id, "blocked").await;
        }
        if whole {
            assert!(soon(socket.close(4000_u16, "enough")).await.unwrap().was_clean());
            report(&id, "close 4000 enough").await;
        } else {
            drop(socket);
            report(&id, "close empty").await;
        }
        report(&id, "end").await;
    }
}

#[test]
async fn a_close_that_comes_while_messages_are_unread_is_no_error_if_it_was_the_last() {
    let id = unique_id();
    let bytes = [frame(true, BINARY, &[1; 5000]), frame(true, CLOSE, b"\x03\xe8")].concat();
    let control = Control::new().backpressure(true).inbound_buffer_size(1000);
    let mut socket = message_socket_with(&script(&bytes, &format!("then=closed&id={id}")), control).await.unwrap();
    if BROWSER {
        report(&id, "end").await;
    }
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_bytes().len(), 5000);
    assert_eq!(soon(socket.receive()).await.unwrap(), None);
}
