//! Prints what `tracing` is told of connections: stages with their durations, the end, a time-out. It needs the feature of this
//! name.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use tokio::net::TcpListener;
use tracing_subscriber::fmt::MakeWriter;
use websocket_anywhere::{Control, ErrorKind, MessageWebSocket, ServerControl, ServerMessageWebSocket};

/// Prints, and remembers what it has printed.
#[derive(Clone, Default)]
struct Printer(Arc<Mutex<String>>);

impl Write for Printer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut printed = self.0.lock().map_err(|_| io::Error::other("a thread that printed has panicked"))?;
        printed.push_str(&String::from_utf8_lossy(bytes));
        io::stdout().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush()
    }
}

impl<'a> MakeWriter<'a> for Printer {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let printer = Printer::default();
    tracing_subscriber::fmt()
        .with_writer(printer.clone())
        .with_max_level(tracing::Level::DEBUG)
        .with_target(false)
        .init();

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}/chat?token=nobody-is-told", listener.local_addr()?);
    let serving = tokio::spawn(async move {
        let (tcp, _) = listener.accept().await?;
        let mut socket = ServerMessageWebSocket::accept(tcp, ServerControl::new()).await?;
        while let Some(message) = socket.receive().await? {
            socket.send(message).await?;
        }
        anyhow::Ok(listener)
    });
    let mut socket = MessageWebSocket::connect(&url).await?;
    socket.send("a secret").await?;
    socket.receive().await?.context("the server echoes")?;
    socket.close(1000_u16, "done").await?;

    // A server that accepts nobody any more: the next handshake takes too long.
    let _listener = serving.await??;
    let impatient = Control::new().connect_timeout(Duration::from_millis(50));
    let error = MessageWebSocket::connect_with(&url, impatient).await.err().context("nobody answers")?;
    ensure!(error.kind() == ErrorKind::Timeout, "it failed otherwise: {error}");

    let printed = printer.0.lock().map_err(|_| anyhow::anyhow!("a thread that printed has panicked"))?.clone();
    for words in ["the opening handshake", "connected", "closed", "took too long"] {
        ensure!(printed.contains(words), "nothing was told with {words:?}");
    }
    ensure!(!printed.contains("secret") && !printed.contains("token"), "a secret was told");
    Ok(())
}
