//! sockudo-ws: `connect_raw`, which spares it a boxed stream, then `Sink` and `Stream`.

use std::fmt;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use sockudo_ws::{Config, Http1, Message, WebSocketStream, client::WebSocketClient};

use super::{Client, Target};
use crate::dial::Socket;

pub(super) struct Sockudo<S>(WebSocketStream<S>);

impl<S> fmt::Debug for Sockudo<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sockudo").finish_non_exhaustive()
    }
}

impl<S: Socket> Client for Sockudo<S> {
    async fn connect(target: &Target) -> Result<Self> {
        let config = Config { max_message_size: usize::MAX, max_frame_size: usize::MAX, ..Config::default() };
        let client = WebSocketClient::<Http1>::new(config);
        let host = target.server.to_string();
        let (socket, _) = client.connect_raw(S::dial(target).await?, &host, &target.path, None).await?;
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
        match self.0.next().await.context("closed")?? {
            Message::Text(payload) | Message::Binary(payload) => Ok(payload.len()),
            other => bail!("{other:?} came instead of a message"),
        }
    }
}
