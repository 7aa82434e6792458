//! A server that tells all of its clients the same, drops those that are too slow, and goes down with grace on `SIGTERM`:
//! `cargo run --example broadcast`.
//!
//! Nobody waits for the slowest. News go out by `try_send`, which gives a message back if a client has not taken those before. A
//! `PreparedMessage` is compressed once for all of them, where clients have it compressed and each message stands by itself.
//! The rule is `MOST_LAG`: who takes nothing for so long is closed with a code that says so; who is slow for less misses some
//! news. On the signal no more clients are accepted, all are closed at once, and nobody may take longer than `GRACE`.
//!
//! Here three clients listen, one does not, and once it is dropped the program sends itself the signal.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use futures::future::{join_all, try_join_all};
use tokio::{
    net::TcpListener,
    select,
    time::{interval, timeout},
};
use websocket_anywhere::{Closed, Control, MessageWebSocket, PreparedMessage, ServerControl, ServerMessageWebSocket};

#[tokio::main]
async fn main() -> Result<()> {
    timeout(PATIENCE, run()).await?
}

async fn run() -> Result<()> {
    let mut end = End::listen()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}/news", listener.local_addr()?);
    println!("news are at {url}");
    let room = Room::default();
    let accepting = tokio::spawn(accept(listener, room.clone()));

    let mut idle = enter(&url).await?;
    let listening = try_join_all((0..LISTENERS).map(|_| enter(&url))).await?;
    let listening: Vec<_> = listening.into_iter().map(|socket| tokio::spawn(listen(socket))).collect();

    let (mut news, mut told) = (interval(PERIOD), 0_u64);
    loop {
        select! {
            _ = news.tick() => told += 1,
            () = end.came() => break,
        }
        let message = PreparedMessage::new(vec![0; SIZE]);
        for client in room.tell(&message) {
            println!("a client took nothing for {MOST_LAG:?} and is dropped");
            tokio::spawn(close(client, TOO_SLOW, "you take too little"));
            end.ask()?;
        }
    }

    println!("going down, after {told} of the news");
    accepting.abort();
    let clients = std::mem::take(&mut *room.clients());
    let closing = clients.into_iter().map(|client| close(client, GOING_DOWN, "the server goes down"));
    let closed: usize = join_all(closing).await.into_iter().map(usize::from).sum();
    ensure!(closed == LISTENERS, "{closed} clients were closed well");
    for outcome in join_all(listening).await {
        let (heard, closed) = outcome??;
        println!("a client heard {heard} of them, then: {closed}");
        ensure!(u16::from(closed.code()) == GOING_DOWN && heard > 0, "it was not told why");
    }
    // The slow one finds what had left before it was dropped, and then the end.
    while let Ok(Some(_)) = idle.receive().await {}
    Ok(())
}

/// Connects, and waits until the server has it among its clients.
async fn enter(url: &str) -> Result<MessageWebSocket> {
    let mut socket = MessageWebSocket::connect(url).await?;
    socket.receive().await?.context("the server has closed")?;
    Ok(socket)
}

/// Hears the news to the end.
async fn listen(mut socket: MessageWebSocket) -> Result<(u64, Closed)> {
    let mut heard = 0;
    while socket.receive().await?.is_some() {
        heard += 1;
    }
    Ok((heard, socket.closed().context("it has not ended")?))
}

/// Lets clients in.
async fn accept(listener: TcpListener, room: Room) {
    let settings = Control::new().outbound_buffer_size(MOST_UNSENT).send_timeout(GRACE);
    let control = ServerControl::new().settings(settings);
    while let Ok((tcp, address)) = listener.accept().await {
        let (room, control) = (room.clone(), control.clone().peer_address(address));
        tokio::spawn(async move {
            match ServerMessageWebSocket::accept(tcp, control).await {
                Ok(mut socket) => {
                    if socket.try_send("welcome").is_ok() {
                        room.clients().push(Client { socket, full_since: None });
                    }
                }
                Err(error) => eprintln!("{address} was not let in: {error}"),
            }
        });
    }
}

/// Closes a client within `GRACE`; whether it has answered. Who has not is dropped.
async fn close(mut client: Client, code: u16, reason: &str) -> bool {
    matches!(timeout(GRACE, client.socket.close(code, reason)).await, Ok(Ok(closed)) if closed.was_clean())
}

/// All clients.
#[derive(Clone, Default)]
struct Room(Arc<Mutex<Vec<Client>>>);

struct Client {
    socket: MessageWebSocket,
    /// Since when it has taken nothing.
    full_since: Option<Instant>,
}

impl Room {
    fn clients(&self) -> MutexGuard<'_, Vec<Client>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells everybody who can take it, forgets who has gone, and gives who is too slow.
    fn tell(&self, message: &PreparedMessage) -> Vec<Client> {
        let mut clients = self.clients();
        clients.retain_mut(|client| match client.socket.try_send(message) {
            Ok(()) => {
                client.full_since = None;
                true
            }
            Err(error) if error.is_full() => {
                client.full_since.get_or_insert_with(Instant::now);
                true
            }
            Err(_) => false,
        });
        let is_slow = |client: &Client| client.full_since.is_some_and(|since| since.elapsed() >= MOST_LAG);
        let (slow, others) = std::mem::take(&mut *clients).into_iter().partition(is_slow);
        *clients = others;
        slow
    }
}

/// The signal to go down.
struct End {
    #[cfg(unix)]
    signal: tokio::signal::unix::Signal,
    #[cfg(not(unix))]
    asked: tokio::sync::Notify,
}

#[cfg(unix)]
impl End {
    fn listen() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self { signal: signal(SignalKind::terminate())? })
    }

    async fn came(&mut self) {
        self.signal.recv().await;
    }

    /// Sends the signal to this process.
    fn ask(&self) -> Result<()> {
        let own = std::process::id().to_string();
        let status = std::process::Command::new("kill").args(["-TERM", &own]).status()?;
        ensure!(status.success(), "kill failed");
        Ok(())
    }
}

#[cfg(not(unix))]
impl End {
    fn listen() -> Result<Self> {
        Ok(Self { asked: tokio::sync::Notify::new() })
    }

    async fn came(&mut self) {
        self.asked.notified().await;
    }

    /// There is no such signal.
    fn ask(&self) -> Result<()> {
        self.asked.notify_one();
        Ok(())
    }
}

/// Between two of the news, and how long each is.
const PERIOD: Duration = Duration::from_millis(5);
const SIZE: usize = 64 * 1024;
/// How much may be unsent to a client before it misses news.
const MOST_UNSENT: usize = 512 * 1024;
/// Who misses all news for so long is dropped.
const MOST_LAG: Duration = Duration::from_millis(500);
/// How long the end may take.
const GRACE: Duration = Duration::from_secs(5);
const TOO_SLOW: u16 = 4008;
const GOING_DOWN: u16 = 4001;
const LISTENERS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(60);
