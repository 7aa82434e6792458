//! yawc: `handshake` on a bare TCP stream, `Sink` and `next_frame`; text is checked, which is not the default.
//!
//! For speed its buffers are those of its own benchmark: 128 KiB to read, 64 KiB to write.

use std::fmt;

use anyhow::{Result, bail};
use bytes::Bytes;
use futures::SinkExt as _;
use yawc::{Frame, OpCode, Options, WebSocket};

use super::{Client, Target};
use crate::{dial::Socket, workloads::Deflate};

pub(super) struct Yawc<S>(WebSocket<S>);

impl<S> fmt::Debug for Yawc<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Yawc").finish_non_exhaustive()
    }
}

impl<S: Socket> Client for Yawc<S> {
    async fn connect(target: &Target) -> Result<Self> {
        let options = Options::default().with_limits(usize::MAX, usize::MAX).with_utf8().without_compression();
        let options = match target.deflate {
            Deflate::Off => options,
            Deflate::Takeover => options.with_balanced_compression(),
            Deflate::Fresh => {
                options.with_balanced_compression().client_no_context_takeover().server_no_context_takeover()
            }
        };
        let options = if target.is_tuned {
            options.with_read_buffer_capacity(READ_SIZE).with_backpressure_boundary(WRITE_SIZE)
        } else {
            options
        };
        Ok(Self(WebSocket::handshake(target.url.parse()?, S::dial(target).await?, options).await?))
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

const READ_SIZE: usize = 128 * 1024;
const WRITE_SIZE: usize = 64 * 1024;
