//! The writing side of the transport.

use std::{
    fmt, io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, BytesMut};
use tokio::io::AsyncWrite;

use super::outbound::MAX_KEPT;

/// The transport and the bytes that are on their way into it.
pub(super) struct Wire {
    /// `None` once the connection has ended.
    transport: Option<Box<dyn AsyncWrite + Send + Unpin>>,
    /// Frames taken from the outbound buffer; new ones gather there meanwhile.
    pub(super) in_flight: BytesMut,
    /// Whether TLS holds bytes back.
    is_dirty: bool,
}

impl Wire {
    pub(super) fn new(transport: Box<dyn AsyncWrite + Send + Unpin>) -> Self {
        Self { transport: Some(transport), in_flight: BytesMut::new(), is_dirty: false }
    }

    /// Writes a piece of what is in flight and tells how much.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let transport = self.transport.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        let written = ready!(Pin::new(transport).poll_write(cx, &self.in_flight))?;
        if written == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        self.in_flight.advance(written);
        self.is_dirty = true;
        Poll::Ready(Ok(written))
    }

    /// Hands the last bytes to the operating system.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let (true, Some(transport)) = (self.is_dirty, &mut self.transport) {
            ready!(Pin::new(transport).poll_flush(cx))?;
            self.is_dirty = false;
        }
        if self.in_flight.capacity() > MAX_KEPT {
            self.in_flight = BytesMut::new();
        }
        Poll::Ready(Ok(()))
    }

    /// Tells the peer that nothing more will come.
    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Some(transport) => Pin::new(transport).poll_shutdown(cx),
            None => Poll::Ready(Ok(())),
        }
    }

    /// Lets go of the transport.
    pub(super) fn release(&mut self) {
        self.transport = None;
        self.in_flight = BytesMut::new();
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("in_flight", &self.in_flight.len()).finish_non_exhaustive()
    }
}
