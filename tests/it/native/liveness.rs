//! Signs of life, on a clock that stands still until everybody waits: pings, unsolicited pongs, and peers that vanish.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    time::{Instant, sleep, timeout},
};
use websocket_anywhere::{
    CloseCode, Control, Error, ErrorKind, HResult, MessageSender, MessageWebSocket, WebErrorStatus,
};

use super::memory_pipe::{CAPACITY, assert_error, message_socket, read_frame, stream_socket};
use crate::support::poll_once;

const PING: u8 = 0x89;
const PONG: u8 = 0x8a;
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// Answers pings until the client leaves, and gives the times of the client's pings and pongs.
async fn answer_pings(mut server: DuplexStream) -> (Vec<Duration>, Vec<Duration>) {
    let start = Instant::now();
    let (mut pings, mut pongs) = (Vec::new(), Vec::new());
    loop {
        match read_frame(&mut server).await {
            (PING, payload) => {
                pings.push(start.elapsed());
                server.write_all(&[&[PONG, payload.len() as u8], &payload[..]].concat()).await.unwrap();
            }
            (PONG, payload) => {
                assert!(payload.is_empty());
                pongs.push(start.elapsed());
            }
            (0x88, payload) => {
                server.write_all(&[&[0x88, payload.len() as u8], &payload[..]].concat()).await.unwrap();
                return (pings, pongs);
            }
            (first, payload) => {
                // An echo.
                server.write_all(&[&[first, payload.len() as u8], &payload[..]].concat()).await.unwrap();
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_socket_with_a_healthy_peer_lives_for_ever() {
    let (mut socket, server) = message_socket(Control::new()).await;
    let server = tokio::spawn(answer_pings(server));
    assert!(timeout(60 * MINUTE, socket.receive()).await.is_err(), "nothing comes for an hour");
    socket.send("still here").await.unwrap();
    assert_eq!(socket.receive().await.unwrap().unwrap().as_text(), Some("still here"));
    assert!(socket.close(CloseCode::NORMAL, "").await.unwrap().was_clean());
    let (pings, pongs) = server.await.unwrap();
    // Silence is questioned after half of 30 s, and each answer breaks it; a pong leaves every 30 s.
    assert!((230..=360).contains(&pings.len()), "{} pings", pings.len());
    let gap = pings.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!(gap <= 16 * SECOND, "{gap:?} without a question");
    assert_eq!(pongs.len(), 120);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_vanishes_fails_the_receive_after_receive_timeout() {
    let (mut socket, server) = message_socket(Control::new()).await;
    let start = Instant::now();
    assert_no_life(&socket.receive().await.unwrap_err());
    assert_within(start, 30 * SECOND, SECOND / 10);
    assert_eq!(socket.receive().await.unwrap(), None);
    assert_no_life(&socket.send("late").await.unwrap_err());
    let closed = socket.closed().unwrap();
    assert_eq!((closed.code(), closed.was_clean()), (CloseCode::ABNORMAL, false));
    drop(server);
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_goes_silent_in_the_middle_is_noticed() {
    // In the middle of the traffic, of a header, of a message, of a fragmented message.
    for tail in [&b""[..], b"\x82", b"\x82\x7e\x10\x00abc", b"\x01\x02ab\x80\x05c"] {
        for limit in [30 * SECOND, 3 * SECOND, SECOND / 2] {
            let (mut socket, mut server) = message_socket(Control::new().receive_timeout(limit)).await;
            for _ in 0..1000 {
                sleep(limit / 20).await;
                server.write_all(b"\x81\x02ok").await.unwrap();
                assert_eq!(socket.receive().await.unwrap().unwrap().as_text(), Some("ok"));
            }
            server.write_all(tail).await.unwrap();
            let start = Instant::now();
            assert_no_life(&socket.receive().await.unwrap_err());
            assert_within(start, limit, limit / 32 + Duration::from_millis(5));
            drop(server);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn any_byte_is_a_sign_of_life() {
    let (mut socket, mut server) = message_socket(Control::new()).await;
    let receiving = tokio::spawn(async move { socket.receive().await });
    // One message of ten bytes that takes 280 s, by a peer that answers no ping.
    for byte in b"\x81\x0a0123456789" {
        sleep(28 * SECOND).await;
        server.write_all(&[*byte]).await.unwrap();
    }
    assert_eq!(receiving.await.unwrap().unwrap().unwrap().as_text(), Some("0123456789"));
}

#[tokio::test(start_paused = true)]
async fn a_program_that_leaves_the_buffer_full_is_not_a_peer_that_vanishes() {
    let control = Control::new().inbound_buffer_size(8 * 1024);
    let (mut socket, mut server) = message_socket(control).await;
    for _ in 0..3 {
        // The peer answers no ping: they lie behind what the program has not received.
        for _ in 0..20 {
            server.write_all(&[&[0x82, 126, 0x03, 0xe8][..], &[7; 1000]].concat()).await.unwrap();
        }
        sleep(10 * MINUTE).await;
        for _ in 0..19 {
            assert_eq!(socket.receive().await.unwrap().unwrap().as_bytes().len(), 1000);
        }
        assert_eq!(socket.receive().await.unwrap().unwrap().as_bytes().len(), 1000);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_peer_is_noticed_whether_or_not_anybody_receives() {
    for received in [false, true] {
        let (mut socket, mut server) = message_socket(Control::new()).await;
        server.write_all(b"\x81\x05first\x81\x06second").await.unwrap();
        if received {
            assert_eq!(socket.receive().await.unwrap().unwrap().as_text(), Some("first"));
        }
        let start = Instant::now();
        while socket.closed().is_none() {
            assert!(start.elapsed() < MINUTE, "nobody noticed");
            sleep(SECOND).await;
        }
        assert_within(start, 30 * SECOND, 2 * SECOND);
        assert_no_life(&socket.send("late").await.unwrap_err());
        if !received {
            assert_eq!(socket.receive().await.unwrap().unwrap().as_text(), Some("first"));
        }
        assert_eq!(socket.receive().await.unwrap().unwrap().as_text(), Some("second"), "what came is not lost");
        assert_no_life(&socket.receive().await.unwrap_err());
        assert_eq!(socket.receive().await.unwrap(), None, "one error, once");
        drop(server);
    }
}

#[tokio::test(start_paused = true)]
async fn a_receive_that_was_dropped_does_not_hide_the_pongs() {
    let (mut socket, server) = message_socket(Control::new()).await;
    let server = tokio::spawn(answer_pings(server));
    for _ in 0..20 {
        // A program that asks once in a while, as `select!` in a loop does.
        assert!(poll_once(socket.receive()).is_pending());
        sleep(2 * MINUTE).await;
    }
    socket.send("echo").await.unwrap();
    assert_eq!(socket.receive().await.unwrap().unwrap().as_text(), Some("echo"));
    socket.close(CloseCode::NORMAL, "").await.unwrap();
    server.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_a_relay_still_delivers_comes_before_the_timeout() {
    let (mut socket, mut server) = message_socket(Control::new()).await;
    assert!(poll_once(socket.receive()).is_pending());
    server.write_all(b"\x81\x04last").await.unwrap();
    sleep(10 * MINUTE).await;
    assert_eq!(socket.receive().await.unwrap().unwrap().as_text(), Some("last"));
    let start = Instant::now();
    assert_no_life(&socket.receive().await.unwrap_err());
    assert!(start.elapsed() <= 31 * SECOND);
    drop(server);
}

#[tokio::test(start_paused = true)]
async fn a_sender_whose_receiver_is_gone_learns_that_the_peer_has_vanished() {
    let (socket, server) = message_socket(Control::new()).await;
    let (mut sender, receiver) = socket.split();
    drop(receiver);
    let start = Instant::now();
    assert_no_life(&send_until_it_fails(&mut sender).await);
    assert_within(start, 30 * SECOND, 2 * SECOND);
    drop(server);
}

#[tokio::test(start_paused = true)]
async fn a_stream_notices_a_peer_that_vanishes() {
    let (mut stream, mut server) = stream_socket(Control::new()).await;
    server.write_all(b"\x82\x04ab").await.unwrap();
    let mut bytes = [0; 4];
    let error = AsyncReadExt::read_exact(&mut stream, &mut bytes).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
    assert_no_life(error.get_ref().unwrap().downcast_ref().unwrap());
    assert_eq!(&bytes, b"ab\0\0", "what arrived was delivered");
}

#[tokio::test(start_paused = true)]
async fn a_slow_line_is_not_a_dead_one() {
    // The peer reads little by little, so that our pings come late, and writes nothing.
    let control = Control::new().outbound_buffer_size(0);
    let (socket, mut server) = message_socket(control).await;
    let (mut sender, mut receiver) = socket.split();
    let receiving = tokio::spawn(async move { receiver.receive().await });
    let sending = tokio::spawn(async move { sender.send(vec![7; 20 * CAPACITY]).await.map(|()| sender) });
    let mut piece = vec![0; CAPACITY / 2];
    for _ in 0..39 {
        sleep(20 * SECOND).await;
        server.read_exact(&mut piece).await.unwrap();
        assert!(!receiving.is_finished());
    }
    drop(sending.await.unwrap().unwrap());
    assert_no_life(&receiving.await.unwrap().unwrap_err());
}

#[tokio::test(start_paused = true)]
async fn without_a_receive_timeout_nobody_is_questioned() {
    let control = Control::new().receive_timeout(None).desired_unsolicited_pong_interval(None);
    let (mut socket, mut server) = message_socket(control).await;
    assert!(timeout(1000 * MINUTE, socket.receive()).await.is_err());
    assert!(poll_once(server.read_u8()).is_pending(), "nothing was sent");
    socket.send("now").await.unwrap();
    assert_eq!(read_frame(&mut server).await, (0x81, b"now".to_vec()));
}

#[tokio::test(start_paused = true)]
async fn unsolicited_pongs_leave_at_their_interval() {
    for (desired, actual) in [(30, 30.0), (7, 7.0), (0, 1.0)] {
        let control = Control::new().desired_unsolicited_pong_interval(Duration::from_secs(desired));
        let (mut socket, server) = message_socket(control).await;
        let actual = Duration::from_secs_f64(actual);
        assert_eq!(socket.information().actual_unsolicited_pong_interval(), Some(actual));
        let server = tokio::spawn(answer_pings(server));
        assert!(timeout(10 * actual + SECOND / 2, socket.receive()).await.is_err());
        socket.close(CloseCode::NORMAL, "").await.unwrap();
        let (_, pongs) = server.await.unwrap();
        let expected: Vec<_> = (1..=10).map(|n| n * actual).collect();
        assert_eq!(pongs.len(), 10, "{pongs:?}");
        let late = pongs.iter().zip(expected).map(|(at, due)| at.abs_diff(due)).max().unwrap();
        assert!(late < SECOND / 10, "{late:?} late: {pongs:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn keep_alive_does_not_pile_up_before_a_peer_that_reads_nothing() {
    let control = Control::new().send_timeout(None).receive_timeout(None).desired_unsolicited_pong_interval(SECOND);
    let (mut socket, server) = message_socket(control).await;
    while socket.buffered_amount() < 1000 {
        socket.send(vec![0; 1000]).await.unwrap();
        tokio::task::yield_now().await;
    }
    let before = socket.buffered_amount();
    sleep(100 * MINUTE).await;
    assert_eq!(socket.buffered_amount(), before);
    drop(server);
}

#[tokio::test(start_paused = true)]
async fn pings_measure_the_round_trip() {
    let (mut socket, mut server) = message_socket(Control::new()).await;
    let opening = socket.information().last_round_trip_time().unwrap();
    assert!(opening < SECOND, "{opening:?} for the opening handshake");
    let receiving = tokio::spawn(async move { (socket.receive().await, socket) });
    let (first, payload) = read_frame(&mut server).await;
    assert_eq!(first, PING);
    // Pongs that answer nothing do not count.
    server.write_all(&[PONG, 0, PONG, 1, b'x']).await.unwrap();
    sleep(Duration::from_millis(123)).await;
    let pong = [&[PONG, payload.len() as u8], &payload[..]].concat();
    server.write_all(&pong).await.unwrap();
    sleep(SECOND).await;
    // Nor does one that comes twice.
    server.write_all(&pong).await.unwrap();
    server.write_all(b"\x81\x00").await.unwrap();
    let (received, socket) = receiving.await.unwrap();
    received.unwrap();
    assert_eq!(socket.information().last_round_trip_time(), Some(Duration::from_millis(123)));
}

#[tokio::test(start_paused = true)]
async fn a_stalled_peer_fails_the_send_and_nothing_counts_as_flushed() {
    let control = Control::new().outbound_buffer_size(1000).receive_timeout(None);
    let (mut socket, mut server) = message_socket(control).await;
    let start = Instant::now();
    // More than the pipe holds: half of it is written, and then nothing moves.
    socket.send(vec![7; 2 * CAPACITY]).await.unwrap();
    let error = socket.send("waits").await.unwrap_err();
    assert_error(&error, ErrorKind::Timeout, HResult::WININET_E_TIMEOUT, WebErrorStatus::Timeout);
    assert_within(start, 30 * SECOND, SECOND / 10);
    let information = socket.information();
    assert_eq!(information.sent().messages, 1, "the message that waited was not accepted");
    assert_eq!(socket.flush().await.unwrap_err().kind(), ErrorKind::Timeout, "nor was the other flushed");
    assert_eq!(socket.receive().await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(socket.receive().await.unwrap(), None);
    drop(socket);
    let mut rest = Vec::new();
    server.read_to_end(&mut rest).await.unwrap();
    assert!(rest.len() <= CAPACITY, "half of the message is there, and the end of the transport");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_a_byte_now_and_then_does_not_stall() {
    let control = Control::new().outbound_buffer_size(0).receive_timeout(None);
    let (mut socket, mut server) = message_socket(control).await;
    let sending = tokio::spawn(async move {
        socket.send(vec![7; CAPACITY + 20]).await.unwrap();
        socket.flush().await
    });
    for _ in 0..40 {
        sleep(29 * SECOND).await;
        assert!(server.read_u8().await.is_ok());
    }
    sending.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn bandwidth_is_what_travels_in_a_second() {
    let (mut socket, mut server) = message_socket(Control::new()).await;
    assert_eq!(socket.information().bandwidth_statistics(), Default::default());
    for _ in 0..60 {
        for _ in 0..10 {
            server.write_all(&[&[0x82, 100][..], &[0; 100]].concat()).await.unwrap();
            socket.receive().await.unwrap().unwrap();
            socket.send(vec![1; 50]).await.unwrap();
            assert_eq!(read_data(&mut server).await.len(), 50);
            sleep(SECOND / 10).await;
        }
    }
    let before = socket.information().bandwidth_statistics();
    assert!((7500..8500).contains(&before.inbound_bits_per_second), "{before:?}");
    assert!((3750..4250).contains(&before.outbound_bits_per_second), "{before:?}");
    assert!(before.inbound_bits_per_second_instability < 1500, "{before:?}");
    assert!(before.inbound_bandwidth_peaked && before.outbound_bandwidth_peaked, "{before:?}");
    // Silence is not a slower line.
    sleep(20 * SECOND).await;
    let after = socket.information().bandwidth_statistics();
    assert!(after.inbound_bits_per_second > 6500, "{after:?}");
}

/// Reads the next frame that is not a ping or pong.
async fn read_data(server: &mut DuplexStream) -> Vec<u8> {
    loop {
        match read_frame(server).await {
            (PING | PONG, _) => {}
            (_, payload) => return payload,
        }
    }
}

async fn send_until_it_fails(sender: &mut MessageSender) -> Error {
    loop {
        if let Err(error) = sender.send("x").await {
            return error;
        }
        sleep(SECOND).await;
    }
}

#[track_caller]
fn assert_no_life(error: &Error) {
    assert_error(error, ErrorKind::Timeout, HResult::WININET_E_TIMEOUT, WebErrorStatus::Timeout);
    assert!(error.to_string().contains("sign of life"), "{error}");
}

#[track_caller]
fn assert_within(start: Instant, due: Duration, late: Duration) {
    let took = start.elapsed();
    assert!((due..=due + late).contains(&took), "{took:?} instead of {due:?}");
}

#[test]
fn a_socket_and_its_timers_need_no_room_in_the_program() {
    assert!(size_of::<MessageWebSocket>() <= 256, "{}", size_of::<MessageWebSocket>());
}
