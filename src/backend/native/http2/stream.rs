//! A stream of HTTP/2 as a transport. What TCP's end is to it: END_STREAM, and RST_STREAM for a reset (RFC 8441 section 5).

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use h2::{Reason, RecvStream, SendStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::users::User;
use crate::backend::native::dial::{Output, Transport};

/// The two directions of a stream, which keep its connection open.
pub(super) fn transport(receiver: RecvStream, sender: SendStream<Bytes>, user: Arc<User>) -> Transport {
    Transport {
        reader: Box::new(Reader::new(receiver, user.clone())),
        writer: Box::new(Writer { sender, has_ended: false, _user: user }),
    }
}

/// What the server sends.
pub(super) struct Reader {
    receiver: RecvStream,
    /// What is left of a frame.
    rest: Bytes,
    _user: Arc<User>,
}

impl Reader {
    pub(super) const fn new(receiver: RecvStream, user: Arc<User>) -> Self {
        Self { receiver, rest: Bytes::new(), _user: user }
    }

    /// Waits until something is left; false at the end.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        for _ in 0..MAX_EMPTY {
            if !self.rest.is_empty() {
                return Poll::Ready(Ok(true));
            }
            match ready!(self.receiver.poll_data(cx)) {
                Some(Ok(bytes)) => self.rest = bytes,
                Some(Err(error)) => return Poll::Ready(Err(lost(error))),
                None => return Poll::Ready(Ok(false)),
            }
        }
        // A server that has nothing to say, and says it again and again.
        Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "the server sends empty frames only")))
    }
}

impl AsyncRead for Reader {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if buf.remaining() > 0 && ready!(self.poll_fill(cx))? {
            let amount = self.rest.len().min(buf.remaining());
            buf.put_slice(&self.rest.split_to(amount));
            // The server may send so much more.
            self.receiver.flow_control().release_capacity(amount).map_err(lost)?;
        }
        Poll::Ready(Ok(()))
    }
}

/// What is sent to the server.
struct Writer {
    sender: SendStream<Bytes>,
    has_ended: bool,
    _user: Arc<User>,
}

impl Writer {
    /// Waits until the windows of the stream and of the connection have room for some of `wanted` bytes.
    fn poll_room(&mut self, cx: &mut Context<'_>, wanted: usize) -> Poll<io::Result<usize>> {
        // No more than will be used: what one stream reserves is taken from the others.
        self.sender.reserve_capacity(wanted);
        loop {
            let room = self.sender.capacity();
            if room > 0 {
                return Poll::Ready(Ok(room));
            }
            match ready!(self.sender.poll_capacity(cx)) {
                Some(Ok(_)) => {}
                Some(Err(error)) => return Poll::Ready(Err(lost(error))),
                None => return Poll::Ready(Err(self.why(cx))),
            }
        }
    }

    /// Why nothing can be sent any more.
    fn why(&mut self, cx: &mut Context<'_>) -> io::Error {
        match self.sender.poll_reset(cx) {
            Poll::Ready(Ok(reason)) => lost(reason.into()),
            Poll::Ready(Err(error)) => lost(error),
            Poll::Pending => io::ErrorKind::BrokenPipe.into(),
        }
    }

    /// Nothing more will be sent.
    fn end(&mut self) -> Result<(), h2::Error> {
        if std::mem::replace(&mut self.has_ended, true) { Ok(()) } else { self.sender.send_data(Bytes::new(), true) }
    }
}

impl AsyncWrite for Writer {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let amount = ready!(self.poll_room(cx, buf.len()))?.min(buf.len());
        if self.sender.send_data(Bytes::copy_from_slice(&buf[..amount]), false).is_err() {
            return Poll::Ready(Err(self.why(cx)));
        }
        Poll::Ready(Ok(amount))
    }

    /// The connection's task writes what it has.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.end().map_err(lost))
    }
}

impl Output for Writer {
    /// Bytes of other streams lie among those that the system holds.
    fn in_system(&self) -> Option<usize> {
        None
    }
}

impl Drop for Writer {
    /// As TCP ends when it is dropped. h2 would say that nobody cares any longer, which is a reset.
    fn drop(&mut self) {
        // Whoever has reset the stream does not want to hear it.
        let _ = self.end();
    }
}

fn lost(error: h2::Error) -> io::Error {
    let kind = match error.reason() {
        _ if error.is_io() => io::ErrorKind::ConnectionAborted,
        Some(Reason::NO_ERROR | Reason::CANCEL | Reason::STREAM_CLOSED) => io::ErrorKind::ConnectionReset,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}

/// How many empty frames in a row are overlooked.
const MAX_EMPTY: usize = 1024;
