//! The server inside the program: a room at /chat, an echo at /echo, and at /feed a line four times a second on how it does.

use std::{
    fmt, io,
    net::SocketAddr,
    str::FromStr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    select,
    sync::broadcast::{self, error::RecvError},
    task::{JoinHandle, JoinSet},
    time::interval,
};
use websocket_anywhere::{
    Control, Error, Message, MessageWebSocket, Payload, ReceiveMode, ServerControl, ServerDecision,
    ServerMessageWebSocket,
};

/// A server on a loopback port, until it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Listens on a port that the system chooses.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        Ok(Self { address, task: tokio::spawn(serve(listener)) })
    }

    /// The URL of a path, such as "/chat".
    pub fn url(&self, path: &str) -> String {
        format!("ws://{}{path}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A line of the feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Who is in the room.
    pub guests: usize,
    /// Bytes that came back from /echo since the server started.
    pub echoed: u64,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.guests, self.echoed)
    }
}

impl FromStr for Status {
    type Err = ();

    fn from_str(line: &str) -> Result<Self, ()> {
        let (guests, echoed) = line.split_once(' ').ok_or(())?;
        Ok(Self { guests: guests.parse().map_err(drop)?, echoed: echoed.parse().map_err(drop)? })
    }
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Chat,
    Echo,
    Feed,
}

#[derive(Debug)]
struct House {
    room: broadcast::Sender<Message>,
    guests: AtomicUsize,
    /// Who has come so far: the number is a guest's name.
    arrivals: AtomicUsize,
    echoed: AtomicU64,
}

async fn serve(listener: TcpListener) {
    let house = Arc::new(House {
        room: broadcast::channel(MOST_UNHEARD).0,
        guests: AtomicUsize::new(0),
        arrivals: AtomicUsize::new(0),
        echoed: AtomicU64::new(0),
    });
    // They end with the server.
    let mut connections = JoinSet::new();
    while let Ok((tcp, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        let house = house.clone();
        connections.spawn(async move {
            // The client is told why by a close code or by the status of the answer.
            let _ = host(tcp, &house).await;
        });
    }
}

async fn host(tcp: TcpStream, house: &House) -> Result<(), Error> {
    let place = Arc::new(OnceLock::new());
    let asked = place.clone();
    let settings = Control::new().receive_mode(ReceiveMode::Partial);
    let control = ServerControl::new().settings(settings).on_request(move |request| {
        let known = match request.path() {
            "/chat" => Place::Chat,
            "/echo" => Place::Echo,
            "/feed" => Place::Feed,
            _ => return ServerDecision::refuse(404),
        };
        asked.get_or_init(|| known);
        ServerDecision::accept()
    });
    let socket = ServerMessageWebSocket::accept(tcp, control).await?;
    match place.get() {
        Some(Place::Chat) => chat(socket, house).await,
        Some(Place::Echo) => echo(socket, house).await,
        Some(Place::Feed) => feed(socket, house).await,
        None => Ok(()),
    }
}

/// What one says, all hear, the speaker too.
async fn chat(mut socket: MessageWebSocket, house: &House) -> Result<(), Error> {
    let name = format!("guest {}", house.arrivals.fetch_add(1, Ordering::Relaxed) + 1);
    let mut heard = house.room.subscribe();
    let _guest = Guest::enter(house);
    // Nobody hears it if nobody is there.
    let tell = |message: Message| drop(house.room.send(message));
    tell(Message::from(format!("{name} has come")));
    let end = loop {
        select! {
            said = socket.receive() => match said {
                Ok(Some(Message::Text(text))) => tell(Message::from(format!("{name}: {text}"))),
                Ok(Some(bytes)) => tell(bytes),
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            },
            message = heard.recv() => match message {
                Ok(message) => if let Err(error) = socket.send(message).await { break Err(error) },
                Err(RecvError::Lagged(_)) => break socket.close(TOO_SLOW, "you do not listen").await.map(drop),
                Err(RecvError::Closed) => break Ok(()),
            },
        }
    };
    tell(Message::from(format!("{name} has left")));
    end
}

/// Sends back what comes, part by part: no message has to fit into memory.
async fn echo(mut socket: MessageWebSocket, house: &House) -> Result<(), Error> {
    while let Some(part) = socket.receive_part().await? {
        let payload = part.as_text().map_or_else(|| Payload::from(&part.bytes[..]), Payload::from);
        socket.send_part(payload, part.is_message_complete).await?;
        house.echoed.fetch_add(part.bytes.len() as u64, Ordering::Relaxed);
    }
    Ok(())
}

async fn feed(mut socket: MessageWebSocket, house: &House) -> Result<(), Error> {
    let mut ticks = interval(FEED_INTERVAL);
    loop {
        select! {
            _ = ticks.tick() => {
                let guests = house.guests.load(Ordering::Relaxed);
                let status = Status { guests, echoed: house.echoed.load(Ordering::Relaxed) };
                socket.send(status.to_string()).await?;
            }
            said = socket.receive() => if said?.is_none() { return Ok(()) },
        }
    }
}

/// Counts a guest for as long as there is one, however the connection ends.
struct Guest<'a>(&'a House);

impl<'a> Guest<'a> {
    fn enter(house: &'a House) -> Self {
        house.guests.fetch_add(1, Ordering::Relaxed);
        Self(house)
    }
}

impl Drop for Guest<'_> {
    fn drop(&mut self) {
        self.0.guests.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How many messages a guest may be behind.
const MOST_UNHEARD: usize = 256;
const TOO_SLOW: u16 = 4000;
const FEED_INTERVAL: Duration = Duration::from_millis(250);
