//! ws_stream_wasm.

use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use ws_stream_wasm::{WsMessage, WsMeta, WsStream};

use super::{Client, ended};
use crate::Result;

pub(crate) struct WsStreamWasm {
    stream: WsStream,
    /// Keeps the connection.
    _meta: WsMeta,
}

impl Client for WsStreamWasm {
    async fn connect(url: &str) -> Result<Self> {
        let (meta, stream) = WsMeta::connect(url, None).await?;
        Ok(Self { stream, _meta: meta })
    }

    async fn send_bytes(&mut self, bytes: &Bytes) -> Result<()> {
        Ok(self.stream.send(WsMessage::Binary(bytes.to_vec())).await?)
    }

    async fn send_text(&mut self, text: &str) -> Result<()> {
        Ok(self.stream.send(WsMessage::Text(text.to_owned())).await?)
    }

    async fn receive(&mut self) -> Result<usize> {
        Ok(match self.stream.next().await.ok_or_else(ended)? {
            WsMessage::Text(text) => text.len(),
            WsMessage::Binary(bytes) => bytes.len(),
        })
    }
}
