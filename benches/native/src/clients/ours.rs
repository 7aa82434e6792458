//! This crate: messages as slices, streams as slices of 64 KiB. Nothing is tuned.

use anyhow::{Context as _, Result};
use bytes::Bytes;
use tokio::{io::AsyncWriteExt as _, net::TcpStream};
use websocket_anywhere::{MessageWebSocket, PreparedMessage, ServerMessageWebSocket, StreamWebSocket};

use super::{Client, Host, Target};

/// For workloads of messages.
#[derive(Debug)]
pub(super) struct Messages(MessageWebSocket);

impl Client for Messages {
    async fn connect(target: &Target) -> Result<Self> {
        Ok(Self(MessageWebSocket::connect_with(&target.url, target.control.clone()).await?))
    }

    async fn send(&mut self, payload: &Bytes) -> Result<()> {
        if payload.len() < LONG {
            return Ok(self.0.send(&payload[..]).await?);
        }
        Ok(self.0.send(payload.clone()).await?)
    }

    async fn feed(&mut self, payload: &Bytes) -> Result<()> {
        Ok(self.0.feed(&payload[..]).await?)
    }

    async fn flush(&mut self) -> Result<()> {
        Ok(self.0.flush().await?)
    }

    async fn receive(&mut self) -> Result<usize> {
        let message = self.0.receive().await?.context("closed")?;
        Ok(message.as_bytes().len())
    }
}

impl Host for Messages {
    async fn accept(stream: TcpStream, target: &Target) -> Result<Self> {
        Ok(Self(ServerMessageWebSocket::accept(stream, target.server_control.clone()).await?))
    }

    async fn send_back(&mut self) -> Result<()> {
        let message = self.0.receive().await?.context("closed")?;
        Ok(self.0.send(message).await?)
    }

    async fn feed_back(&mut self) -> Result<()> {
        let message = self.0.receive().await?.context("closed")?;
        Ok(self.0.feed(message).await?)
    }

    async fn broadcast(hosts: &mut [Self], payload: &Bytes) -> Result<()> {
        let message = PreparedMessage::new(payload.clone());
        for host in hosts {
            host.0.send(&message).await?;
        }
        Ok(())
    }
}

/// From here on a payload is better given away.
const LONG: usize = 16 * 1024;

/// For workloads of bytes.
#[derive(Debug)]
pub(super) struct Stream(StreamWebSocket);

impl Client for Stream {
    async fn connect(target: &Target) -> Result<Self> {
        Ok(Self(StreamWebSocket::connect_with(&target.url, target.control.clone()).await?))
    }

    async fn send(&mut self, payload: &Bytes) -> Result<()> {
        Ok(self.0.write_all(payload).await?)
    }

    async fn flush(&mut self) -> Result<()> {
        Ok(self.0.flush().await?)
    }

    async fn receive(&mut self) -> Result<usize> {
        Ok(self.0.read_chunk().await?.context("closed")?.len())
    }
}
