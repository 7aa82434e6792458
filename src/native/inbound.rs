//! The reading side of the transport.

use std::{
    fmt, io,
    mem::{self, MaybeUninit},
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};

use bytes::{BufMut, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use super::{batch::Batch, connection::Connection};
use crate::{
    backend::Chunk,
    error::{Error, ErrorKind, Result},
    protocol::{Decoder, Event},
};

/// The transport, the bytes that were read, and the decoder that takes them apart.
pub(super) struct Inbound {
    transport: Option<Box<dyn AsyncRead + Send + Unpin>>,
    buffer: BytesMut,
    decoder: Decoder,
    /// How much is read at once at most, and so ahead of the program.
    most: usize,
    /// How much the next read may give, by those before: a buffer that is longer costs more than it brings.
    pace: usize,
    /// How much was read since there was nothing to read.
    burst: usize,
    /// Whether the buffer was made for a long message.
    is_roomy: bool,
    /// The most that there has been of a long frame.
    longest: usize,
    /// Whether the program has taken everything and waits for more.
    pub(super) is_hungry: bool,
    /// Whether the end has been put into a batch.
    pub(super) has_ended: bool,
}

impl Inbound {
    pub(super) fn new(
        transport: Box<dyn AsyncRead + Send + Unpin>,
        early: BytesMut,
        decoder: Decoder,
        most: usize,
    ) -> Self {
        Self {
            transport: Some(transport),
            buffer: early,
            decoder,
            most,
            pace: LITTLE,
            burst: 0,
            is_roomy: false,
            longest: 0,
            is_hungry: false,
            has_ended: false,
        }
    }

    /// Waits until there is something for the program, or the end.
    pub(super) fn poll_batch(&mut self, connection: &Connection, cx: &mut Context<'_>, batch: &mut Batch) -> Poll<()> {
        loop {
            self.decode(connection, batch);
            if !batch.is_empty() || self.has_ended {
                return Poll::Ready(());
            }
            self.is_hungry = true;
            let outcome = ready!(self.poll_read(cx));
            self.is_hungry = false;
            match outcome {
                Ok(()) => connection.beat(),
                Err(error) => {
                    let cause = Error::with_source(ErrorKind::ConnectionAborted, "the connection was lost", error);
                    self.end(batch, Err(connection.lose(cause)));
                }
            }
        }
    }

    /// Reads a little for a program that has taken everything, but does something else.
    pub(super) fn poll_read_ahead(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = self.poll_read(cx);
        self.is_hungry = outcome.is_pending();
        outcome
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
        // Inflated, a small buffer can be a lot: it is taken apart no further than the program can hold.
        let mut room = MAX_BATCH_BYTES;
        while batch.len() < MAX_BATCH && room > 0 && !self.has_ended {
            if let Some(block) = batch.empty_block() {
                self.decoder.decode_block(&mut self.buffer, block, MAX_BATCH);
            }
            match self.decoder.decode(&mut self.buffer) {
                Ok(None) => return,
                Ok(Some(Event::Message(message))) => {
                    room = room.saturating_sub(message.as_bytes().len());
                    batch.push(Ok(Some(Chunk::Message(message))));
                }
                Ok(Some(Event::Part(part))) => {
                    room = room.saturating_sub(part.bytes.len());
                    batch.push(Ok(Some(Chunk::Part(part))));
                }
                Ok(Some(Event::Ping(payload))) => connection.pong(payload),
                Ok(Some(Event::Pong(payload))) => connection.ponged(&payload),
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
        batch.push(end);
        self.has_ended = true;
        self.buffer = BytesMut::new();
    }

    /// Nobody receives any longer: what comes is only looked at for the Close, so no limit is needed.
    pub(super) fn lift_limits(&mut self) {
        self.decoder.lift_limits();
    }

    /// Reads once; the end of TCP is an error, for a Close should have come before it (RFC 6455 section 7.1.5).
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let missing = usize::try_from(self.decoder.missing(self.buffer.len())).unwrap_or(usize::MAX);
        let is_long = self.buffer.len().saturating_add(missing) >= LONG;
        if self.is_roomy && !is_long {
            self.shrink();
        }
        let transport = self.transport.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        let poll = if is_long {
            self.is_roomy = true;
            self.longest = self.longest.max(self.buffer.len());
            poll_read_long(transport, cx, &mut self.buffer, missing, self.longest)
        } else if self.buffer.is_empty() && self.pace == LITTLE {
            poll_read_little(transport, cx, &mut self.buffer)
        } else {
            poll_read_much(transport, cx, &mut self.buffer, self.pace)
        };
        match poll {
            Poll::Ready(Ok(0)) => Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
            Poll::Ready(Ok(amount)) => {
                self.speed_up(amount);
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                self.rest();
                Poll::Pending
            }
        }
    }

    /// Doubles the pace when a read has given as much: then there may be more.
    fn speed_up(&mut self, amount: usize) {
        self.burst = self.burst.saturating_add(amount);
        if amount >= self.pace {
            self.pace = (self.pace * 2).min(self.most);
        }
    }

    /// There is nothing to read: halves the pace if it was far too much for all that came since it last was so. The last read
    /// alone would not tell: it may have been the rest of what a longer one would have taken at once.
    fn slow_down(&mut self) {
        if (1..self.pace / 4).contains(&mem::take(&mut self.burst)) {
            self.pace = (self.pace / 2).max(LITTLE);
        }
    }

    /// While nothing arrives no buffer is needed.
    fn rest(&mut self) {
        self.slow_down();
        if self.buffer.is_empty() {
            self.buffer = BytesMut::new();
            self.is_roomy = false;
        }
    }

    /// Leaves the room that a long message had, lest a short one that the program keeps holds all of it.
    fn shrink(&mut self) {
        self.buffer = BytesMut::from(&self.buffer[..]);
        self.is_roomy = false;
    }
}

type Transport = dyn AsyncRead + Send + Unpin;

/// Reads by way of the stack, so that a connection that has little to say never has a large buffer.
fn poll_read_little(transport: &mut Transport, cx: &mut Context<'_>, into: &mut BytesMut) -> Poll<io::Result<usize>> {
    let mut space = [const { MaybeUninit::uninit() }; LITTLE];
    let mut read = ReadBuf::uninit(&mut space);
    ready!(Pin::new(transport).poll_read(cx, &mut read))?;
    into.extend_from_slice(read.filled());
    Poll::Ready(Ok(read.filled().len()))
}

/// Reads up to `size` bytes, as far as there is room.
fn poll_read_much(
    transport: &mut Transport,
    cx: &mut Context<'_>,
    into: &mut BytesMut,
    size: usize,
) -> Poll<io::Result<usize>> {
    if into.capacity() - into.len() < size / 4 {
        into.reserve(size);
    }
    pin!(transport.read_buf(&mut into.limit(size))).poll(cx)
}

/// Reads what is missing of a long frame into the place where it will stay, and little of what follows, which has to move to
/// another place. There is never more room than twice what has arrived of this frame or of one before it, whatever has been
/// announced.
fn poll_read_long(
    transport: &mut Transport,
    cx: &mut Context<'_>,
    into: &mut BytesMut,
    missing: usize,
    longest: usize,
) -> Poll<io::Result<usize>> {
    let room = into.capacity() - into.len();
    if room <= missing {
        let trusted = longest.saturating_mul(2).max(LEAST_ROOM).saturating_sub(into.len());
        into.reserve(missing.min(trusted).saturating_add(AHEAD));
    }
    pin!(transport.read_buf(&mut into.limit(missing.saturating_add(AHEAD)))).poll(cx)
}

impl fmt::Debug for Inbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbound").field("buffer", &self.buffer.len()).finish_non_exhaustive()
    }
}

/// How many messages are taken apart ahead of the program.
const MAX_BATCH: usize = 128;

/// How many bytes of messages are taken apart ahead of the program, and one piece more.
const MAX_BATCH_BYTES: usize = 256 * 1024;

/// How much is read by way of the stack.
const LITTLE: usize = 2 * 1024;

/// A frame of at least this length gets room of its own.
const LONG: usize = 32 * 1024;

/// How much is read at most behind a long frame.
const AHEAD: usize = 4 * 1024;

/// How much room a long frame gets at first.
const LEAST_ROOM: usize = 128 * 1024;
