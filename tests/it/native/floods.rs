//! Peers that never stop: no poll of a connection keeps the tasks of the runtime waiting for long, and every end comes.
//!
//! The transport always has something to read, takes whatever is written, and takes no part in tokio's budget. It measures: how
//! much was read and written between two runs of another task.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    task::yield_now,
};
use websocket_anywhere::{CloseCode, Control, ErrorKind, MessageWebSocket};

use super::memory_pipe::{URL, switching_protocols};
use crate::support::soon;

/// What may be read in a row, where each byte of a small frame counts for many. It is three times the bound of one loop: a
/// connection that ends goes from one to the next.
const MAX_WORK: usize = 3 * 2 * 1024 * 1024 + 256 * 1024;

/// What may be written in a row, by the poll of a send and one of the driver: as much as is handed over at once.
const MAX_WRITTEN: usize = 2 * 8 * 1024 * 1024;

/// A server that answers the handshake and then sends the same frames for ever.
struct Flood {
    request: Vec<u8>,
    answer: Bytes,
    frames: Bytes,
    /// Where in `frames` the next read begins.
    at: usize,
    is_open: bool,
    work: Arc<Work>,
}

#[derive(Default)]
struct Work {
    /// What was read and written since another task ran last, in bytes.
    since: AtomicUsize,
    most: AtomicUsize,
    is_gone: AtomicBool,
}

impl Work {
    fn add(&self, bytes: usize) {
        let since = self.since.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.most.fetch_max(since, Ordering::Relaxed);
    }
}

impl Flood {
    fn new(frame: &[u8]) -> (Self, Arc<Work>) {
        let work = Arc::<Work>::default();
        let frames = frame.repeat(64 * 1024 / frame.len().max(1));
        let this = Self {
            request: Vec::new(),
            answer: Bytes::new(),
            frames: frames.into(),
            at: 0,
            is_open: false,
            work: work.clone(),
        };
        (this, work)
    }
}

