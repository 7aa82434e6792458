//! soketto: buffered on both sides as in its examples; it leaves checking text to the program.

use anyhow::{Result, bail};
use bytes::Bytes;
use futures::io::{BufReader, BufWriter};
use soketto::{
    Data, Receiver, Sender,
    connection::Builder,
    handshake::{Client as Handshake, Server, ServerResponse, server::Response},
};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt as _};

use super::{Client, Host, Target};
use crate::dial::Socket;

type Buffered<S> = BufReader<BufWriter<Compat<S>>>;

#[derive(Debug)]
pub(super) struct Soketto<S> {
    sender: Sender<Buffered<S>>,
    receiver: Receiver<Buffered<S>>,
    message: Vec<u8>,
}

impl<S: Socket> Soketto<S> {
    fn new(mut builder: Builder<Buffered<S>>) -> Self {
        builder.set_max_frame_size(usize::MAX);
        builder.set_max_message_size(usize::MAX);
        let (sender, receiver) = builder.finish();
        Self { sender, receiver, message: Vec::new() }
    }
}

impl<S: Socket> Client for Soketto<S> {
    async fn connect(target: &Target) -> Result<Self> {
        let size = target.buffer_size();
        let stream = BufWriter::with_capacity(size, S::dial(target).await?.compat());
        let host = target.server.to_string();
        let mut client = Handshake::new(BufReader::with_capacity(size, stream), &host, &target.path);
        let ServerResponse::Accepted { .. } = client.handshake().await? else { bail!("refused") };
        Ok(Self::new(client.into_builder()))
    }

    async fn send(&mut self, payload: &Bytes) -> Result<()> {
        self.feed(payload).await?;
        self.flush().await
    }

    async fn feed(&mut self, payload: &Bytes) -> Result<()> {
        Ok(self.sender.send_binary(payload).await?)
    }

    async fn flush(&mut self) -> Result<()> {
        Ok(self.sender.flush().await?)
    }

    async fn receive(&mut self) -> Result<usize> {
        self.message.clear();
        match self.receiver.receive_data(&mut self.message).await? {
            Data::Binary(len) => Ok(len),
            Data::Text(_) => Ok(str::from_utf8(&self.message)?.len()),
        }
    }
}

impl Host for Soketto<TcpStream> {
    async fn accept(stream: TcpStream, target: &Target) -> Result<Self> {
        let size = target.buffer_size();
        let stream = BufWriter::with_capacity(size, stream.compat());
        let mut server = Server::new(BufReader::with_capacity(size, stream));
        let key = server.receive_request().await?.key();
        server.send_response(&Response::Accept { key, protocol: None }).await?;
        Ok(Self::new(server.into_builder()))
    }

    async fn send_back(&mut self) -> Result<()> {
        self.feed_back().await?;
        self.flush().await
    }

    async fn feed_back(&mut self) -> Result<()> {
        self.receive().await?;
        Ok(self.sender.send_binary(&self.message).await?)
    }
}
