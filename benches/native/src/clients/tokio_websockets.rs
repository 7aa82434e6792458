//! tokio-websockets: `connect_on`, `Sink` and `Stream`. For batches the threshold of its queue is raised from 8 KiB.

use anyhow::{Context as _, Result};
use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_websockets::{ClientBuilder, Config, Limits, Message, ServerBuilder, WebSocketStream};

use super::{Client, Host, Target};
use crate::dial::Socket;

#[derive(Debug)]
pub(super) struct Websockets<S>(WebSocketStream<S>);

impl<S: Socket> Client for Websockets<S> {
    async fn connect(target: &Target) -> Result<Self> {
        let builder = ClientBuilder::new().uri(&target.url)?.config(config(target)).limits(Limits::unlimited());
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

impl Host for Websockets<TcpStream> {
    async fn accept(stream: TcpStream, target: &Target) -> Result<Self> {
        let builder = ServerBuilder::new().config(config(target)).limits(Limits::unlimited());
        Ok(Self(builder.accept(stream).await?.1))
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

fn config(target: &Target) -> Config {
    let config = Config::default();
    if target.is_batched { config.flush_threshold(target.buffer_size()) } else { config }
}
