//! A ticker that goes on after its server was gone: `cargo run --example reconnect`.
//!
//! The server is cut off in the middle, answers 503 for a while, and comes back. The client tells it where to go on, and so
//! misses nothing.

use std::{net::Shutdown, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use socket2::SockRef;
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use websocket_anywhere::{
    CloseCode, Control, ErrorKind, MessageWebSocket, Reconnect, ServerControl, ServerDecision, ServerMessageWebSocket,
};

#[tokio::main]
async fn main() -> Result<()> {
    timeout(PATIENCE, run()).await?
}

async fn run() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}/ticker", listener.local_addr()?);
    tokio::spawn(serve(listener));

    let mut sockets = Reconnect::new(&url, Control::new()).initial_delay(Duration::from_millis(100));
    let mut ticks = Vec::new();
    let mut connections = 0;
    while ticks.len() < LAST as usize {
        let mut socket = connected(&mut sockets).await?;
        connections += 1;
        println!("connected: from {} on, please", ticks.len() + 1);
        match follow(&mut socket, &mut ticks).await {
            Ok(()) => println!("  closed with {}", socket.close(CloseCode::NORMAL, "done").await?),
            Err(error) => println!("  lost: {error}"),
        }
    }
    if !ticks.iter().copied().eq(1..=LAST) || connections != 2 {
        bail!("{ticks:?} in {connections} connections");
    }
    println!("all ticks from 1 to {LAST}, each once, in {connections} connections");
    give_up(&url).await
}

/// Waits for the next socket, and shows meanwhile how it stands.
async fn connected(sockets: &mut Reconnect) -> Result<MessageWebSocket> {
    let mut shown = 0;
    loop {
        // The wait may be given up and taken up again: the attempt goes on.
        if let Ok(socket) = timeout(Duration::from_millis(10), sockets.next()).await {
            return Ok(socket.context("there is no next socket")??);
        }
        match sockets.last_error() {
            Some(error) if sockets.failures() > shown => {
                shown = sockets.failures();
                println!("  attempt {shown}: {error}");
            }
            _ => {}
        }
    }
}

/// Receives until the last tick, or until the connection is lost.
async fn follow(socket: &mut MessageWebSocket, ticks: &mut Vec<u32>) -> Result<()> {
    socket.send((ticks.len() + 1).to_string()).await?;
    while ticks.last() != Some(&LAST) {
        let message = socket.receive().await?.context("the server closed too early")?;
        println!("  {message:?}");
        ticks.push(message.as_text().unwrap_or_default().parse()?);
    }
    Ok(())
}

/// From here on the server answers 503 for ever, and two attempts are enough.
async fn give_up(url: &str) -> Result<()> {
    let mut sockets = Reconnect::new(url, Control::new()).initial_delay(Duration::ZERO).max_attempts(Some(2));
    match sockets.next().await {
        Some(Err(error)) if error.kind() == ErrorKind::HttpStatus(503) && sockets.failures() == 2 => {
            println!("gave up after {} attempts: {error}", sockets.failures());
        }
        other => bail!("not given up, but {other:?}"),
    }
    ensure!(sockets.next().await.is_none(), "it went on after giving up");
    Ok(())
}

/// A server with little luck: what happens to its visitors, one after the other.
async fn serve(listener: TcpListener) -> Result<()> {
    for visit in 1.. {
        let (tcp, _) = listener.accept().await?;
        match visit {
            1 => tick(tcp, LAST / 2).await?,
            4 => tick(tcp, LAST).await?,
            _ => {
                let refusing = ServerControl::new().on_request(|_| ServerDecision::refuse(503));
                // The refusal is an error on this side, too.
                let _ = ServerMessageWebSocket::accept(tcp, refusing).await;
            }
        }
    }
    Ok(())
}

/// Counts from where the client wants to `last`. If that is not the end, the cable is cut.
async fn tick(tcp: TcpStream, last: u32) -> Result<()> {
    let cable = SockRef::from(&tcp).try_clone()?;
    let mut socket = ServerMessageWebSocket::accept(tcp, ServerControl::new()).await?;
    let from = socket.receive().await?.context("the client closed")?;
    for tick in from.as_text().unwrap_or_default().parse()?..=last {
        socket.send(tick.to_string()).await?;
    }
    socket.flush().await?;
    if last < LAST {
        return Ok(cable.shutdown(Shutdown::Both)?);
    }
    // The client closes.
    Ok(socket.receive().await.map(drop)?)
}

const LAST: u32 = 8;
const PATIENCE: Duration = Duration::from_secs(120);
