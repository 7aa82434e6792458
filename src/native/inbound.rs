//! The reading side of the transport.

use std::{
    collections::VecDeque,
    fmt, io,
    pin::pin,
    task::{Context, Poll, ready},
};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt};

use super::connection::Connection;
use crate::{
    backend::Chunk,
    error::{Error, ErrorKind, Result},
    protocol::{Decoder, Event, Limits},
};

/// What a read gave: chunks in order, then perhaps the end, which is an error or the peer's Close.
pub(super) type Batch = VecDeque<Result<Option<Chunk>>>;

/// The transport, the bytes that were read, and the decoder that takes them apart.
pub(super) struct Inbound {
    transport: Option<Box<dyn AsyncRead + Send + Unpin>>,
    buffer: BytesMut,
    decoder: Decoder,
    /// How much is read at once, and so ahead of the program.
    read_size: usize,
    /// Whether the end has been put into a batch.
    pub(super) has_ended: bool,
}

impl Inbound {
    pub(super) fn new(
        transport: Box<dyn AsyncRead + Send + Unpin>,
        early: BytesMut,
        limits: Limits,
        read_size: usize,
    ) -> Self {
        Self { transport: Some(transport), buffer: early, decoder: Decoder::new(limits), read_size, has_ended: false }
    }

    /// Waits until there is something for the program, or the end.
    pub(super) fn poll_batch(&mut self, connection: &Connection, cx: &mut Context<'_>, batch: &mut Batch) -> Poll<()> {
        loop {
            self.decode(connection, batch);
            if !batch.is_empty() || self.has_ended {
                return Poll::Ready(());
            }
            if let Err(error) = ready!(self.poll_read(cx)) {
                let cause = Error::with_source(ErrorKind::ConnectionAborted, "the connection was lost", error);
                self.end(batch, Err(connection.lose(cause)));
            }
        }
    }

    /// Reads and drops whatever comes until the peer ends TCP.
    pub(super) fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.buffer.clear();
            if ready!(self.poll_read(cx)).is_err() {
                return Poll::Ready(());
            }
        }
    }

    /// Lets go of the transport.
    pub(super) fn release(&mut self) {
        self.transport = None;
        self.buffer = BytesMut::new();
    }

    /// Takes what was read apart, and sees to the control frames.
    fn decode(&mut self, connection: &Connection, batch: &mut Batch) {
        while batch.len() < MAX_BATCH && !self.has_ended {
            match self.decoder.decode(&mut self.buffer) {
                Ok(None) => return,
                Ok(Some(Event::Message(message))) => batch.push_back(Ok(Some(Chunk::Message(message)))),
                Ok(Some(Event::Part(part))) => batch.push_back(Ok(Some(Chunk::Part(part)))),
                Ok(Some(Event::Ping(payload))) => connection.pong(payload),
                Ok(Some(Event::Pong(_))) => {}
                Ok(Some(Event::Close(frame))) => {
                    connection.peer_closed(frame);
                    self.end(batch, Ok(None));
                }
                Err(violation) => {
                    connection.fail(violation);
                    self.end(batch, Err(violation.into()));
                }
            }
        }
    }

    fn end(&mut self, batch: &mut Batch, end: Result<Option<Chunk>>) {
        batch.push_back(end);
        self.has_ended = true;
        self.buffer = BytesMut::new();
    }

    /// Nobody receives any longer: what comes is only looked at for the Close, so no limit is needed.
    pub(super) fn lift_limits(&mut self) {
        self.decoder.lift_limits();
    }

    /// Reads once; the end of TCP is an error, for a Close should have come before it (RFC 6455 section 7.1.5).
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let transport = self.transport.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        if self.buffer.capacity() - self.buffer.len() < self.read_size / 4 {
            self.buffer.reserve(self.read_size);
        }
        match ready!(pin!(transport.read_buf(&mut self.buffer)).poll(cx))? {
            0 => Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
            _ => Poll::Ready(Ok(())),
        }
    }
}

impl fmt::Debug for Inbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbound").field("buffer", &self.buffer.len()).finish_non_exhaustive()
    }
}

/// How many messages are taken apart ahead of the program.
const MAX_BATCH: usize = 128;
