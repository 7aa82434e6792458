//! Both sockets against an echo server: `cargo run --example echo`, or `cargo run --example echo -- wss://host/path`.
//!
//! Without a URL it starts a server of its own, built on tokio-tungstenite, and also sends 256 MiB through a byte stream.

use std::{env, time::Instant};

use anyhow::{Context as _, Result, bail, ensure};
use futures::{SinkExt, StreamExt};
use indicatif::{BinaryBytes, HumanDuration, ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_tungstenite::{accept_async, tungstenite};
use websocket_anywhere::{CloseCode, Closed, InputStream, Message, MessageWebSocket, StreamWebSocket};

#[tokio::main]
async fn main() -> Result<()> {
    if let Some(url) = env::args().nth(1) {
        return messages(&url).await;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}", listener.local_addr()?);
    tokio::spawn(serve(listener));
    messages(&url).await?;
    stream(&url).await
}

/// Sends a text and a binary message, and compares what comes back.
async fn messages(url: &str) -> Result<()> {
    println!("MessageWebSocket to {url}");
    let mut socket = MessageWebSocket::connect(url).await?;
    for sent in [Message::from("Hello, World!"), Message::from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])] {
        socket.send(&sent).await?;
        println!("  sent     {sent:?}");
        let received = socket.receive().await?.context("the server closed instead of echoing")?;
        println!("  received {received:?}");
        if received != sent {
            bail!("the server sent back something else");
        }
    }
    check(&socket.close(CloseCode::NORMAL, "done").await?)
}

/// Sends 256 MiB while reading them back, and compares the hashes.
async fn stream(url: &str) -> Result<()> {
    println!("StreamWebSocket to {url}: {}", BinaryBytes(SIZE));
    let (mut input, mut output) = StreamWebSocket::connect(url).await?.split();
    let started = Instant::now();
    let receiving = tokio::spawn(async move {
        let hash = hash_of(&mut input).await?;
        anyhow::Ok((input, hash))
    });
    let mut source = Source { remaining: SIZE, hash: Sha256::new() };
    tokio::io::copy(&mut source, &mut output).await?;
    AsyncWriteExt::flush(&mut output).await?;
    let (input, received) = receiving.await??;
    let sent: [u8; 32] = source.hash.finalize().into();
    if received != sent {
        bail!("the bytes that came back are not those that were sent");
    }
    let rate = 2.0 * SIZE as f64 / started.elapsed().as_secs_f64();
    println!("  the same bytes came back in {}: {}/s", HumanDuration(started.elapsed()), BinaryBytes(rate as u64));
    let mut stream = output.reunite(input)?;
    check(&stream.close(CloseCode::NORMAL, "done").await?)
}

async fn hash_of(input: &mut InputStream) -> Result<[u8; 32]> {
    let style = ProgressStyle::with_template("  {bar:40} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec}")?;
    let progress = ProgressBar::new(SIZE).with_style(style);
    let mut hash = Sha256::new();
    let mut bytes = vec![0; 64 * 1024];
    let mut input = input.take(SIZE);
    loop {
        match input.read(&mut bytes).await? {
            0 => break,
            amount => {
                hash.update(&bytes[..amount]);
                progress.inc(amount as u64);
            }
        }
    }
    progress.finish();
    Ok(hash.finalize().into())
}

fn check(closed: &Closed) -> Result<()> {
    println!("  closed   {closed}, clean: {}", closed.was_clean());
    ensure!(closed.code() == CloseCode::NORMAL, "the close code is wrong");
    Ok(())
}

/// Bytes to send, hashed as they leave.
struct Source {
    remaining: u64,
    hash: Sha256,
}

impl AsyncRead for Source {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        buf: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        let amount = self.remaining.min(buf.remaining() as u64) as usize;
        let first = self.remaining;
        let bytes: Vec<u8> = (0..amount as u64).map(|index| ((first - index) % 251) as u8).collect();
        self.hash.update(&bytes);
        self.remaining -= amount as u64;
        buf.put_slice(&bytes);
        std::task::Poll::Ready(Ok(()))
    }
}

/// The echo server: not this crate, so that this crate is judged by another.
async fn serve(listener: TcpListener) {
    while let Ok((tcp, _)) = listener.accept().await {
        tokio::spawn(echo(tcp));
    }
}

async fn echo(tcp: TcpStream) -> tungstenite::Result<()> {
    let mut socket = accept_async(tcp).await?;
    while let Some(message) = socket.next().await.transpose()? {
        if message.is_text() || message.is_binary() {
            socket.send(message).await?;
        }
    }
    Ok(())
}

const SIZE: u64 = 256 * 1024 * 1024;
