//! No library: frames made beforehand are written as they are, what comes is read and not looked at. The ceiling.

use anyhow::{Result, ensure};
use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{Client, Host, Target};
use crate::{
    dial::Socket,
    server::handshake::accept,
    wire::{BINARY, FIN, put_header, put_masked},
};

/// A TCP stream after the handshake.
#[derive(Debug)]
pub(super) struct Raw<S> {
    stream: S,
    /// The frame of the payload that is sent again and again.
    frame: Vec<u8>,
    payload_len: usize,
    /// Frames that wait to be written.
    fed: Vec<u8>,
    buffer: Vec<u8>,
    buffer_size: usize,
    /// Bytes that were read and belong to messages that were not asked for yet.
    ahead: usize,
    size: usize,
    wire: usize,
    put_frame: fn(&[u8], &mut Vec<u8>),
}

impl<S> Raw<S> {
    fn new(stream: S, target: &Target, put_frame: fn(&[u8], &mut Vec<u8>)) -> Self {
        Self {
            stream,
            frame: Vec::new(),
            payload_len: 0,
            fed: Vec::new(),
            buffer: Vec::new(),
            buffer_size: if target.is_tuned { READ_SIZE } else { target.wire },
            ahead: 0,
            size: target.size,
            wire: target.wire,
            put_frame,
        }
    }

    /// Makes the frame of a payload of a new length. Short ones are requests and differ.
    fn prepare(&mut self, payload: &Bytes) {
        if self.payload_len != payload.len() {
            self.frame.clear();
            self.payload_len = payload.len();
            (self.put_frame)(payload, &mut self.frame);
        }
    }
}

impl<S: Socket> Client for Raw<S> {
    async fn connect(target: &Target) -> Result<Self> {
        let mut stream = S::dial(target).await?;
        upgrade(&mut stream, target).await?;
        Ok(Self::new(stream, target, put_masked))
    }

    async fn send(&mut self, payload: &Bytes) -> Result<()> {
        if payload.len() <= REQUEST_LEN {
            let mut frame = Vec::new();
            (self.put_frame)(payload, &mut frame);
            self.stream.write_all(&frame).await?;
            return Ok(self.stream.flush().await?);
        }
        self.prepare(payload);
        self.stream.write_all(&self.frame).await?;
        Ok(self.stream.flush().await?)
    }

    async fn feed(&mut self, payload: &Bytes) -> Result<()> {
        self.prepare(payload);
        self.fed.extend_from_slice(&self.frame);
        Ok(())
    }

    async fn flush(&mut self) -> Result<()> {
        self.stream.write_all(&self.fed).await?;
        self.fed.clear();
        Ok(self.stream.flush().await?)
    }

    async fn receive(&mut self) -> Result<usize> {
        self.buffer.resize(self.buffer_size, 0);
        while self.ahead < self.wire {
            let amount = self.stream.read(&mut self.buffer).await?;
            ensure!(amount > 0, "closed");
            self.ahead += amount;
        }
        self.ahead -= self.wire;
        Ok(self.size)
    }
}

/// The opening handshake in one write; also for the library that has none.
pub(super) async fn upgrade<S: Socket>(stream: &mut S, target: &Target) -> Result<()> {
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        target.path, target.server
    );
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    let mut head = Vec::with_capacity(512);
    while !head.ends_with(b"\r\n\r\n") {
        ensure!(stream.read_buf(&mut head).await? > 0, "closed");
    }
    ensure!(head.starts_with(b"HTTP/1.1 101 "), "refused");
    Ok(())
}

/// It reads that there is a message, and sends one of that length.
impl Host for Raw<TcpStream> {
    async fn accept(mut stream: TcpStream, target: &Target) -> Result<Self> {
        accept(&mut stream).await?;
        Ok(Self::new(stream, target, put_plain))
    }

    async fn send_back(&mut self) -> Result<()> {
        self.receive().await?;
        self.prepare_back();
        Ok(self.stream.write_all(&self.frame).await?)
    }

    async fn feed_back(&mut self) -> Result<()> {
        self.receive().await?;
        self.prepare_back();
        self.fed.extend_from_slice(&self.frame);
        Ok(())
    }
}

impl Raw<TcpStream> {
    fn prepare_back(&mut self) {
        if self.payload_len != self.size {
            self.prepare(&vec![7; self.size].into());
        }
    }
}

fn put_plain(payload: &[u8], out: &mut Vec<u8>) {
    put_header(FIN | BINARY, payload.len() as u64, None, out);
    out.extend_from_slice(payload);
}

const READ_SIZE: usize = 128 * 1024;
/// The length of a request to the server, which differs from the one before.
const REQUEST_LEN: usize = 8;
