//! Peers that are slow, on a clock that stands still until everybody waits: slow is not dead, and loses nothing.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt as _, DuplexStream, duplex},
    time::{Instant, sleep},
};
use websocket_anywhere::{CloseCode, Control, ErrorKind, MessageWebSocket};

use super::memory_pipe::{CAPACITY, URL, accept, message_socket, read_frame, stream_socket};
use crate::support::{known, poll_once, soon};

const MESSAGE: usize = 900_000;
const SECOND: Duration = Duration::from_secs(1);

/// Takes 50 kB a second, answers the Close, and gives how many bytes of messages came and how the Close was.
async fn slow_server(mut server: DuplexStream) -> (usize, Vec<u8>) {
    let (mut bytes, mut input) = (0, Vec::new());
    let mut piece = [0; 5000];
    loop {
        sleep(SECOND / 10).await;
        let amount = server.read(&mut piece).await.unwrap();
        assert_ne!(amount, 0, "{bytes} bytes and no Close");
        input.extend_from_slice(&piece[..amount]);
        while let Some((first, payload, size)) = parse(&input) {
            input.drain(..size);
            if first == 0x88 {
                server.write_all(&[&[0x88, payload.len() as u8], &payload[..]].concat()).await.unwrap();
                return (bytes, payload);
            }
            bytes += payload.len();
        }
    }
}

