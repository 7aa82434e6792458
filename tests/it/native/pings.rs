//! Pings of the program, on a clock that stands still until everybody waits.

use std::{future::Future, time::Duration};

use futures::future::join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    time::{Instant, sleep, timeout},
};
use websocket_anywhere::{CloseCode, Control, Error, ErrorKind, MessageWebSocket};

use super::memory_pipe::{message_socket, read_frame, stream_socket};
use crate::support::{poll_once, soon};

const PING: u8 = 0x89;
const SECOND: Duration = Duration::from_secs(1);

/// Reads a ping and gives the pong to it.
async fn pong_to_ping(server: &mut DuplexStream) -> Vec<u8> {
    let (first, payload) = read_frame(server).await;
    assert_eq!(first, PING);
    [&[0x8a, payload.len() as u8], &payload[..]].concat()
}

/// Whether it has ended; if it has, with what.
fn now<T>(future: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
    futures::FutureExt::now_or_never(future)
}

#[tokio::test(start_paused = true)]
async fn a_ping_takes_as_long_as_its_pong_whether_or_not_anybody_receives() {
    for receives in [true, false] {
        let (mut socket, mut server) = message_socket(Control::new()).await;
        let ping = tokio::spawn(socket.ping());
        let receiving = tokio::spawn(async move {
            if receives {
                assert_eq!(socket.receive().await.unwrap().unwrap().as_text(), Some("hi"));
            }
            socket
        });
        let pong = pong_to_ping(&mut server).await;
        sleep(3 * SECOND).await;
        server.write_all(b"\x81\x02hi").await.unwrap();
        server.write_all(&pong).await.unwrap();
        let took = ping.await.unwrap().unwrap();
        assert!((3 * SECOND..3 * SECOND + SECOND / 20).contains(&took), "{took:?}, received: {receives}");
        let mut socket = receiving.await.unwrap();
        assert_eq!(socket.information().last_round_trip_time(), Some(took));
        if !receives {
            assert_eq!(socket.receive().await.unwrap().unwrap().as_text(), Some("hi"), "nothing is lost");
        }
        assert_eq!(socket.try_receive().unwrap(), None, "the pong does not show");
    }
}

#[tokio::test(start_paused = true)]
async fn a_ping_of_a_stream_is_answered_between_its_bytes() {
    let (mut stream, mut server) = stream_socket(Control::new()).await;
    let ping = tokio::spawn(stream.ping());
    let pong = pong_to_ping(&mut server).await;
    server.write_all(&[b"\x02\x01a", &pong[..], b"\x80\x01b"].concat()).await.unwrap();
    ping.await.unwrap().unwrap();
    let mut read = [0; 2];
    AsyncReadExt::read_exact(&mut stream, &mut read).await.unwrap();
    assert_eq!(&read, b"ab");
}

#[tokio::test(start_paused = true)]
async fn a_pong_answers_its_ping_and_those_before_it() {
    let (socket, mut server) = message_socket(Control::new()).await;
    let mut pings = Vec::new();
    let mut pongs = Vec::new();
    for _ in 0..3 {
        let mut ping = Box::pin(socket.ping());
        assert!(poll_once(&mut ping).is_pending());
        pings.push(ping);
        pongs.push(pong_to_ping(&mut server).await);
        sleep(SECOND).await;
    }
    server.write_all(&pongs[1]).await.unwrap();
    let last = pings.pop().unwrap();
    let (first, second) = (pings.remove(0).await.unwrap(), pings.remove(0).await.unwrap());
    assert!(first >= 3 * SECOND && second < first && second >= 2 * SECOND, "{first:?} {second:?}");
    assert!(timeout(SECOND, last).await.is_err(), "the third has no pong");
}

