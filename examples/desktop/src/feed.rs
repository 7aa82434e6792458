//! What the server tells about itself. The thread of the window owns this socket and looks into it in every frame.

use std::time::Instant;

use tokio::{runtime::Handle, sync::oneshot};
use websocket_anywhere::{Error, MessageWebSocket};

use crate::{Wake, explained, rates::Rates, server::Status};

/// The server's feed, as far as it was read.
#[derive(Debug)]
pub struct Feed {
    socket: Socket,
    status: Option<Status>,
    rates: Rates,
}

#[derive(Debug)]
enum Socket {
    Connecting(oneshot::Receiver<Result<MessageWebSocket, Error>>),
    Open(MessageWebSocket),
    Ended(String),
}

impl Feed {
    /// Connects, in the background.
    pub fn new(runtime: &Handle, wake: Wake, url: String) -> Self {
        let (connected, socket) = oneshot::channel();
        runtime.spawn(async move {
            // Nobody waits for it once the window is gone.
            let _ = connected.send(MessageWebSocket::connect(&url).await);
            wake();
        });
        Self { socket: Socket::Connecting(socket), status: None, rates: Rates::default() }
    }

    /// Takes in what has come. To be called in every frame; never waits.
    pub fn update(&mut self, now: Instant) {
        if let Socket::Connecting(socket) = &mut self.socket {
            match socket.try_recv() {
                Ok(Ok(socket)) => self.socket = Socket::Open(socket),
                Ok(Err(error)) => self.socket = Socket::Ended(explained(&error)),
                Err(oneshot::error::TryRecvError::Empty) => {}
                Err(oneshot::error::TryRecvError::Closed) => self.socket = Socket::Ended("no runtime".to_owned()),
            }
        }
        let Socket::Open(socket) = &mut self.socket else {
            return;
        };
        let end = loop {
            match socket.try_receive() {
                Ok(Some(message)) => {
                    if let Some(status) = message.as_text().and_then(|line| line.parse::<Status>().ok()) {
                        self.status = Some(status);
                        self.rates.note(now, status.echoed);
                    }
                }
                Ok(None) => break socket.closed().map(|closed| format!("closed: {closed}")),
                Err(error) => break Some(explained(&error)),
            }
        };
        if let Some(end) = end {
            self.socket = Socket::Ended(end);
        }
    }

    /// The latest line.
    pub fn status(&self) -> Option<Status> {
        self.status
    }

    /// Bytes a second that the server sent back, over time.
    pub fn rates(&self) -> &Rates {
        &self.rates
    }

    /// How it ended; `None` as long as it goes on.
    pub fn end(&self) -> Option<&str> {
        match &self.socket {
            Socket::Ended(end) => Some(end),
            Socket::Connecting(_) | Socket::Open(_) => None,
        }
    }
}
