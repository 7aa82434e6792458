//! This crate.

use bytes::Bytes;
use websocket_anywhere::MessageWebSocket;

use super::{Client, ended};
use crate::Result;

pub(crate) struct Ours {
    socket: MessageWebSocket,
}

impl Client for Ours {
    async fn connect(url: &str) -> Result<Self> {
        Ok(Self { socket: MessageWebSocket::connect(url).await? })
    }

    async fn send_bytes(&mut self, bytes: &Bytes) -> Result<()> {
        Ok(self.socket.send(&bytes[..]).await?)
    }

    async fn send_text(&mut self, text: &str) -> Result<()> {
        Ok(self.socket.send(text).await?)
    }

    async fn receive(&mut self) -> Result<usize> {
        let message = self.socket.receive().await?.ok_or_else(ended)?;
        Ok(message.as_bytes().len())
    }
}
