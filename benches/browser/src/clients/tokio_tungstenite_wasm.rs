//! tokio-tungstenite-wasm.

use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use tokio_tungstenite_wasm::{Message, WebSocketStream, connect};

use super::{Client, ended};
use crate::Result;

pub(crate) struct TokioTungsteniteWasm {
    stream: WebSocketStream,
}

impl Client for TokioTungsteniteWasm {
    async fn connect(url: &str) -> Result<Self> {
        Ok(Self { stream: connect(url).await? })
    }

    async fn send_bytes(&mut self, bytes: &Bytes) -> Result<()> {
        Ok(self.stream.send(Message::Binary(bytes.clone())).await?)
    }

    async fn send_text(&mut self, text: &str) -> Result<()> {
        Ok(self.stream.send(Message::text(text)).await?)
    }

    async fn receive(&mut self) -> Result<usize> {
        Ok(self.stream.next().await.ok_or_else(ended)??.len())
    }
}
