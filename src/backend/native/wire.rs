//! The writing side of the transport.

use std::{
    fmt,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::AsyncWrite as _;

use super::{dial::Output, large_payload::LargePayload, outbound::Outbound};
use crate::protocol::Header;

/// The transport and the bytes that are on their way into it.
pub(super) struct Wire {
    /// `None` once the connection has ended.
    transport: Option<Box<dyn Output>>,
    /// Frames taken from the outbound buffer; new ones gather there meanwhile.
    in_flight: Vec<u8>,
    /// How many of them have been written.
    written: usize,
    /// What follows them, if it is long.
    long: Option<Box<LargePayload>>,
    /// Whether TLS holds bytes back.
    is_dirty: bool,
}

impl Wire {
    pub(super) fn new(transport: Box<dyn Output>) -> Self {
        Self { transport: Some(transport), in_flight: Vec::new(), written: 0, long: None, is_dirty: false }
    }

    /// How many bytes in flight have not been written.
    pub(super) fn unwritten(&self) -> usize {
        self.in_flight.len() - self.written + self.long.as_ref().map_or(0, |long| long.len())
    }

    /// Takes what has gathered, once everything in flight has been written; gives its length.
    pub(super) fn refill(&mut self, outbound: &mut Outbound) -> usize {
        self.in_flight.clear();
        self.written = 0;
        self.long = outbound.take(&mut self.in_flight);
        self.unwritten()
    }

    /// Writes a piece of what is in flight; gives its length.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let written = match self.poll_write_plain(cx) {
            Some(poll) => ready!(poll)?,
            None => {
                self.mask();
                let transport = self.transport.as_mut().ok_or(io::ErrorKind::NotConnected)?;
                let end = self.in_flight.len().min(self.written + MAX_WRITE);
                let written = ready!(Pin::new(transport).poll_write(cx, &self.in_flight[self.written..end]))?;
                self.written += written;
                written
            }
        };
        if written == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        self.is_dirty = true;
        Poll::Ready(Ok(written))
    }

    /// Writes what is in flight and a long payload behind it from where they are; `None` if that cannot be done, as the payload has
    /// to be masked or the transport takes one piece at a time.
    fn poll_write_plain(&mut self, cx: &mut Context<'_>) -> Option<Poll<io::Result<usize>>> {
        let transport = self.transport.as_mut().filter(|transport| transport.is_write_vectored())?;
        let long = self.long.as_mut()?;
        let payload = long.plain()?;
        let head = &self.in_flight[self.written..];
        if head.len() > MAX_WRITE {
            return None;
        }
        let pieces = [IoSlice::new(head), IoSlice::new(&payload[..payload.len().min(MAX_WRITE)])];
        let written = match Pin::new(transport).poll_write_vectored(cx, &pieces) {
            Poll::Ready(Ok(written)) => written,
            other => return Some(other),
        };
        let of_head = written.min(head.len());
        self.written += of_head;
        long.advance(written - of_head);
        if long.len() == 0 {
            self.long = None;
        }
        Some(Poll::Ready(Ok(written)))
    }

    /// Puts the next piece of a long payload in place when it is its turn; the first one leaves together with its header.
    fn mask(&mut self) {
        let Some(long) = &mut self.long else { return };
        if self.in_flight.len() - self.written <= Header::MAX_SIZE {
            self.in_flight.drain(..self.written);
            self.written = 0;
            if !long.next_piece(&mut self.in_flight) {
                self.long = None;
            }
        }
    }

    /// Hands the last bytes to the operating system.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let (true, Some(transport)) = (self.is_dirty, &mut self.transport) {
            ready!(Pin::new(transport).poll_flush(cx))?;
            self.is_dirty = false;
        }
        Poll::Ready(Ok(()))
    }

    /// How many bytes the system has taken and the peer has not, where the system tells.
    pub(super) fn in_system(&self) -> Option<usize> {
        self.transport.as_ref()?.in_system()
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
    }

    /// Gives the buffer back if nothing is in it.
    pub(super) fn trim(&mut self) {
        if self.unwritten() == 0 {
            self.forget();
        }
    }

    /// Throws away what is in flight, also what TLS holds back: nothing can be written any more.
    pub(super) fn give_up(&mut self) {
        self.forget();
        self.is_dirty = false;
    }

    fn forget(&mut self) {
        self.in_flight = Vec::new();
        self.written = 0;
        self.long = None;
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("in_flight", &self.unwritten()).finish_non_exhaustive()
    }
}

/// How much is handed over at once: the longest piece of a long payload and what is before it fit.
const MAX_WRITE: usize = 8 * 1024 * 1024;