/// The first byte, the payload and the size of a masked frame, if it is all there.
fn parse(input: &[u8]) -> Option<(u8, Vec<u8>, usize)> {
    let &[first, second, ..] = input else { return None };
    let (head, len) = match second & 0x7f {
        126 => (4, u16::from_be_bytes(*input[2..].first_chunk()?).into()),
        127 => (10, u64::from_be_bytes(*input[2..].first_chunk()?) as usize),
        len => (2, len.into()),
    };
    let key: [u8; 4] = *input.get(head..)?.first_chunk()?;
    let masked = input.get(head + 4..head + 4 + len)?;
    Some((first, masked.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect(), head + 4 + len))
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_before_a_close_arrives_however_slow_the_peer_is() {
    let (mut socket, server) = message_socket(Control::new()).await;
    let server = tokio::spawn(slow_server(server));
    let start = Instant::now();
    socket.send(vec![7; MESSAGE]).await.unwrap();
    let closed = socket.close(CloseCode::NORMAL, "sent").await.unwrap();
    assert_eq!((closed.code(), closed.reason(), closed.was_clean()), (CloseCode::NORMAL, "sent", true));
    assert!(start.elapsed() > 15 * SECOND, "longer than close_timeout: {:?}", start.elapsed());
    assert_eq!(server.await.unwrap(), (MESSAGE, b"\x03\xe8sent".to_vec()));
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_before_a_drop_arrives_however_slow_the_peer_is() {
    let (mut socket, server) = message_socket(Control::new()).await;
    let server = tokio::spawn(slow_server(server));
    socket.send(vec![7; MESSAGE]).await.unwrap();
    drop(socket);
    assert_eq!(server.await.unwrap(), (MESSAGE, Vec::new()));
}

#[tokio::test(start_paused = true)]
async fn what_was_written_to_a_stream_arrives_before_its_end_however_slow_the_peer_is() {
    for by_name in [false, true] {
        let (mut stream, server) = stream_socket(Control::new()).await;
        let server = tokio::spawn(slow_server(server));
        futures::AsyncWriteExt::write_all(&mut stream, &vec![7; MESSAGE]).await.unwrap();
        if by_name {
            assert!(stream.close(CloseCode::NORMAL, "").await.unwrap().was_clean());
        } else {
            futures::AsyncWriteExt::close(&mut stream).await.unwrap();
        }
        assert_eq!(server.await.unwrap(), (MESSAGE, b"\x03\xe8".to_vec()));
    }
}

#[tokio::test(start_paused = true)]
async fn many_messages_that_nobody_has_received_outlive_the_connection() {
    const COUNT: usize = 40_000;
    let (mut socket, mut server) = message_socket(Control::new()).await;
    let frame = [&[0x82, 18][..], &[7; 18]].concat();
    server.write_all(&frame.repeat(COUNT)).await.unwrap();
    drop(server);
    while socket.closed().is_none() {
        sleep(SECOND).await;
    }
    for number in 0..COUNT {
        let message = socket.receive().await.unwrap_or_else(|error| panic!("{error} after {number} messages"));
        assert_eq!(message.unwrap().as_bytes(), [7; 18]);
    }
    assert_eq!(socket.receive().await.unwrap_err().kind(), ErrorKind::ConnectionAborted);
    assert_eq!(socket.receive().await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_dies_inside_a_message_longer_than_the_buffer_is_noticed() {
    let (mut socket, mut server) = message_socket(Control::new()).await;
    // 3 MB are announced. The first comes while nobody receives, and fills the buffer.
    server.write_all(b"\x82\x7f\x00\x00\x00\x00\x00\x2d\xc6\xc0").await.unwrap();
    server.write_all(&vec![7; 1_100_000]).await.unwrap();
    let start = Instant::now();
    let error = socket.receive().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(start.elapsed() < 40 * SECOND, "{:?}", start.elapsed());
    drop(server);
}

#[tokio::test(start_paused = true)]
async fn a_close_that_the_peer_never_takes_is_an_error() {
    let control = Control::new().send_timeout(5 * SECOND).close_timeout(2 * SECOND);
    let (mut socket, server) = message_socket(control).await;
    socket.send(vec![7; MESSAGE]).await.unwrap();
    let start = Instant::now();
    let error = socket.close(CloseCode::NORMAL, "").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!((5 * SECOND..6 * SECOND).contains(&start.elapsed()), "{:?}", start.elapsed());
    assert_eq!(socket.closed().unwrap().code(), CloseCode::ABNORMAL);
    assert_eq!(socket.close(CloseCode::NORMAL, "").await.unwrap_err().kind(), ErrorKind::Timeout, "nor later");
    drop(server);
}

#[tokio::test(start_paused = true)]
async fn a_close_that_left_and_is_not_answered_is_no_error() {
    let (mut socket, mut server) = message_socket(Control::new()).await;
    let start = Instant::now();
    let closing = tokio::spawn(async move { socket.close(CloseCode::NORMAL, "").await });
    assert_eq!(read_frame(&mut server).await, (0x88, vec![3, 0xe8]));
    assert_eq!(closing.await.unwrap().unwrap().code(), CloseCode::ABNORMAL);
    assert!((10 * SECOND..11 * SECOND).contains(&start.elapsed()), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_echo_peer_and_a_program_that_only_sends_do_not_wait_for_each_other() {
    let (mut socket, mut server) = message_socket(Control::new()).await;
    let echo = tokio::spawn(async move {
        loop {
            match read_frame(&mut server).await {
                (0x82, payload) => {
                    let head = [&[0x82, 126][..], &(payload.len() as u16).to_be_bytes()].concat();
                    server.write_all(&[head, payload].concat()).await.unwrap();
                }
                (0x88, payload) => {
                    server.write_all(&[&[0x88, payload.len() as u8], &payload[..]].concat()).await.unwrap();
                    return;
                }
                _ => {}
            }
        }
    });
    // Many times what the pipe holds, and less than `inbound_buffer_size`.
    for _ in 0..90 {
        socket.send(vec![7; 10_000]).await.unwrap();
    }
    socket.flush().await.unwrap();
    for _ in 0..90 {
        assert_eq!(socket.receive().await.unwrap().unwrap().as_bytes().len(), 10_000);
    }
    assert!(socket.close(CloseCode::NORMAL, "").await.unwrap().was_clean());
    echo.await.unwrap();
}

#[tokio::test]
async fn what_did_not_leave_a_lost_connection_is_thrown_away_though_the_socket_is_kept() {
    let (mut socket, mut server) = message_socket(Control::new()).await;
    // More than the pipe holds; the peer takes none of it, and says nothing more.
    soon(socket.send(vec![7; 500_000])).await.unwrap();
    server.shutdown().await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap_err().kind(), ErrorKind::ConnectionAborted);
    known(|| (socket.buffered_amount() == 0).then_some(())).await;
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_nothing_more_is_heard_to_its_close_however_slowly_it_speaks() {
    let ((up_here, up), (down_here, down)) = (duplex(CAPACITY), duplex(CAPACITY));
    let (client, mut server) = (tokio::io::join(down_here, up_here), tokio::io::join(up, down));
    let opening = MessageWebSocket::handshake(client, URL, Control::new().close_timeout(10 * SECOND));
    let mut socket = tokio::join!(opening, accept(&mut server, "")).0.unwrap();
    let (up, mut down) = server.into_inner();
    drop(up);
    // It fails, which decides nothing.
    let _ = socket.send("into the void").await;
    for byte in b"\x81\x05words\x88\x02\x0f\xa1" {
        sleep(3 * SECOND).await;
        down.write_all(&[*byte]).await.unwrap();
    }
    assert_eq!(socket.receive().await.unwrap().unwrap().as_text(), Some("words"));
    assert_eq!(socket.receive().await.unwrap(), None);
    assert_eq!(socket.closed().unwrap().code(), CloseCode::from(4001));
}

#[tokio::test(start_paused = true)]
async fn what_a_transport_takes_nothing_of_counts_as_buffered() {
    let (mut socket, mut server) = message_socket(Control::new()).await;
    // With its head of eight bytes it fills the pipe to the last byte.
    socket.send(vec![7; CAPACITY - 8]).await.unwrap();
    socket.flush().await.unwrap();
    assert_eq!(socket.buffered_amount(), 0);
    socket.send("x").await.unwrap();
    assert_eq!(socket.buffered_amount(), 7);
    assert!(poll_once(socket.flush()).is_pending());
    sleep(SECOND).await;
    assert_eq!(socket.buffered_amount(), 7, "also once it is on its way");
    assert_eq!(read_frame(&mut server).await.1.len(), CAPACITY - 8);
    socket.flush().await.unwrap();
    assert_eq!(socket.buffered_amount(), 0);
    assert_eq!(read_frame(&mut server).await, (0x81, b"x".to_vec()));
}
