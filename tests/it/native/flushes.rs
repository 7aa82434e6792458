//! A flush waits for the transport's own, as TLS and buffered transports need it.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex};
use websocket_anywhere::{Control, MessageWebSocket};

use super::memory_pipe::{CAPACITY, URL, accept, read_frame};
use crate::support::{poll_once, soon};

/// Takes all that is written, and is flushed only while the gate is open.
struct Gated {
    pipe: DuplexStream,
    gate: Arc<Mutex<Gate>>,
}

#[derive(Default)]
struct Gate {
    is_closed: bool,
    waiting: Option<Waker>,
}

impl AsyncRead for Gated {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_read(cx, buf)
    }
}

impl AsyncWrite for Gated {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.pipe).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut gate = self.gate.lock().unwrap();
        if gate.is_closed {
            gate.waiting = Some(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_shutdown(cx)
    }
}

#[tokio::test]
async fn a_flush_waits_until_the_transport_is_flushed() {
    let (pipe, mut server) = duplex(CAPACITY);
    let gate = Arc::<Mutex<Gate>>::default();
    let transport = Gated { pipe, gate: gate.clone() };
    let handshake = MessageWebSocket::handshake(transport, URL, Control::new());
    let mut socket = tokio::join!(handshake, accept(&mut server, "")).0.unwrap();

    gate.lock().unwrap().is_closed = true;
    soon(socket.send("held back")).await.unwrap();
    // All of it was written, and the transport may still hold it.
    assert_eq!(soon(read_frame(&mut server)).await, (0x81, b"held back".to_vec()));
    assert!(poll_once(socket.flush()).is_pending());
    assert!(socket.buffered_amount() > 0);

    let waiting = {
        let mut gate = gate.lock().unwrap();
        gate.is_closed = false;
        gate.waiting.take()
    };
    waiting.expect("the connection waits for it").wake();
    soon(socket.flush()).await.unwrap();
    assert_eq!(socket.buffered_amount(), 0);
}
