//! TCP through WebSockets, for any protocol: `cargo run --example tunnel`, or `cargo run --example tunnel -- host:port`.
//!
//! program - TCP - entrance = `StreamWebSocket` = exit - TCP - target. Without a target it starts one that echoes, and sends
//! through the tunnel on several connections. With one it says where the entrance is, and ends with the next line of input.
//!
//! A WebSocket has no half-close: when either program ends its direction, the connection ends in both.

use std::{env, time::Duration};

use anyhow::{Result, bail, ensure};
use futures::future::try_join_all;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};
use websocket_anywhere::{ServerControl, ServerStreamWebSocket, StreamWebSocket};

#[tokio::main]
async fn main() -> Result<()> {
    if let Some(target) = env::args().nth(1) {
        println!("the entrance to {target} is {}; Enter ends it", dig(target.clone()).await?);
        BufReader::new(tokio::io::stdin()).read_line(&mut String::new()).await?;
        return Ok(());
    }
    timeout(PATIENCE, run()).await?
}

async fn run() -> Result<()> {
    let service = TcpListener::bind("127.0.0.1:0").await?;
    let target = service.local_addr()?.to_string();
    let (ended, mut ends) = mpsc::unbounded_channel();
    tokio::spawn(echo(service, ended));

    let entrance = dig(target.clone()).await?;
    println!("{entrance} leads to {target}, through WebSockets");
    try_join_all((0..CONNECTIONS).map(|number| send(&entrance, number))).await?;
    println!("{CONNECTIONS} connections at once: the same {SIZE} bytes came back on each");
    for _ in 0..CONNECTIONS {
        match ends.recv().await {
            Some(Ok(SIZE)) => {}
            other => bail!("the target saw {other:?}"),
        }
    }
    println!("the target saw each of them end");

    let nowhere = TcpListener::bind("127.0.0.1:0").await?.local_addr()?.to_string();
    let entrance = dig(nowhere).await?;
    match TcpStream::connect(&entrance).await?.read(&mut [0]).await {
        Ok(0) | Err(_) => println!("a tunnel to nowhere ends at once"),
        Ok(_) => bail!("nobody is there, but somebody speaks"),
    }
    Ok(())
}

/// Makes both ends of a tunnel, and gives the address of its entrance.
async fn dig(target: String) -> Result<String> {
    let (exit, entrance) = (TcpListener::bind("127.0.0.1:0").await?, TcpListener::bind("127.0.0.1:0").await?);
    let url = format!("ws://{}/tunnel", exit.local_addr()?);
    let address = entrance.local_addr()?.to_string();
    // In earnest these are two programs on two machines.
    tokio::spawn(lead_out(exit, target));
    tokio::spawn(lead_in(entrance, url));
    Ok(address)
}

/// The entrance: a WebSocket for each TCP connection.
async fn lead_in(listener: TcpListener, url: String) {
    while let Ok((mut tcp, _)) = listener.accept().await {
        let url = url.clone();
        spawn(async move {
            let mut stream = StreamWebSocket::connect(&url).await?;
            copy_bidirectional(&mut tcp, &mut stream).await?;
            Ok(())
        });
    }
}

/// The exit: a TCP connection for each WebSocket.
async fn lead_out(listener: TcpListener, target: String) {
    while let Ok((tcp, _)) = listener.accept().await {
        let target = target.clone();
        spawn(async move {
            let mut stream = ServerStreamWebSocket::accept(tcp, ServerControl::new()).await?;
            match TcpStream::connect(&target).await {
                Ok(mut tcp) => drop(copy_bidirectional(&mut stream, &mut tcp).await?),
                // The other end of the tunnel hears why.
                Err(_) => drop(stream.close(NO_TARGET, "the target does not answer").await?),
            }
            Ok(())
        });
    }
}

fn spawn(task: impl Future<Output = Result<()>> + Send + 'static) {
    tokio::spawn(async move {
        if let Err(error) = task.await {
            println!("  a connection ended: {error}");
        }
    });
}

/// Sends bytes that no other connection sends, while it reads them back.
async fn send(entrance: &str, number: u64) -> Result<()> {
    let (mut input, mut output) = TcpStream::connect(entrance).await?.into_split();
    let sent: Vec<u8> = (0..SIZE).map(|index| ((index + number) % 251) as u8).collect();
    let mut received = vec![0; sent.len()];
    tokio::try_join!(output.write_all(&sent), input.read_exact(&mut received))?;
    ensure!(received == sent, "connection {number}: other bytes came back");
    Ok(())
}

/// The target: plain TCP, which knows nothing of WebSockets.
async fn echo(listener: TcpListener, ended: mpsc::UnboundedSender<std::io::Result<u64>>) {
    while let Ok((mut tcp, _)) = listener.accept().await {
        let ended = ended.clone();
        tokio::spawn(async move {
            let (mut input, mut output) = tcp.split();
            ended.send(copy(&mut input, &mut output).await)
        });
    }
}

const CONNECTIONS: u64 = 4;
const SIZE: u64 = 8 * 1024 * 1024;
const NO_TARGET: u16 = 4000;
const PATIENCE: Duration = Duration::from_secs(120);
