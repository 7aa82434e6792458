//! The load generator: clients by hand, for servers that are measured.
//!
//! Its sockets belong to the connection by which the orders come, and end with it.

use std::sync::Arc;

use anyhow::{Result, ensure};
use futures::future::try_join;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

use super::source::Source;
use crate::{
    orders::{DONE, HOST, Order},
    wire::{put_masked, server_header},
};

pub(super) async fn listen(listener: TcpListener) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(obey_all(stream));
    }
}

async fn obey_all(stream: TcpStream) -> Result<()> {
    let mut stream = BufReader::new(stream);
    let mut load = Load { clients: Vec::new(), buffer: vec![0; BUFFER_SIZE].into() };
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let outcome = load.obey(&line.trim_end().parse()?).await;
        line.clear();
        let answer = outcome.map_or_else(|error| format!("{error:#}\n"), |()| DONE.to_owned());
        stream.get_mut().write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

struct Load {
    clients: Vec<TcpStream>,
    /// What is read goes here, and is no more than counted.
    buffer: Box<[u8]>,
}

impl Load {
    async fn obey(&mut self, order: &Order) -> Result<()> {
        match order {
            Order::Open { port, count, path } => {
                for _ in 0..*count {
                    self.clients.push(open(*port, path).await?);
                }
                Ok(())
            }
            &Order::Echo { size, count, window } => {
                for client in &mut self.clients {
                    echo(client, &mut self.buffer, size, count, window).await?;
                }
                Ok(())
            }
            &Order::Send { size, count } => {
                let source = Source::masked(size)?;
                for client in &mut self.clients {
                    source.send(client, count).await?;
                }
                Ok(())
            }
            &Order::Swallow { count } => self.swallow(count).await,
            &Order::Touch { size } => {
                let mut frame = Vec::new();
                put_masked(&vec![7; size], &mut frame);
                for client in &mut self.clients {
                    client.write_all(&frame).await?;
                }
                self.swallow(1).await
            }
        }
    }

    async fn swallow(&mut self, count: u64) -> Result<()> {
        for client in &mut self.clients {
            swallow(client, &mut self.buffer, count, |_| {}).await?;
        }
        Ok(())
    }
}

/// The opening handshake in one write (RFC 6455 section 4.1).
async fn open(port: u16, path: &str) -> Result<TcpStream> {
    let mut stream = TcpStream::connect((HOST, port)).await?;
    stream.set_nodelay(true)?;
    let extensions = if path.contains("deflate=") { OFFER } else { "" };
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{extensions}\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::with_capacity(512);
    while !head.ends_with(b"\r\n\r\n") {
        ensure!(stream.read_buf(&mut head).await? > 0, "the server has closed in the handshake");
    }
    ensure!(head.starts_with(b"HTTP/1.1 101 "), "the server refuses: {}", String::from_utf8_lossy(&head));
    let agrees = head.windows(AGREED.len()).any(|part| part == AGREED);
    ensure!(agrees != extensions.is_empty(), "the server does not agree to what is compressed");
    Ok(stream)
}

/// Sends a quarter of the window at once, as soon as so much is free.
async fn echo(client: &mut TcpStream, buffer: &mut [u8], size: usize, count: u64, window: u32) -> Result<()> {
    let piece = (window / 4).max(1);
    let mut frame = Vec::new();
    put_masked(&vec![7; size], &mut frame);
    let frames = frame.repeat(piece as usize);
    ensure!(count.is_multiple_of(piece.into()), "the count is not a multiple of a quarter of the window");
    let free = Arc::new(Semaphore::new(window as usize));
    let (mut input, mut output) = client.split();
    let sending = async {
        for _ in 0..count / u64::from(piece) {
            free.acquire_many(piece).await?.forget();
            output.write_all(&frames).await?;
        }
        anyhow::Ok(())
    };
    let receiving = swallow(&mut input, buffer, count, |came| free.add_permits(came));
    try_join(sending, receiving).await.map(|_| ())
}

/// Takes messages, and tells how many came at a time.
async fn swallow<S>(stream: &mut S, buffer: &mut [u8], count: u64, came: impl Fn(usize)) -> Result<()>
where
    S: AsyncRead + Unpin,
{
    let (mut missing, mut skipped, mut there) = (count, 0_u64, 0);
    while missing > 0 {
        let amount = stream.read(&mut buffer[there..]).await?;
        ensure!(amount > 0, "the server has closed, {missing} messages early");
        there += amount;
        let (mut at, before) = (0, missing);
        loop {
            let payload = skipped.min((there - at) as u64);
            at += payload as usize;
            skipped -= payload;
            if skipped > 0 {
                break;
            }
            if missing == 0 {
                break;
            }
            let Some((is_message, len, header)) = server_header(&buffer[at..there]) else { break };
            at += header;
            skipped = len;
            missing -= u64::from(is_message);
        }
        buffer.copy_within(at..there, 0);
        there -= at;
        // Only what is there to its end has come.
        if missing == 0 && skipped > 0 {
            let mut rest = stream.take(skipped);
            while rest.read(&mut buffer[there..]).await? > 0 {}
            ensure!(rest.limit() == 0, "the server has closed inside of a message");
        }
        came((before - missing) as usize);
    }
    Ok(())
}

const BUFFER_SIZE: usize = 256 * 1024;
const OFFER: &str =
    "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n";
const AGREED: &[u8] = b"permessage-deflate";

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn messages_are_counted_wherever_they_are_cut() {
        // A ping, an empty message, a message of two frames, and one of 200 bytes.
        let mut bytes = b"\x89\x01p\x82\x00\x02\x01a\x80\x01b\x82\x7e\x00\xc8".to_vec();
        bytes.extend([7; 200]);
        for cut in 0..bytes.len() {
            let mut stream = (&bytes[..cut]).chain(&bytes[cut..]);
            let seen = std::cell::Cell::new(0);
            let count = |came| seen.set(seen.get() + came);
            swallow(&mut stream, &mut [0; 32], 3, count).await.expect("there are as many");
            assert_eq!(seen.get(), 3, "cut at {cut}");
            assert!(swallow(&mut stream, &mut [0; 32], 1, |_| {}).await.is_err(), "there is no more");
        }
    }
}
