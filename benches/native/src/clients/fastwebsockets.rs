//! fastwebsockets: its handshake over hyper, then `FragmentCollector` on the bare TCP stream.
//!
//! Every `write_frame` writes to the socket. Batches therefore go through tokio's `BufWriter`, which `WebSocket::flush`
//! flushes; `FragmentCollector` has no flush. The payload is copied into a buffer that is used again and masked there: that
//! spares the allocation which a borrowed payload costs.

use std::fmt;

use anyhow::{Result, anyhow, bail, ensure};
use bytes::Bytes;
use fastwebsockets::{FragmentCollector, Frame, OpCode, Payload, Role, WebSocket, handshake};
use http_body_util::Empty;
use hyper::{
    Request,
    header::{CONNECTION, HOST, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{io::BufWriter, net::TcpStream};

use super::{Client, Target};

pub(super) struct Fast {
    socket: Socket,
    masked: Vec<u8>,
}

enum Socket {
    Collecting(FragmentCollector<TcpStream>),
    Batching(WebSocket<BufWriter<TcpStream>>),
}

impl fmt::Debug for Fast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fast").finish_non_exhaustive()
    }
}

impl Client for Fast {
    async fn connect(target: &Target) -> Result<Self> {
        let stream = upgrade(target).await?;
        let socket = if target.is_batched {
            let stream = BufWriter::with_capacity(target.buffer_size(), stream);
            Socket::Batching(limitless(WebSocket::after_handshake(stream, Role::Client)))
        } else {
            Socket::Collecting(FragmentCollector::new(limitless(WebSocket::after_handshake(stream, Role::Client))))
        };
        Ok(Self { socket, masked: Vec::new() })
    }

    async fn send(&mut self, payload: &Bytes) -> Result<()> {
        self.feed(payload).await?;
        self.flush().await
    }

    async fn feed(&mut self, payload: &Bytes) -> Result<()> {
        self.masked.clear();
        self.masked.extend_from_slice(payload);
        let frame = Frame::binary(Payload::BorrowedMut(&mut self.masked));
        match &mut self.socket {
            Socket::Collecting(socket) => socket.write_frame(frame).await?,
            Socket::Batching(socket) => socket.write_frame(frame).await?,
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<()> {
        match &mut self.socket {
            // Everything has been written.
            Socket::Collecting(_) => Ok(()),
            Socket::Batching(socket) => Ok(socket.flush().await?),
        }
    }

    async fn receive(&mut self) -> Result<usize> {
        let frame = match &mut self.socket {
            Socket::Collecting(socket) => socket.read_frame().await?,
            Socket::Batching(socket) => socket.read_frame().await?,
        };
        match frame.opcode {
            OpCode::Text | OpCode::Binary => Ok(frame.payload.len()),
            opcode => bail!("{opcode:?} came instead of a message"),
        }
    }
}

fn limitless<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(mut socket: WebSocket<S>) -> WebSocket<S> {
    socket.set_max_message_size(usize::MAX);
    socket
}

/// The handshake of the library, and the TCP stream out of what hyper wraps it in: one virtual call less for each read.
async fn upgrade(target: &Target) -> Result<TcpStream> {
    let request = Request::builder()
        .uri(&target.path)
        .header(HOST, target.server.to_string())
        .header(UPGRADE, "websocket")
        .header(CONNECTION, "upgrade")
        .header(SEC_WEBSOCKET_KEY, handshake::generate_key())
        .header(SEC_WEBSOCKET_VERSION, "13")
        .body(Empty::<Bytes>::new())?;
    let (socket, _) = handshake::client(&TokioExecutor::new(), request, target.dial().await?).await?;
    let upgraded = socket.into_inner().into_inner();
    let parts = upgraded.downcast::<TokioIo<TcpStream>>().map_err(|_| anyhow!("hyper wraps another stream"))?;
    ensure!(parts.read_buf.is_empty(), "the server has spoken first");
    Ok(parts.io.into_inner())
}
