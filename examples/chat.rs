//! A chat room, its server and three guests who talk at the same time: `cargo run --example chat`.
//!
//! What one guest says all hear, in one order. A guest who does not listen is sent away and does not slow the others down.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Result, anyhow, bail};
use futures::future::try_join_all;
use tokio::{
    net::{TcpListener, TcpStream},
    select,
    sync::broadcast::{self, error::RecvError},
    time::timeout,
};
use websocket_anywhere::{CloseCode, Control, Message, MessageWebSocket, ServerControl, ServerMessageWebSocket, Text};

#[tokio::main]
async fn main() -> Result<()> {
    timeout(PATIENCE, run()).await?
}

async fn run() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}/room", listener.local_addr()?);
    println!("the room is at {url}");
    tokio::spawn(serve(listener));

    let mut guests = Vec::new();
    for name in NAMES {
        guests.push(enter(&url, name).await?);
    }
    let talks = NAMES.into_iter().zip(guests).map(|(name, socket)| talk(name, socket));
    let (mut guests, heard): (Vec<_>, Vec<_>) = try_join_all(talks).await?.into_iter().unzip();
    heard[0].iter().for_each(|line| println!("  {line}"));
    let said = NAMES.iter().flat_map(|name| SAID.iter().map(move |words| format!("{name}: {words}")));
    if heard.iter().any(|lines| *lines != heard[0])
        || heard[0].iter().cloned().collect::<BTreeSet<_>>() != said.collect()
    {
        bail!("not everybody heard the same, or something is missing");
    }
    println!("all {} guests heard these {} lines, in this order", guests.len(), heard[0].len());

    println!("{} closes: {}", NAMES[0], guests.remove(0).close(CloseCode::NORMAL, "good night").await?);
    let farewell = format!("* {} has left", NAMES[0]);
    for guest in &mut guests {
        while line(guest.receive().await?)?.as_str() != farewell {}
    }
    println!("the others hear: {farewell}");
    Ok(())
}

/// Connects, tells the name, and waits until the room has told everybody.
async fn enter(url: &str, name: &str) -> Result<MessageWebSocket> {
    let mut socket = MessageWebSocket::connect_with(url, Control::new().supported_protocol("room")).await?;
    socket.send(name).await?;
    while line(socket.receive().await?)?.as_str() != format!("* {name} has come") {}
    Ok(socket)
}

/// Says something, and more whenever its last line was heard, until all lines of all guests were.
async fn talk(name: &str, mut socket: MessageWebSocket) -> Result<(MessageWebSocket, Vec<String>)> {
    let mut said = 0;
    socket.send(SAID[said]).await?;
    let mut heard = Vec::new();
    while heard.len() < NAMES.len() * SAID.len() {
        let line = line(socket.receive().await?)?;
        if line.starts_with('*') {
            continue;
        }
        heard.push(line.to_string());
        if line.starts_with(name) {
            said += 1;
            if let Some(words) = SAID.get(said) {
                socket.send(*words).await?;
            }
        }
    }
    Ok((socket, heard))
}

fn line(message: Option<Message>) -> Result<Text> {
    match message {
        Some(Message::Text(line)) => Ok(line),
        other => Err(anyhow!("this is no line: {other:?}")),
    }
}

/// The room: a task for each guest, and one channel that all of them write to and read from.
async fn serve(listener: TcpListener) {
    let (room, _) = broadcast::channel(MOST_UNHEARD);
    while let Ok((tcp, _)) = listener.accept().await {
        let room = room.clone();
        tokio::spawn(async move {
            if let Err(error) = host(tcp, &room).await {
                eprintln!("a guest was lost: {error:#}");
            }
        });
    }
}

async fn host(tcp: TcpStream, room: &broadcast::Sender<Text>) -> Result<()> {
    let settings = Control::new().supported_protocol("room").max_message_size(Some(4096));
    let mut socket = ServerMessageWebSocket::accept(tcp, ServerControl::new().settings(settings)).await?;
    let name = line(socket.receive().await?)?;
    let mut lines = room.subscribe();
    // Nobody hears it if nobody is there.
    let tell = |line: String| drop(room.send(line.into()));
    tell(format!("* {name} has come"));
    let end = loop {
        // Whichever future is dropped has lost nothing.
        select! {
            said = socket.receive() => match said {
                Ok(Some(message)) => tell(format!("{name}: {}", message.as_text().unwrap_or("(binary)"))),
                end => break end,
            },
            line = lines.recv() => match line {
                Ok(line) => if let Err(error) = socket.send(Message::Text(line)).await { break Err(error) },
                Err(RecvError::Lagged(_)) => drop(socket.close(TOO_SLOW, "you do not listen").await?),
                Err(RecvError::Closed) => break Ok(None),
            },
        }
    };
    tell(format!("* {name} has left"));
    Ok(end.map(drop)?)
}

const NAMES: [&str; 3] = ["Ada", "Grace", "Edsger"];
const SAID: [&str; 3] = ["good evening", "what a nice room", "is this line first?"];
/// How many lines a guest may be behind.
const MOST_UNHEARD: usize = 256;
const TOO_SLOW: u16 = 4000;
const PATIENCE: Duration = Duration::from_secs(120);
