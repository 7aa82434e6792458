//! tokio-websockets: `connect_on`, `Sink` and `Stream`. For batches the threshold of its queue is raised from 8 KiB.

use anyhow::{Context as _, Result};
use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use tokio_websockets::{ClientBuilder, Config, Limits, Message, WebSocketStream};

use super::{Client, Target};
use crate::dial::Socket;

#[derive(Debug)]
pub(super) struct Websockets<S>(WebSocketStream<S>);

impl<S: Socket> Client for Websockets<S> {
    async fn connect(target: &Target) -> Result<Self> {
        let config = Config::default();
        let config = if target.is_batched { config.flush_threshold(target.buffer_size()) } else { config };
        let builder = ClientBuilder::new().uri(&target.url)?.config(config).limits(Limits::unlimited());
        let (socket, _) = builder.connect_on(S::dial(target).await?).await?;
        Ok(Self(socket))
    }

    async fn send(&mut self, payload: &Bytes) -> Result<()> {
        Ok(self.0.send(Message::binary(payload.clone())).await?)
    }

    async fn feed(&mut self, payload: &Bytes) -> Result<()> {
        Ok(self.0.feed(Message::binary(payload.clone())).await?)
    }

    async fn flush(&mut self) -> Result<()> {
        Ok(self.0.flush().await?)
    }

    async fn receive(&mut self) -> Result<usize> {
        Ok(self.0.next().await.context("closed")??.as_payload().len())
    }
}
