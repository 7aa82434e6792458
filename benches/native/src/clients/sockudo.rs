//! sockudo-ws: `connect_raw`, which spares it a boxed stream, or `connect_multiplexed` by HTTP/2; then `Sink` and `Stream`.
//!
//! It opens the sockets of a connection of HTTP/2 one after the other.

use std::fmt;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use sockudo_ws::{
    Config, Http1, Http2, Message, Stream, WebSocketStream, client::WebSocketClient, multiplex::MultiplexedConnection,
    server::WebSocketServer,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::{Mutex, OnceCell},
};

use super::{Client, Host, Target};
use crate::dial::Socket;

pub(super) struct Sockudo<S>(WebSocketStream<S>);

impl<S> fmt::Debug for Sockudo<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sockudo").finish_non_exhaustive()
    }
}

/// The connection of HTTP/2 that sockets share.
#[derive(Default)]
pub(crate) struct Shared(OnceCell<Mutex<MultiplexedConnection<Http2>>>);

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

/// What a WebSocket is opened over.
pub(super) trait Below: AsyncRead + AsyncWrite + Send + Unpin + Sized + 'static {
    fn open(target: &Target, config: Config) -> impl Future<Output = Result<WebSocketStream<Self>>> + Send;
}

impl<S: Socket> Below for S {
    async fn open(target: &Target, config: Config) -> Result<WebSocketStream<Self>> {
        let client = WebSocketClient::<Http1>::new(config);
        let host = target.server.to_string();
        Ok(client.connect_raw(S::dial(target).await?, &host, &target.path, None).await?.0)
    }
}

impl Below for Stream<Http2> {
    async fn open(target: &Target, config: Config) -> Result<WebSocketStream<Self>> {
        let connect = || async {
            let client = WebSocketClient::<Http2>::new(config);
            anyhow::Ok(Mutex::new(client.connect_multiplexed(TcpStream::dial(target).await?).await?))
        };
        let mut connection = target.sockudo.0.get_or_try_init(connect).await?.lock().await;
        let url = format!("http://{}{}", target.server, target.path);
        Ok(connection.open_websocket(&url, None).await?)
    }
}

impl<S: Below> Client for Sockudo<S> {
    async fn connect(target: &Target) -> Result<Self> {
        Ok(Self(S::open(target, config()).await?))
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

impl Host for Sockudo<TcpStream> {
    async fn accept(stream: TcpStream, _: &Target) -> Result<Self> {
        Ok(Self(WebSocketServer::<Http1>::new(config()).accept_raw(stream).await?.0))
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

fn config() -> Config {
    Config { max_message_size: usize::MAX, max_frame_size: usize::MAX, ..Config::default() }
}
