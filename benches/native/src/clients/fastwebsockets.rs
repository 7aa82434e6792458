//! fastwebsockets: its handshake over hyper, then `FragmentCollector` on the bare stream.
//!
//! Every `write_frame` writes to the socket. Batches therefore go through tokio's `BufWriter`, which `WebSocket::flush`
//! flushes; `FragmentCollector` has no flush, so TLS, which holds bytes back, goes that way, too. The payload is copied into
//! a buffer that is used again and masked there: that spares the allocation which a borrowed payload costs.

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

use super::{Client, Host, Target};
use crate::{dial::Socket, server::handshake::accept};

pub(super) struct Fast<S> {
    socket: State<S>,
    masked: Vec<u8>,
    /// A server masks nothing, so a payload can be lent.
    is_server: bool,
}

enum State<S> {
    Collecting(FragmentCollector<S>),
    Batching(WebSocket<BufWriter<S>>),
}

impl<S> fmt::Debug for Fast<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fast").finish_non_exhaustive()
    }
}

impl<S: Socket> Fast<S> {
    fn new(stream: S, role: Role, target: &Target) -> Self {
        let socket = if target.is_batched || target.is_secure {
            let stream = BufWriter::with_capacity(target.buffer_size(), stream);
            State::Batching(limitless(WebSocket::after_handshake(stream, role)))
        } else {
            State::Collecting(FragmentCollector::new(limitless(WebSocket::after_handshake(stream, role))))
        };
        Self { socket, masked: Vec::new(), is_server: matches!(role, Role::Server) }
    }
}

impl<S: Socket> Client for Fast<S> {
    async fn connect(target: &Target) -> Result<Self> {
        Ok(Self::new(upgrade(target).await?, Role::Client, target))
    }

    async fn send(&mut self, payload: &Bytes) -> Result<()> {
        self.feed(payload).await?;
        self.flush().await
    }

    async fn feed(&mut self, payload: &Bytes) -> Result<()> {
        let payload = if self.is_server {
            Payload::Borrowed(payload)
        } else {
            self.masked.clear();
            self.masked.extend_from_slice(payload);
            Payload::BorrowedMut(&mut self.masked)
        };
        let frame = Frame::binary(payload);
        match &mut self.socket {
            State::Collecting(socket) => socket.write_frame(frame).await?,
            State::Batching(socket) => socket.write_frame(frame).await?,
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<()> {
        match &mut self.socket {
            // Everything has been written.
            State::Collecting(_) => Ok(()),
            State::Batching(socket) => Ok(socket.flush().await?),
        }
    }

    async fn receive(&mut self) -> Result<usize> {
        let frame = match &mut self.socket {
            State::Collecting(socket) => socket.read_frame().await?,
            State::Batching(socket) => socket.read_frame().await?,
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

/// The handshake of the library, and the stream out of what hyper wraps it in: one virtual call less for each read.
async fn upgrade<S: Socket>(target: &Target) -> Result<S> {
    let request = Request::builder()
        .uri(&target.path)
        .header(HOST, target.server.to_string())
        .header(UPGRADE, "websocket")
        .header(CONNECTION, "upgrade")
        .header(SEC_WEBSOCKET_KEY, handshake::generate_key())
        .header(SEC_WEBSOCKET_VERSION, "13")
        .body(Empty::<Bytes>::new())?;
    let (socket, _) = handshake::client(&TokioExecutor::new(), request, S::dial(target).await?).await?;
    let upgraded = socket.into_inner().into_inner();
    let parts = upgraded.downcast::<TokioIo<S>>().map_err(|_| anyhow!("hyper wraps another stream"))?;
    ensure!(parts.read_buf.is_empty(), "the server has spoken first");
    Ok(parts.io.into_inner())
}

impl Host for Fast<TcpStream> {
    async fn accept(mut stream: TcpStream, target: &Target) -> Result<Self> {
        accept(&mut stream).await?;
        Ok(Self::new(stream, Role::Server, target))
    }

    async fn send_back(&mut self) -> Result<()> {
        self.feed_back().await?;
        self.flush().await
    }

    async fn feed_back(&mut self) -> Result<()> {
        match &mut self.socket {
            State::Collecting(socket) => {
                let frame = socket.read_frame().await?;
                socket.write_frame(Frame::new(true, frame.opcode, None, frame.payload)).await?;
            }
            State::Batching(socket) => {
                let frame = socket.read_frame().await?;
                socket.write_frame(Frame::new(true, frame.opcode, None, frame.payload)).await?;
            }
        }
        Ok(())
    }
}
