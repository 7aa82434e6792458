//! HTTP/2 below the server (RFC 9113), taken for granted by the client: each WebSocket is a stream (RFC 8441).

use std::{
    future, io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use h2::{RecvStream, SendStream, server};
use hyper::Response;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

use super::{
    handshake::Request,
    serve_request,
    source::{Block, Sink},
};

pub(super) async fn listen(listener: TcpListener) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(connection(stream));
    }
}

/// Agrees to every request, and reads and writes for all streams of the connection.
async fn connection(stream: TcpStream) -> Result<()> {
    let mut builder = server::Builder::new();
    builder
        .enable_connect_protocol()
        .initial_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .max_send_buffer_size(SEND_BUFFER);
    let mut connection = builder.handshake::<_, Bytes>(stream).await?;
    while let Some(next) = connection.accept().await {
        let (request, mut answer) = next?;
        let target = request.uri().path_and_query().context("no path")?;
        let asked = Request::new(target.as_str());
        let send = answer.send_response(Response::new(()), false)?;
        let stream = Stream { send, receive: request.into_body(), data: Bytes::new() };
        tokio::spawn(async move { serve_request(stream, &asked).await });
    }
    Ok(())
}

/// A stream of HTTP/2 as a stream of bytes.
#[derive(Debug)]
struct Stream {
    send: SendStream<Bytes>,
    receive: RecvStream,
    /// What has arrived and has not been read.
    data: Bytes,
}

impl Stream {
    /// How many of so many bytes may be sent now; at least one.
    fn poll_room(&mut self, cx: &mut Context<'_>, wanted: usize) -> Poll<io::Result<usize>> {
        self.send.reserve_capacity(wanted);
        while self.send.capacity() == 0 {
            ready!(self.send.poll_capacity(cx)).ok_or(io::ErrorKind::BrokenPipe)?.map_err(io::Error::other)?;
        }
        Poll::Ready(Ok(self.send.capacity().min(wanted)))
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        while self.data.is_empty() {
            let Some(data) = ready!(self.receive.poll_data(cx)) else { return Poll::Ready(Ok(())) };
            self.data = data.map_err(io::Error::other)?;
            let amount = self.data.len();
            self.receive.flow_control().release_capacity(amount).map_err(io::Error::other)?;
        }
        let amount = self.data.len().min(buf.remaining());
        buf.put_slice(&self.data.split_to(amount));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let amount = ready!(self.poll_room(cx, bytes.len()))?;
        self.send.send_data(Bytes::copy_from_slice(&bytes[..amount]), false).map_err(io::Error::other)?;
        Poll::Ready(Ok(amount))
    }

    /// The connection sends by itself.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.send.send_data(Bytes::new(), true).map_err(io::Error::other))
    }
}

impl Sink for Stream {
    /// Copies nothing but what the kernel does.
    async fn send_block(&mut self, block: &Block, len: u64) -> Result<()> {
        let mut bytes = block.bytes(len);
        while !bytes.is_empty() {
            let amount = future::poll_fn(|cx| self.poll_room(cx, bytes.len())).await?;
            self.send.send_data(bytes.split_to(amount), false)?;
        }
        Ok(())
    }
}

/// So much that no client waits for it: for one stream, and for all streams of a connection.
const WINDOW: u32 = 16 * 1024 * 1024;
/// What may wait to be sent by a stream: twice what is written at a time.
const SEND_BUFFER: usize = 512 * 1024;

#[cfg(test)]
mod tests {
    use futures::future::try_join_all;
    use websocket_anywhere::{Control, HttpVersion, MessageWebSocket, SharedConnections};

    use super::*;

    #[tokio::test]
    async fn every_mode_works_by_streams_of_one_connection() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a port");
        let url = format!("ws://{}", listener.local_addr().expect("it is bound"));
        tokio::spawn(listen(listener));
        let shared = SharedConnections::new();
        let control = Control::new().http_version(HttpVersion::Http2).shared_connections(&shared);
        let urls = ["/echo?", "/sink?", "/source?size=65536&fragments=1"].map(|path| format!("{url}{path}"));
        let connect = |url| MessageWebSocket::connect_with(url, control.clone());
        let mut sockets = try_join_all(urls.iter().map(|url| connect(url))).await.expect("the server agrees");
        assert_eq!(shared.connections(), 1);
        // More than the windows, so that they have to be opened again.
        let many = 2 * u64::from(WINDOW) / 65_536;
        for _ in 0..many {
            sockets[1].send(vec![7; 65_536]).await.expect("there is room again and again");
        }
        for (socket, sent, received) in [
            (0, vec![1, 2, 3], vec![3]),
            (1, vec![0], vec![1]),
            (2, many.to_be_bytes().into(), vec![65_536; many as usize]),
        ] {
            let socket = &mut sockets[socket];
            socket.send(sent).await.expect("the server reads");
            for len in received {
                let message = socket.receive().await.expect("the server answers").expect("it stays");
                assert_eq!(message.as_bytes().len(), len);
            }
        }
    }
}
