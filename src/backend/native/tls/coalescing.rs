//! The client's last flight of the TLS handshake leaves together with the request that follows it: one segment and one system
//! call fewer.

use std::{
    io::{self, IoSlice},
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// As much as a handshake holds back; a client certificate with its chain is larger and leaves at once.
const MAX_HELD: usize = 4 * 1024;

/// A transport below TLS that holds back what the handshake writes until the handshake waits for the server, or until
/// something is written after it.
pub(in crate::backend::native) struct Coalescing<S> {
    transport: S,
    /// What waits; nothing once the first request has left.
    held: Vec<u8>,
    is_handshaking: bool,
    /// Whether the transport has to be flushed before anything is read: it may have a buffer of its own.
    is_flush_due: bool,
}

impl<S> Coalescing<S> {
    pub(super) fn new(transport: S) -> Self {
        Self { transport, held: Vec::new(), is_handshaking: true, is_flush_due: false }
    }

    pub(in crate::backend::native) fn get_ref(&self) -> &S {
        &self.transport
    }

    /// What is held leaves with the next write, read or flush.
    pub(super) fn handshake_ended(&mut self) {
        self.is_handshaking = false;
    }
}

impl<S: AsyncWrite + Unpin> Coalescing<S> {
    /// Sends what is held.
    pub(super) fn poll_release(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.held.is_empty() {
            let written = ready!(Pin::new(&mut self.transport).poll_write(cx, &self.held))?;
            self.wrote(written)?;
        }
        if self.is_flush_due {
            ready!(Pin::new(&mut self.transport).poll_flush(cx))?;
            self.is_flush_due = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Takes note of bytes that left. Returns how many of them were not held.
    fn wrote(&mut self, written: usize) -> io::Result<usize> {
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        let held = self.held.len();
        if written < held {
            self.held.drain(..written);
        } else {
            // Its memory is freed: the connection may live for long.
            mem::take(&mut self.held);
        }
        Ok(written.saturating_sub(held))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Coalescing<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        // The server answers what it has got.
        ready!(self.poll_release(cx))?;
        Pin::new(&mut self.transport).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Coalescing<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.held.is_empty() && !self.is_handshaking {
            return Pin::new(&mut self.get_mut().transport).poll_write(cx, buf);
        }
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.is_handshaking {
            this.is_flush_due = true;
            let length = bufs.iter().map(|buf| buf.len()).sum::<usize>();
            if this.held.len() + length <= MAX_HELD {
                bufs.iter().for_each(|buf| this.held.extend_from_slice(buf));
                return Poll::Ready(Ok(length));
            }
        }
        while !this.held.is_empty() {
            let mut all = Vec::with_capacity(1 + bufs.len());
            all.push(IoSlice::new(&this.held));
            all.extend_from_slice(bufs);
            let written = ready!(Pin::new(&mut this.transport).poll_write_vectored(cx, &all))?;
            let fresh = this.wrote(written)?;
            if fresh > 0 {
                return Poll::Ready(Ok(fresh));
            }
        }
        Pin::new(&mut this.transport).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.transport.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_handshaking {
            return Poll::Ready(Ok(()));
        }
        self.is_flush_due = true;
        self.poll_release(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_release(cx))?;
        Pin::new(&mut self.transport).poll_shutdown(cx)
    }
}