#[tokio::test(start_paused = true)]
async fn only_the_payload_of_a_ping_answers_it() {
    let (socket, mut server) = message_socket(Control::new()).await;
    let mut ping = Box::pin(socket.ping());
    assert!(poll_once(&mut ping).is_pending());
    let pong = pong_to_ping(&mut server).await;
    let mut other = pong.clone();
    *other.last_mut().unwrap() ^= 0xff;
    for stray in [b"\x8a\x00".to_vec(), b"\x8a\x08\0\0\0\0\0\0\0\0".to_vec(), other, b"\x8a\x03abc".to_vec()] {
        server.write_all(&stray).await.unwrap();
        assert!(timeout(SECOND, &mut ping).await.is_err(), "answered by {stray:?}");
    }
    server.write_all(&pong).await.unwrap();
    ping.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn dropped_pings_leave_nothing_and_harm_no_others() {
    let (socket, mut server) = message_socket(Control::new()).await;
    for _ in 0..1000 {
        assert!(poll_once(socket.ping()).is_pending());
    }
    let mut kept = Box::pin(socket.ping());
    assert!(poll_once(&mut kept).is_pending());
    // Those that were dropped before anything left share one frame with the one that is kept.
    let pong = pong_to_ping(&mut server).await;
    server.write_all(&pong).await.unwrap();
    kept.await.unwrap();
    assert!(timeout(SECOND, server.read_u8()).await.is_err(), "there was one frame");
}

#[tokio::test(start_paused = true)]
async fn pings_into_a_connection_that_takes_nothing_do_not_pile_up() {
    let (mut socket, server) = message_socket(Control::new().send_timeout(SECOND)).await;
    socket.send(&vec![7; 256 * 1024]).await.unwrap();
    let unsent = socket.buffered_amount();
    let mut pings = join_all((0..10_000).map(|_| socket.ping()));
    assert!(poll_once(&mut pings).is_pending());
    assert!(socket.buffered_amount() <= unsent + 14, "{} bytes of pings wait", socket.buffered_amount() - unsent);
    let kinds: Vec<_> = pings.await.into_iter().map(|ping| ping.unwrap_err().kind()).collect();
    assert!(kinds.iter().all(|kind| *kind == ErrorKind::Timeout), "{:?}", kinds[0]);
    drop(server);
}

/// How a connection ends, and what a ping that waits makes of it.
#[tokio::test(start_paused = true)]
async fn a_ping_that_waits_ends_with_the_connection() {
    type End = fn(MessageWebSocket, DuplexStream);
    let ends: [(&str, End, ErrorKind); 6] = [
        (
            "closed here",
            |mut socket, server| keep(async move { (socket.close(1000_u16, "").await, server) }),
            ErrorKind::Closed,
        ),
        ("dropped", |socket, server| keep(async move { (drop(socket), server) }), ErrorKind::Closed),
        ("closed there", |socket, server| write(socket, server, b"\x88\x02\x03\xe8"), ErrorKind::Closed),
        ("lost", |socket, server| keep(async move { (drop(server), socket) }), ErrorKind::ConnectionAborted),
        (
            "broken",
            |mut socket, mut server| {
                keep(async move {
                    server.write_all(b"\x83\x00").await.unwrap();
                    (socket.receive().await, server, socket)
                });
            },
            ErrorKind::Protocol,
        ),
        ("silent", |socket, server| keep(async move { (socket, server) }), ErrorKind::Timeout),
    ];
    for (name, end, kind) in ends {
        let (socket, mut server) = message_socket(Control::new()).await;
        let ping = tokio::spawn(socket.ping());
        pong_to_ping(&mut server).await;
        end(socket, server);
        let error = timeout(100 * SECOND, ping).await.expect(name).unwrap().unwrap_err();
        assert_eq!(error.kind(), kind, "{name}: {error:?}");
    }
}

/// Does something beside the test, and keeps what comes of it.
fn keep<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) {
    tokio::spawn(async move {
        let _kept = work.await;
        std::future::pending::<()>().await;
    });
}

fn write(socket: MessageWebSocket, mut server: DuplexStream, bytes: &'static [u8]) {
    keep(async move {
        server.write_all(bytes).await.unwrap();
        (socket, server)
    });
}

#[tokio::test(start_paused = true)]
async fn a_ping_after_the_end_says_why_there_is_none() {
    let (mut socket, mut server) = message_socket(Control::new()).await;
    server.write_all(b"\x88\x00").await.unwrap();
    assert_eq!(socket.receive().await.unwrap(), None);
    let mut ping = Box::pin(socket.ping());
    assert_eq!(now(&mut ping).unwrap().map_err(|error: Error| error.kind()), Err(ErrorKind::Closed));
    assert!(socket.close(CloseCode::NORMAL, "").await.unwrap().was_clean());
}

#[test]
fn a_ping_ends_when_the_runtime_does() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (mut ping, _kept) = runtime.block_on(async {
        let (socket, server) = message_socket(Control::new()).await;
        let mut ping = Box::pin(socket.ping());
        assert!(poll_once(&mut ping).is_pending());
        (ping, (socket, server))
    });
    drop(runtime);
    assert_eq!(now(&mut ping).unwrap().unwrap_err().kind(), ErrorKind::NoRuntime);
}

#[tokio::test]
async fn pings_travel_beside_messages_to_a_server_that_is_not_ours() {
    let mut socket = crate::support::message_socket("/echo").await.unwrap();
    let start = Instant::now();
    let pings = tokio::spawn(join_all((0..50).map(|_| socket.ping())));
    for number in 0..200_u32 {
        soon(socket.send(&number.to_be_bytes())).await.unwrap();
        assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_bytes(), number.to_be_bytes());
        assert!(soon(socket.ping()).await.unwrap() <= start.elapsed());
    }
    for ping in soon(pings).await.unwrap() {
        assert!(ping.unwrap() <= start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn pings_of_the_peer_never_fill_the_buffer_of_a_program_that_does_not_receive() {
    let (_socket, mut server) = message_socket(Control::new().inbound_buffer_size(4096)).await;
    let payload = [7; 100];
    for round in 0..20 {
        for _ in 0..10 {
            server.write_all(&[&[PING, 100], &payload[..]].concat()).await.unwrap();
        }
        for _ in 0..10 {
            let (first, pong) = read_frame(&mut server).await;
            assert_eq!((first, &pong[..]), (0x8a, &payload[..]), "round {round}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_pong_does_not_delay_the_next_one() {
    let (socket, mut server) = message_socket(Control::new()).await;
    let first = tokio::spawn(socket.ping());
    let first_pong = pong_to_ping(&mut server).await;
    let second = tokio::spawn(socket.ping());
    let second_pong = pong_to_ping(&mut server).await;
    for (ping, pong, seconds) in [(first, first_pong, 3), (second, second_pong, 6)] {
        sleep(3 * SECOND).await;
        server.write_all(&pong).await.unwrap();
        let took = ping.await.unwrap().unwrap();
        let least = seconds * SECOND;
        assert!((least..least + SECOND / 20).contains(&took), "{took:?} for {seconds} s");
    }
}
