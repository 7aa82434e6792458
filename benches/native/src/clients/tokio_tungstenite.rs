//! tokio-tungstenite: `connect_async_tls_with_config`, `Sink` and `Stream`. Its buffers are 128 KiB by default.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, accept_async_with_config, connect_async_tls_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};

use super::{Client, Host, Target};

#[derive(Debug)]
pub(super) struct Tungstenite(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client for Tungstenite {
    async fn connect(target: &Target) -> Result<Self> {
        let connector = Connector::Rustls(Arc::clone(&target.tls));
        let (socket, _) = connect_async_tls_with_config(&target.url, Some(config()), true, Some(connector)).await?;
        Ok(Self(socket))
    }

    async fn send(&mut self, payload: &Bytes) -> Result<()> {
        Ok(self.0.send(Message::Binary(payload.clone())).await?)
    }

    async fn feed(&mut self, payload: &Bytes) -> Result<()> {
        Ok(self.0.feed(Message::Binary(payload.clone())).await?)
    }

    async fn flush(&mut self) -> Result<()> {
        Ok(self.0.flush().await?)
    }

    async fn receive(&mut self) -> Result<usize> {
        Ok(self.0.next().await.context("closed")??.len())
    }
}

impl Host for Tungstenite {
    async fn accept(stream: TcpStream, _: &Target) -> Result<Self> {
        Ok(Self(accept_async_with_config(MaybeTlsStream::Plain(stream), Some(config())).await?))
    }

    async fn send_back(&mut self) -> Result<()> {
        let message = self.0.next().await.context("closed")??;
        Ok(self.0.send(message).await?)
    }

    async fn feed_back(&mut self) -> Result<()> {
        let message = self.0.next().await.context("closed")??;
        Ok(self.0.feed(message).await?)
    }
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default().max_message_size(None).max_frame_size(None)
}
