//! yawc: `handshake` on a bare TCP stream, or `connect` by HTTP/2; `Sink` and `next_frame`.
//!
//! Text is checked, which is not the default. For speed its buffers are those of its own benchmark: 128 KiB to read, 64 KiB to write.

use std::fmt;

use anyhow::{Result, bail};
use bytes::Bytes;
use futures::SinkExt as _;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use yawc::{Frame, HttpStream, HttpVersion, OpCode, Options, Role, WebSocket};

use super::{Client, Host, Target};
use crate::{dial::Socket, server::handshake::accept, workloads::Deflate};

pub(super) struct Yawc<S>(WebSocket<S>);

impl<S> fmt::Debug for Yawc<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Yawc").finish_non_exhaustive()
    }
}

/// What a WebSocket is opened over.
pub(super) trait Below: AsyncRead + AsyncWrite + Send + Unpin + Sized + 'static {
    fn open(target: &Target, options: Options) -> impl Future<Output = Result<WebSocket<Self>>> + Send;
}

impl<S: Socket> Below for S {
    async fn open(target: &Target, options: Options) -> Result<WebSocket<Self>> {
        Ok(WebSocket::handshake(target.url.parse()?, S::dial(target).await?, options).await?)
    }
}

/// A stream of an HTTP/2 connection that nothing else uses.
impl Below for HttpStream {
    async fn open(target: &Target, options: Options) -> Result<WebSocket<Self>> {
        let options = options.with_no_delay();
        let builder = WebSocket::connect(target.url.parse()?).with_options(options);
        Ok(builder.http_version(HttpVersion::Http2).await?)
    }
}

fn options(target: &Target) -> Options {
    let options = Options::default().with_limits(usize::MAX, usize::MAX).with_utf8().without_compression();
    let options = match target.deflate {
        Deflate::Off => options,
        Deflate::Takeover => options.with_balanced_compression(),
        Deflate::Fresh => options.with_balanced_compression().client_no_context_takeover().server_no_context_takeover(),
    };
    if target.is_tuned {
        options.with_read_buffer_capacity(READ_SIZE).with_backpressure_boundary(WRITE_SIZE)
    } else {
        options
    }
}

impl<S: Below> Client for Yawc<S> {
    async fn connect(target: &Target) -> Result<Self> {
        Ok(Self(S::open(target, options(target)).await?))
    }

    async fn send(&mut self, payload: &Bytes) -> Result<()> {
        Ok(self.0.send(Frame::binary(payload.clone())).await?)
    }

    async fn feed(&mut self, payload: &Bytes) -> Result<()> {
        Ok(self.0.feed(Frame::binary(payload.clone())).await?)
    }

    async fn flush(&mut self) -> Result<()> {
        Ok(self.0.flush().await?)
    }

    async fn receive(&mut self) -> Result<usize> {
        let frame = self.0.next_frame().await?;
        match frame.opcode() {
            OpCode::Text | OpCode::Binary => Ok(frame.payload().len()),
            opcode => bail!("{opcode:?} came instead of a message"),
        }
    }
}

impl Host for Yawc<TcpStream> {
    async fn accept(mut stream: TcpStream, target: &Target) -> Result<Self> {
        let (_, extensions) = accept(&mut stream).await?;
        let extensions = (!extensions.is_empty()).then_some(extensions);
        Ok(Self(WebSocket::from_stream_with_extensions(stream, Role::Server, extensions, options(target))?))
    }

    async fn send_back(&mut self) -> Result<()> {
        let frame = self.0.next_frame().await?;
        Ok(self.0.send(frame).await?)
    }

    async fn feed_back(&mut self) -> Result<()> {
        let frame = self.0.next_frame().await?;
        Ok(self.0.feed(frame).await?)
    }
}

const READ_SIZE: usize = 128 * 1024;
const WRITE_SIZE: usize = 64 * 1024;