impl AsyncRead for Flood {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.is_open {
            if self.answer.is_empty() {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let amount = self.answer.len().min(buf.remaining());
            buf.put_slice(&self.answer.split_to(amount));
            self.is_open = self.answer.is_empty();
            return Poll::Ready(Ok(()));
        }
        if self.frames.is_empty() {
            return Poll::Pending;
        }
        let amount = (self.frames.len() - self.at).min(buf.remaining());
        buf.put_slice(&self.frames[self.at..self.at + amount]);
        self.at = (self.at + amount) % self.frames.len();
        self.work.add(amount);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Flood {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if !self.is_open && self.answer.is_empty() {
            self.request.extend_from_slice(buf);
            if self.request.ends_with(b"\r\n\r\n") {
                self.answer = switching_protocols(&String::from_utf8_lossy(&self.request), "").into();
            }
        }
        self.work.add(buf.len());
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.work.is_gone.store(true, Ordering::Release);
    }
}

/// Pings, empty messages, short and longer ones, pongs, and an endless fragmented message.
const FRAMES: [&[u8]; 6] =
    [b"\x89\x00", b"\x82\x00", b"\x81\x05hello", b"\x82\x7e\x01\x00", b"\x8a\x04abcd", b"\x02\x00"];

fn frames() -> impl Iterator<Item = Vec<u8>> {
    FRAMES.into_iter().map(|frame| if frame.len() == 4 { [frame, &[7; 256]].concat() } else { frame.to_vec() })
}

async fn flooded(frame: &[u8], control: Control) -> (MessageWebSocket, Arc<Work>) {
    let (transport, work) = Flood::new(frame);
    (soon(MessageWebSocket::handshake(transport, URL, control)).await.unwrap(), work)
}

/// Lets other tasks run, and notes that they did.
async fn count(work: &Work, times: usize) {
    for _ in 0..times {
        work.since.store(0, Ordering::Relaxed);
        yield_now().await;
    }
}

#[track_caller]
fn assert_fair(work: &Work, what: &str) {
    let most = work.most.load(Ordering::Relaxed);
    assert!(most > 0, "{what}: nothing was done");
    assert!(most <= MAX_WORK, "{what}: {most} bytes in a row");
}

#[tokio::test]
async fn a_receiver_that_is_gone_leaves_other_tasks_their_turn() {
    for frame in frames() {
        let (socket, work) = flooded(&frame, Control::new()).await;
        let (sender, receiver) = socket.split();
        drop(receiver);
        count(&work, 200).await;
        assert_fair(&work, &format!("{:?}", &frame[..2]));
        drop(sender);
    }
}

#[tokio::test]
async fn a_program_that_receives_in_a_loop_leaves_other_tasks_their_turn() {
    for frame in frames() {
        let (mut socket, work) = flooded(&frame, Control::new()).await;
        let receiving = tokio::spawn(async move { while socket.receive().await.unwrap().is_some() {} });
        count(&work, 200).await;
        assert_fair(&work, &format!("{:?}", &frame[..2]));
        receiving.abort();
    }
}

#[tokio::test]
async fn a_close_comes_to_its_end_whatever_the_peer_sends() {
    for frame in frames() {
        let control = Control::new().close_timeout(Duration::from_millis(200));
        let (mut socket, work) = flooded(&frame, control).await;
        let start = Instant::now();
        let closing = tokio::spawn(async move { socket.close(CloseCode::NORMAL, "").await });
        while !closing.is_finished() {
            count(&work, 1).await;
            assert!(start.elapsed() < Duration::from_secs(20), "{:?}: the close does not end", &frame[..2]);
        }
        assert_eq!(closing.await.unwrap().unwrap().code(), CloseCode::ABNORMAL);
        assert_fair(&work, &format!("{:?}", &frame[..2]));
    }
}

#[tokio::test]
async fn a_socket_that_is_dropped_lets_its_transport_go_whatever_the_peer_sends() {
    for frame in frames() {
        let control = Control::new().close_timeout(Duration::from_millis(200));
        let (socket, work) = flooded(&frame, control).await;
        let start = Instant::now();
        drop(socket);
        while !work.is_gone.load(Ordering::Acquire) {
            count(&work, 1).await;
            assert!(start.elapsed() < Duration::from_secs(20), "{:?}: the transport is kept", &frame[..2]);
        }
        assert_fair(&work, &format!("{:?}", &frame[..2]));
    }
}

#[tokio::test]
async fn a_long_message_leaves_other_tasks_their_turn_however_fast_it_is_taken() {
    const LEN: usize = 48 * 1024 * 1024;
    // Given away, it is masked piece by piece; otherwise all at once, and what is written are pieces all the same.
    for given_away in [true, false] {
        let (mut socket, work) = flooded(b"", Control::new()).await;
        let message = vec![7; LEN];
        // The poll of `send` may do as much as one of the driver's.
        soon(async { if given_away { socket.send(message).await } else { socket.send(&message[..]).await } })
            .await
            .unwrap();
        soon(async {
            while socket.buffered_amount() > 0 {
                count(&work, 1).await;
            }
        })
        .await;
        let most = work.most.load(Ordering::Relaxed);
        assert!(most <= MAX_WRITTEN, "{most} bytes in a row, given away: {given_away}");
    }
}

#[tokio::test]
async fn timers_run_while_a_peer_floods() {
    for frame in frames() {
        let (socket, work) = flooded(&frame, Control::new()).await;
        let (_sender, receiver) = socket.split();
        drop(receiver);
        let start = Instant::now();
        let timer = tokio::spawn(tokio::time::sleep(Duration::from_millis(20)));
        while !timer.is_finished() {
            count(&work, 1).await;
            assert!(start.elapsed() < Duration::from_secs(20), "{:?}: timers do not run", &frame[..2]);
        }
    }
}

#[tokio::test]
async fn a_lost_connection_lets_its_transport_go_though_both_halves_are_kept() {
    let (transport, work) = Flood::new(b"\x82\x01x\x8f\x00");
    let (mut sender, mut receiver) =
        soon(MessageWebSocket::handshake(transport, URL, Control::new().close_timeout(Duration::from_millis(50))))
            .await
            .unwrap()
            .split();
    assert_eq!(soon(receiver.receive()).await.unwrap().unwrap().as_bytes(), b"x");
    assert_eq!(soon(receiver.receive()).await.unwrap_err().kind(), ErrorKind::Protocol);
    soon(async {
        while !work.is_gone.load(Ordering::Acquire) {
            yield_now().await;
        }
    })
    .await;
    assert_eq!(soon(sender.send("late")).await.unwrap_err().kind(), ErrorKind::Protocol);
}
