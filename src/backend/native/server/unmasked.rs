//! The reading side of a transport whose other side is a client.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, ReadBuf};

use crate::protocol::Unmasker;

/// A transport that reads as if the client were a server: without masks, which are taken off where the reader has its buffer.
pub(super) struct Unmasked<T> {
    transport: T,
    unmasker: Unmasker,
    /// The beginning of a head that was read and cannot be handed on before its end.
    head: Head,
    /// What was unmasked and not taken: at first what came together with the request, later a few bytes if the reader has no room.
    plain: BytesMut,
}

/// At most so many bytes, kept in place.
#[derive(Default)]
struct Head {
    bytes: [u8; Unmasker::MAX_REST],
    len: usize,
}

impl Head {
    fn get(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn set(&mut self, bytes: &[u8]) {
        self.len = bytes.len();
        self.bytes[..bytes.len()].copy_from_slice(bytes);
    }
}

impl<T> Unmasked<T> {
    /// `early` is what came together with the request.
    pub(super) fn new(transport: T, mut early: BytesMut) -> Self {
        let (mut unmasker, mut head) = (Unmasker::default(), Head::default());
        let unmasked = unmasker.unmask(&mut early);
        head.set(&early[unmasked.rest..]);
        // In memory of its own, or a few bytes would hold all of the request.
        Self { transport, unmasker, head, plain: BytesMut::from(&early[..unmasked.plain]) }
    }
}

impl<T: AsyncRead + Unpin> Unmasked<T> {
    /// Reads once, behind the beginning of a head that is there; false at the end.
    fn poll_fill(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<bool>> {
        let start = buf.filled().len();
        buf.put_slice(self.head.get());
        let read_from = buf.filled().len();
        let poll = Pin::new(&mut self.transport).poll_read(cx, buf);
        if !matches!(poll, Poll::Ready(Ok(()))) || buf.filled().len() == read_from {
            buf.set_filled(start);
            return poll.map_ok(|()| false);
        }
        let bytes = &mut buf.filled_mut()[start..];
        let unmasked = self.unmasker.unmask(bytes);
        self.head.set(&bytes[unmasked.rest..]);
        buf.set_filled(start + unmasked.plain);
        Poll::Ready(Ok(true))
    }

    /// The same for a reader that has no room for the beginning of a head.
    fn poll_fill_aside(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let mut space = [0; 2 * Unmasker::MAX_REST];
        let mut read = ReadBuf::new(&mut space);
        let is_more = ready!(self.poll_fill(cx, &mut read))?;
        self.plain.extend_from_slice(read.filled());
        Poll::Ready(Ok(is_more))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Unmasked<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let start = buf.filled().len();
        while buf.filled().len() == start && buf.remaining() > 0 {
            if !this.plain.is_empty() {
                let amount = this.plain.len().min(buf.remaining());
                buf.put_slice(&this.plain[..amount]);
                this.plain.advance(amount);
                if this.plain.is_empty() {
                    this.plain = BytesMut::new();
                }
                break;
            }
            let is_more = if buf.remaining() > Unmasker::MAX_REST {
                ready!(this.poll_fill(cx, buf))?
            } else {
                ready!(this.poll_fill_aside(cx))?
            };
            if !is_more {
                break;
            }
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;
    use crate::protocol::{Opcode, encode};

    /// A reader that gives a few bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl AsyncRead for Slow<'_> {
        fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            let (now, later) = self.0.split_at(self.0.len().min(self.1).min(buf.remaining()));
            buf.put_slice(now);
            self.0 = later;
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn frames_lose_their_masks_whatever_comes_and_is_asked_for_at_a_time() {
        let (mut masked, mut plain) = (Vec::new(), Vec::new());
        for len in [0, 1, 100, 126, 300, 4000, 2, 0] {
            encode([9, 8, 7, 6], Opcode::Binary, &vec![len as u8; len], &mut masked);
            encode(None, Opcode::Binary, &vec![len as u8; len], &mut plain);
        }
        for early in [0, 1, 7, 500] {
            for comes in [1, 3, 14, 1000, usize::MAX] {
                for room in [1, 2, 13, 14, 15, 64, 2048] {
                    let mut reader = Unmasked::new(Slow(&masked[early..], comes), BytesMut::from(&masked[..early]));
                    let (mut seen, mut space) = (Vec::new(), vec![0; room]);
                    loop {
                        match reader.read(&mut space).await.unwrap() {
                            0 => break,
                            amount => seen.extend_from_slice(&space[..amount]),
                        }
                    }
                    assert!(seen == plain, "early {early}, {comes} at a time, room {room}: {} bytes", seen.len());
                    assert!(reader.plain.capacity() == 0, "nothing is kept");
                }
            }
        }
    }
}
