//! web-socket: it has no handshake, no buffers, puts no fragments together and does not check text.
//!
//! So the raw client's handshake opens the connection, tokio's `BufStream` is around the socket (it reads two bytes at
//! a time), and the program collects fragments and checks text.

use std::fmt;

use anyhow::{Result, bail};
use bytes::Bytes;
use tokio::{io::BufStream, net::TcpStream};
use web_socket::{DataType, Event, MessageType, Stream, WebSocket};

use super::{Client, Host, Target, raw::upgrade};
use crate::{dial::Socket, server::handshake::accept};

pub(super) struct Plain<S> {
    socket: WebSocket<BufStream<S>>,
    message: Vec<u8>,
}

impl<S> fmt::Debug for Plain<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plain").finish_non_exhaustive()
    }
}

impl<S: Socket> Client for Plain<S> {
    async fn connect(target: &Target) -> Result<Self> {
        let mut stream = S::dial(target).await?;
        upgrade(&mut stream, target).await?;
        let size = target.buffer_size();
        let mut socket = WebSocket::client(BufStream::with_capacity(size, size, stream));
        socket.max_payload_len = usize::MAX;
        Ok(Self { socket, message: Vec::new() })
    }

    async fn send(&mut self, payload: &Bytes) -> Result<()> {
        self.socket.send(&payload[..]).await?;
        self.flush().await
    }

    async fn feed(&mut self, payload: &Bytes) -> Result<()> {
        Ok(self.socket.send(&payload[..]).await?)
    }

    async fn flush(&mut self) -> Result<()> {
        // The name is the library's.
        Ok(self.socket.flash().await?)
    }

    async fn receive(&mut self) -> Result<usize> {
        loop {
            let Event::Data { ty, data } = self.socket.recv().await? else { bail!("no message came") };
            match ty {
                DataType::Complete(MessageType::Binary) => return Ok(data.len()),
                DataType::Complete(MessageType::Text) => return Ok(str::from_utf8(&data)?.len()),
                DataType::Stream(part) => {
                    self.message.extend_from_slice(&data);
                    if let Stream::End(kind) = part {
                        let message = std::mem::take(&mut self.message);
                        return Ok(if kind.is_text() { str::from_utf8(&message)?.len() } else { message.len() });
                    }
                }
            }
        }
    }
}

impl Host for Plain<TcpStream> {
    async fn accept(mut stream: TcpStream, target: &Target) -> Result<Self> {
        accept(&mut stream).await?;
        let size = target.buffer_size();
        let mut socket = WebSocket::server(BufStream::with_capacity(size, size, stream));
        socket.max_payload_len = usize::MAX;
        Ok(Self { socket, message: Vec::new() })
    }

    async fn send_back(&mut self) -> Result<()> {
        self.feed_back().await?;
        self.flush().await
    }

    async fn feed_back(&mut self) -> Result<()> {
        let Event::Data { data, .. } = self.socket.recv().await? else { bail!("no message came") };
        Ok(self.socket.send(&data[..]).await?)
    }
}
