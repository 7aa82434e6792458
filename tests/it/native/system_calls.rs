//! How often the transport is read and written.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use peer::{Peer, tls::Certificate};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex},
    net::TcpStream,
    task::yield_now,
};
use websocket_anywhere::{
    Control, ErrorKind, MessageWebSocket, ServerControl, ServerMessageWebSocket, ServerValidation,
};

use super::{
    memory_pipe::{CAPACITY, URL, accept, read_frame, read_head},
    server_requests::REQUEST,
};
use crate::support::{poll_once, soon};

/// Counts the reads and the writes that move something.
struct Counting<T> {
    pipe: T,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    reads: AtomicUsize,
    writes: AtomicUsize,
}

impl<T: AsyncRead + Unpin> AsyncRead for Counting<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.pipe).poll_read(cx, buf))?;
        self.counts.reads.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Counting<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let amount = ready!(Pin::new(&mut self.pipe).poll_write(cx, buf))?;
        self.counts.writes.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Ok(amount))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let amount = ready!(Pin::new(&mut self.pipe).poll_write_vectored(cx, bufs))?;
        self.counts.writes.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Ok(amount))
    }

    fn is_write_vectored(&self) -> bool {
        self.pipe.is_write_vectored()
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

/// Makes TLS and the opening handshake over a counted connection to `peer`; tells how many writes there were.
async fn by_tls(peer: &Peer, control: Control) -> (Result<MessageWebSocket, ErrorKind>, usize) {
    let counts = Arc::<Counts>::default();
    let pipe = TcpStream::connect(peer.addr()).await.unwrap();
    pipe.set_nodelay(true).unwrap();
    let transport = Counting { pipe, counts: counts.clone() };
    let control = control.root_certificate(peer.root_der());
    let handshake = MessageWebSocket::handshake_with_tls(transport, "wss://localhost/echo", control);
    let socket = soon(handshake).await.map_err(|error| error.kind());
    (socket, counts.writes.load(Ordering::Relaxed))
}

#[tokio::test]
async fn the_request_leaves_together_with_the_end_of_the_tls_handshake() {
    let peer = Peer::start_tls(Certificate::Good).unwrap();
    for _ in 0..3 {
        let (socket, writes) = by_tls(&peer, Control::new()).await;
        let mut socket = socket.unwrap();
        assert_eq!(writes, 2, "the first flight, and the last with the request");
        soon(socket.send("on it")).await.unwrap();
        assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("on it"));
    }
    assert_eq!((peer.handshakes().full(), peer.handshakes().resumed()), (1, 2));
}

#[tokio::test]
async fn a_server_that_is_refused_gets_the_alert() {
    let peer = Peer::start_tls(Certificate::WrongName).unwrap();
    let (socket, writes) = by_tls(&peer, Control::new()).await;
    assert_eq!(socket.unwrap_err(), ErrorKind::CertificateNameMismatch);
    assert_eq!(writes, 2, "the first flight, and the alert");
}

#[tokio::test]
async fn a_server_does_not_wait_for_the_program_s_validation() {
    let peer = Arc::new(Peer::start_tls(Certificate::Good).unwrap());
    let asked = peer.clone();
    let control = Control::new().server_custom_validation(move |_| {
        let peer = asked.clone();
        async move {
            while peer.handshakes().full() == 0 {
                yield_now().await;
            }
            ServerValidation::Proceed
        }
    });
    let (socket, writes) = by_tls(&peer, control).await;
    socket.unwrap();
    assert_eq!(writes, 3);
}
