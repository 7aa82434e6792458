//! The reading side of a transport whose other side is a client.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, ReadBuf};

use crate::protocol::Unmasker;

/// A transport that reads as if the client were a server: without masks.
pub(super) struct Unmasked<T> {
    transport: T,
    unmasker: Unmasker,
    /// What was read and has a mask.
    masked: BytesMut,
    /// What has none any more and was not taken.
    plain: BytesMut,
}

impl<T> Unmasked<T> {
    /// `early` is what came together with the request.
    pub(super) fn new(transport: T, early: BytesMut) -> Self {
        let mut this = Self { transport, unmasker: Unmasker::default(), masked: early, plain: BytesMut::new() };
        this.unmasker.unmask(&mut this.masked, &mut this.plain);
        this.rest();
        this
    }

    /// While nothing arrives no buffer is needed.
    fn rest(&mut self) {
        if self.plain.is_empty() {
            self.plain = BytesMut::new();
        }
        self.masked = BytesMut::from(&self.masked[..]);
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Unmasked<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while this.plain.is_empty() {
            let mut space = [0; READ_SIZE];
            let mut read = ReadBuf::new(&mut space);
            ready!(Pin::new(&mut this.transport).poll_read(cx, &mut read))?;
            if read.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.masked.extend_from_slice(read.filled());
            this.unmasker.unmask(&mut this.masked, &mut this.plain);
        }
        let amount = this.plain.len().min(buf.remaining());
        buf.put_slice(&this.plain[..amount]);
        this.plain.advance(amount);
        if this.plain.is_empty() {
            this.rest();
        }
        Poll::Ready(Ok(()))
    }
}

/// How much is read at once, by way of the stack.
const READ_SIZE: usize = 16 * 1024;
