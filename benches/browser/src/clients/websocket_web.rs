//! websocket-web, on the `WebSocketStream` that it prefers.

use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use websocket_web::WebSocket;

use super::{Client, ended};
use crate::Result;

pub(crate) struct WebsocketWeb {
    socket: WebSocket,
}

impl Client for WebsocketWeb {
    async fn connect(url: &str) -> Result<Self> {
        Ok(Self { socket: WebSocket::connect(url).await? })
    }

    async fn send_bytes(&mut self, bytes: &Bytes) -> Result<()> {
        Ok(self.socket.send(&bytes[..]).await?)
    }

    async fn send_text(&mut self, text: &str) -> Result<()> {
        Ok(self.socket.send(text).await?)
    }

    async fn receive(&mut self) -> Result<usize> {
        Ok(self.socket.next().await.ok_or_else(ended)??.len())
    }
}
