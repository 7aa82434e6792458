//! gloo-net; it sends bytes as a `Blob`.

use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use gloo_net::websocket::{Message, State, futures::WebSocket};

use super::{Client, ended};
use crate::Result;

pub(crate) struct Gloo {
    socket: WebSocket,
}

impl Client for Gloo {
    async fn connect(url: &str) -> Result<Self> {
        let mut socket = WebSocket::open(url).map_err(|error| error.to_string())?;
        // It is open when it is ready to send.
        futures::future::poll_fn(|cx| socket.poll_ready_unpin(cx)).await?;
        if matches!(socket.state(), State::Open) { Ok(Self { socket }) } else { Err(ended()) }
    }

    async fn send_bytes(&mut self, bytes: &Bytes) -> Result<()> {
        Ok(self.socket.send(Message::Bytes(bytes.to_vec())).await?)
    }

    async fn send_text(&mut self, text: &str) -> Result<()> {
        Ok(self.socket.send(Message::Text(text.to_owned())).await?)
    }

    async fn receive(&mut self) -> Result<usize> {
        Ok(match self.socket.next().await.ok_or_else(ended)?? {
            Message::Text(text) => text.len(),
            Message::Bytes(bytes) => bytes.len(),
        })
    }
}
