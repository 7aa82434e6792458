//! The delays between attempts, on a clock that stands still until it is moved.

use std::{
    io::Write,
    net::TcpListener,
    task::Poll,
    thread,
    time::{Duration, SystemTime},
};

use futures::executor::block_on;
use tokio::time::{Instant, advance};
use tokio_tungstenite::tungstenite;
use websocket_anywhere::{Control, ErrorKind, MessageWebSocket, Reconnect};

use crate::support::poll_once;

/// How exactly the clock is read.
const STEP: Duration = Duration::from_millis(10);

/// When each of the first attempts failed, none of which reaches anybody.
async fn failures(sockets: Reconnect, count: u32) -> Vec<Duration> {
    let (start, mut sockets, mut at) = (Instant::now(), sockets, Vec::new());
    while at.len() < count as usize {
        assert!(poll_once(sockets.next()).is_pending());
        if sockets.failures() as usize > at.len() {
            at.push(start.elapsed());
        }
        advance(STEP).await;
    }
    at
}

fn unreachable() -> Reconnect {
    // No time to connect: the attempt fails in the poll that starts it.
    Reconnect::new("ws://127.0.0.1:9", Control::new().connect_timeout(Duration::ZERO))
}

fn assert_within(delay: Duration, bound: Duration) {
    assert!(delay >= bound / 2 && delay <= bound + STEP, "{delay:?} is not from half of {bound:?} to it");
}

#[tokio::test(start_paused = true)]
async fn delays_double_up_to_their_bound_at_random() {
    let mut runs = Vec::new();
    for _ in 0..3 {
        let at = failures(unreachable(), 10).await;
        assert_eq!(at[0], Duration::ZERO, "the first attempt is made at once");
        let delays: Vec<Duration> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
        for (delay, bound) in delays.iter().zip([1, 2, 4, 8, 16, 32, 60, 60, 60]) {
            assert_within(*delay, Duration::from_secs(bound));
        }
        runs.push(delays);
    }
    assert!(runs[0] != runs[1] && runs[1] != runs[2], "{runs:?}");
}

#[tokio::test(start_paused = true)]
async fn the_bounds_of_the_delays_are_settings() {
    let sockets = unreachable().initial_delay(Duration::from_secs(3)).max_delay(Duration::from_secs(5));
    let at = failures(sockets, 4).await;
    for (pair, bound) in at.windows(2).zip([3, 5, 5]) {
        assert_within(pair[1] - pair[0], Duration::from_secs(bound));
    }
}

#[tokio::test(start_paused = true)]
async fn endless_delays_are_possible() {
    let sockets = unreachable().initial_delay(Duration::MAX).max_delay(Duration::MAX);
    assert_eq!(failures(sockets, 1).await, [Duration::ZERO]);
}

#[tokio::test(start_paused = true)]
async fn delays_start_over_after_a_connection_that_lasted_and_only_then() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let url = format!("ws://{}", server.local_addr().unwrap());
    let mut sockets = Reconnect::new(&url, Control::new().connect_timeout(Duration::MAX));
    let second = Duration::from_secs(1);
    assert_eq!(connected(&mut sockets, &server).await.0, Duration::ZERO);
    // Lost at once, and again: the delay grows though connecting never failed.
    for bound in [1, 2, 4] {
        assert_within(connected(&mut sockets, &server).await.0, bound * second);
    }
    let (_, socket) = connected(&mut sockets, &server).await;
    advance(60 * second).await;
    drop(socket);
    assert_within(connected(&mut sockets, &server).await.0, second);
}

#[tokio::test(start_paused = true)]
async fn a_server_may_say_how_long_to_wait() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let url = format!("ws://{}", server.local_addr().unwrap());
    let second = Duration::from_secs(1);
    let date = |after| httpdate::fmt_http_date(SystemTime::now() + after);
    for (retry_after, least) in [
        ("Retry-After: 120\r\n".to_owned(), 120..=120),
        ("retry-after: 0\r\n".to_owned(), 0..=0),
        (format!("Retry-After: {}\r\n", date(300 * second)), 298..=300),
        ("Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n".to_owned(), 0..=0),
        ("Retry-After: 99999999999999999999999999\r\n".to_owned(), 3600..=3600),
        ("Retry-After: -1\r\n".to_owned(), 0..=0),
        ("Retry-After: soon\r\n".to_owned(), 0..=0),
        (String::new(), 0..=0),
    ] {
        let mut sockets = Reconnect::new(&url, Control::new().connect_timeout(Duration::MAX));
        refused(&mut sockets, &server, &retry_after).await;
        let delay = refused(&mut sockets, &server, &retry_after).await;
        let (least, most) = (second * *least.start() + second / 2, second * *least.end() + second + STEP);
        assert!(delay >= least && delay <= most, "{delay:?} after {retry_after:?}");
    }
}

/// Refuses the next attempt with 503 and these header lines; gives how long it took to it.
async fn refused(sockets: &mut Reconnect, server: &TcpListener, headers: &str) -> Duration {
    let (failures, start) = (sockets.failures(), Instant::now());
    let (delay, mut tcp) = loop {
        assert!(poll_once(sockets.next()).is_pending());
        if let Ok((tcp, _)) = server.accept() {
            break (start.elapsed(), tcp);
        }
        advance(STEP).await;
    };
    let answer = format!("HTTP/1.1 503 Later\r\n{headers}Content-Length: 0\r\n\r\n");
    tcp.write_all(answer.as_bytes()).unwrap();
    while sockets.failures() == failures {
        assert!(poll_once(sockets.next()).is_pending());
        tokio::task::yield_now().await;
    }
    delay
}

/// The next socket, and how long it took to its attempt. The clock stands still while it connects.
async fn connected(sockets: &mut Reconnect, server: &TcpListener) -> (Duration, MessageWebSocket) {
    let start = Instant::now();
    let (delay, tcp) = loop {
        assert!(poll_once(sockets.next()).is_pending());
        if let Ok((tcp, _)) = server.accept() {
            break (start.elapsed(), tcp);
        }
        advance(STEP).await;
    };
    tcp.set_nonblocking(false).unwrap();
    let serving = thread::spawn(move || tungstenite::accept(tcp).unwrap());
    let socket = loop {
        if let Poll::Ready(socket) = poll_once(sockets.next()) {
            break socket.unwrap().unwrap();
        }
        tokio::task::yield_now().await;
    };
    drop(serving.join().unwrap());
    (delay, socket)
}

#[test]
fn without_a_runtime_it_ends_with_the_error_that_says_so() {
    let error = block_on(Reconnect::new("ws://127.0.0.1:9", Control::new()).next()).unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoRuntime);
}
