//! How often the transport is read and written.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex},
    task::yield_now,
};
use websocket_anywhere::{Control, MessageWebSocket, ServerControl, ServerMessageWebSocket};

use super::{
    memory_pipe::{CAPACITY, URL, accept, read_frame, read_head},
    server_requests::REQUEST,
};
use crate::support::{poll_once, soon};

/// Counts the reads and the writes that move something.
struct Counting {
    pipe: DuplexStream,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    reads: AtomicUsize,
    writes: AtomicUsize,
}

impl AsyncRead for Counting {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.pipe).poll_read(cx, buf))?;
        self.counts.reads.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Counting {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let amount = ready!(Pin::new(&mut self.pipe).poll_write(cx, buf))?;
        self.counts.writes.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Ok(amount))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_shutdown(cx)
    }
}

/// An open socket, what its transport is asked for, and the server's end.
async fn counted() -> (MessageWebSocket, Arc<Counts>, DuplexStream) {
    let (pipe, mut server) = duplex(CAPACITY);
    let counts = Arc::default();
    let client = Counting { pipe, counts: Arc::clone(&counts) };
    let (socket, _) = tokio::join!(MessageWebSocket::handshake(client, URL, Control::new()), accept(&mut server, ""));
    (socket.unwrap(), counts, server)
}

/// The same of a server, and the client's end.
async fn counted_server() -> (MessageWebSocket, Arc<Counts>, DuplexStream) {
    let (mut client, pipe) = duplex(CAPACITY);
    let counts = Arc::default();
    let server = Counting { pipe, counts: Arc::clone(&counts) };
    client.write_all(REQUEST.as_bytes()).await.unwrap();
    let socket = soon(ServerMessageWebSocket::accept(server, ServerControl::new())).await.unwrap();
    read_head(&mut client).await;
    (socket, counts, client)
}

#[tokio::test]
async fn a_burst_that_was_seen_before_takes_one_read_whatever_its_size() {
    for (is_server, len) in [(false, 32), (true, 32), (true, 3)] {
        for messages in [10, 100, 250, 300, 1000] {
            let (mut socket, counts, mut peer) = if is_server { counted_server().await } else { counted().await };
            // A key of zeros leaves the payload as it is.
            let head = if is_server { &[0x82, 0x80 | len, 0, 0, 0, 0][..] } else { &[0x82, len] };
            let payload = vec![7; len.into()];
            let burst = [head, &payload].concat().repeat(messages);
            let mut taken = Vec::new();
            for _ in 0..16 {
                let before = counts.reads.load(Ordering::Relaxed);
                peer.write_all(&burst).await.unwrap();
                for _ in 0..messages {
                    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_bytes(), payload);
                }
                assert!(poll_once(socket.receive()).is_pending());
                taken.push(counts.reads.load(Ordering::Relaxed) - before);
            }
            assert_eq!(taken[8..], [1; 8], "server: {is_server}, {messages} messages of {len}: {taken:?}");
        }
    }
}

#[tokio::test]
async fn a_lone_message_is_written_at_once_and_a_burst_together() {
    let (mut socket, counts, mut server) = counted().await;
    for _ in 0..8 {
        server.write_all(b"\x81\x02ok").await.unwrap();
        soon(socket.receive()).await.unwrap().unwrap();
        soon(socket.flush()).await.unwrap();
        // The pipe wants a share of what a task may do at a time.
        yield_now().await;
        let quiet = Instant::now();
        while quiet.elapsed() < Duration::from_millis(1) {}
        let before = counts.writes.load(Ordering::Relaxed);
        let writes = || counts.writes.load(Ordering::Relaxed) - before;
        assert!(poll_once(socket.send("alone")).is_ready());
        assert_eq!(writes(), 1, "it waits for nobody");
        for _ in 0..BURST {
            assert!(poll_once(socket.send("together")).is_ready());
        }
        soon(socket.flush()).await.unwrap();
        // As long as the machine stops this thread between two of them, they leave one by one.
        assert!(writes() < BURST / 4, "{} writes", writes());
        for number in 0..=BURST {
            let text: &[u8] = if number == 0 { b"alone" } else { b"together" };
            assert_eq!(soon(read_frame(&mut server)).await, (0x81, text.to_vec()));
        }
    }
}

const BURST: usize = 100;
