//! How often the transport is read.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWriteExt, DuplexStream, ReadBuf, ReadHalf, duplex, join, split};
use websocket_anywhere::{Control, MessageWebSocket};

use super::memory_pipe::{CAPACITY, URL, accept};
use crate::support::{poll_once, soon};

/// Counts the reads that give something.
struct Counting {
    pipe: ReadHalf<DuplexStream>,
    reads: Arc<AtomicUsize>,
}

impl AsyncRead for Counting {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.pipe).poll_read(cx, buf))?;
        self.reads.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_burst_that_was_seen_before_takes_one_read_whatever_its_size() {
    for messages in [10, 100, 250, 300, 1000] {
        let (client, mut server) = duplex(CAPACITY);
        let reads = Arc::default();
        let (pipe, way_out) = split(client);
        let client = join(Counting { pipe, reads: Arc::clone(&reads) }, way_out);
        let (socket, _) =
            tokio::join!(MessageWebSocket::handshake(client, URL, Control::new()), accept(&mut server, ""));
        let mut socket = socket.unwrap();
        let burst = [&[0x82, 32][..], &[7; 32]].concat().repeat(messages);
        let mut taken = Vec::new();
        for _ in 0..16 {
            let before = reads.load(Ordering::Relaxed);
            server.write_all(&burst).await.unwrap();
            for _ in 0..messages {
                assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_bytes(), [7; 32]);
            }
            assert!(poll_once(socket.receive()).is_pending());
            taken.push(reads.load(Ordering::Relaxed) - before);
        }
        assert_eq!(taken[8..], [1; 8], "{messages} messages: {taken:?}");
    }
}
