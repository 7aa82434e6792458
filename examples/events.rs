//! Events in the style of UWP, handlers that are called in the background: `cargo run --example events`.
//!
//! The client subscribes to `MessageReceived` and `Closed`, and so does the server: its handler owns the sending half, and
//! answers from there. A connection that is lost, not closed, is another event.

use std::{net::Shutdown, time::Duration};

use anyhow::{Result, anyhow, bail};
use futures::FutureExt;
use socket2::{SockRef, Socket};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};
use websocket_anywhere::{
    CloseCode, Closed, ErrorKind, Event, Message, MessageSender, MessageWebSocket, ServerControl,
    ServerMessageWebSocket, StreamWebSocket,
};

#[tokio::main]
async fn main() -> Result<()> {
    timeout(PATIENCE, run()).await?
}

async fn run() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}", listener.local_addr()?);
    tokio::spawn(serve(listener));

    println!("messages, then a Close of the server:");
    match &messages(&url, &["one", "two", "close"]).await?[..] {
        [Event::MessageReceived(one), Event::MessageReceived(two), Event::Closed(closed)]
            if one.as_text() == Some("one") && two.as_text() == Some("two") && is(closed, DONE) => {}
        _ => bail!("these are not the events"),
    }
    println!("the server vanishes:");
    match &messages(&url, &["vanish"]).await?[..] {
        [Event::Failed(error)] if error.kind() == ErrorKind::ConnectionAborted => {}
        _ => bail!("these are not the events"),
    }
    println!("a stream of bytes, which is read as ever, and has one event:");
    match &stream(&url).await?[..] {
        [Event::Closed(closed)] if is(closed, CloseCode::NORMAL) => Ok(()),
        _ => Err(anyhow!("these are not the events")),
    }
}

/// Sends these messages, and gives the events.
async fn messages(url: &str, messages: &[&str]) -> Result<Vec<Event>> {
    let (seen, events) = mpsc::unbounded_channel();
    let mut sender = MessageWebSocket::connect(url).await?.listen(move |event| tell(&seen, event));
    for message in messages {
        println!("  sent     {message:?}");
        sender.send(*message).await?;
    }
    Ok(all(events).await)
}

async fn stream(url: &str) -> Result<Vec<Event>> {
    let (seen, events) = mpsc::unbounded_channel();
    let mut stream = StreamWebSocket::connect(url).await?;
    stream.listen(move |event| tell(&seen, event));
    stream.write_all(b"bytes").await?;
    let mut bytes = [0; 5];
    stream.read_exact(&mut bytes).await?;
    println!("  read     {:?}", String::from_utf8_lossy(&bytes));
    stream.close(CloseCode::NORMAL, "done").await?;
    Ok(all(events).await)
}

/// What the handlers of this example do.
fn tell(seen: &mpsc::UnboundedSender<Event>, event: Event) {
    match &event {
        Event::MessageReceived(message) => println!("  received {message:?}"),
        Event::Closed(closed) => println!("  closed   {closed}"),
        Event::Failed(error) => println!("  failed   {error}"),
    }
    // `all` waits for the last event, so there is somebody to hear it.
    let _ = seen.send(event);
}

/// After its last event a handler is dropped, and its channel ends.
async fn all(mut events: mpsc::UnboundedReceiver<Event>) -> Vec<Event> {
    let mut all = Vec::new();
    while let Some(event) = events.recv().await {
        all.push(event);
    }
    all
}

fn is(closed: &Closed, code: CloseCode) -> bool {
    closed.was_clean() && closed.code() == code
}

/// The server has no task for a client, only a handler.
async fn serve(listener: TcpListener) -> Result<()> {
    loop {
        let (tcp, _) = listener.accept().await?;
        accept(tcp).await?;
    }
}

async fn accept(tcp: TcpStream) -> Result<()> {
    let cable = SockRef::from(&tcp).try_clone()?;
    let (mut sender, receiver) = ServerMessageWebSocket::accept(tcp, ServerControl::new()).await?.split();
    receiver.listen(move |event| {
        if let Event::MessageReceived(message) = event {
            answer(message, &mut sender, &cable);
        }
    });
    Ok(())
}

/// A handler does not wait: what it starts by one poll goes on by itself.
fn answer(message: Message, sender: &mut MessageSender, cable: &Socket) {
    let done = match message.as_text() {
        Some("close") => sender.close(DONE, "you asked for it").now_or_never().is_none_or(|closed| closed.is_ok()),
        Some("vanish") => cable.shutdown(Shutdown::Both).is_ok(),
        _ => sender.send(message).now_or_never().is_some_and(|sent| sent.is_ok()),
    };
    if !done {
        eprintln!("the server could not answer");
    }
}

const DONE: CloseCode = CloseCode::NORMAL;
const PATIENCE: Duration = Duration::from_secs(120);
