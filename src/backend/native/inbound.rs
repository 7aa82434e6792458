//! The reading side of the transport.

mod ahead;
mod counts;
mod fill;
mod pace;

use std::{
    fmt,
    future::Future,
    io,
    mem::{self, MaybeUninit},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead as _, ReadBuf},
    task::yield_now,
};

pub(super) use self::ahead::Ahead;
use self::fill::{LARGE_READ, SMALL_READ, Transport, poll_read_large, poll_read_much, poll_read_small};
use super::{
    batch::Batch,
    connection::{Connection, lost},
    signals::Signals,
};
use crate::{
    backend::Chunk,
    error::Result,
    protocol::{Decoder, Event, Lookahead, Wakes},
};

/// The transport, the bytes that were read, and the decoder that takes them apart.
pub(super) struct Inbound {
    transport: Option<Box<Transport>>,
    signals: Arc<Signals>,
    buffer: BytesMut,
    decoder: Decoder,
    /// How far control frames have been seen to that the program has not got to.
    lookahead: Lookahead,
    /// How many bytes have been read since the opening handshake.
    received: u64,
    /// How many of them were control frames.
    controls: u64,
    /// How many reads the tasks that receive have made.
    reads: u64,
    /// What has been done since this last waited or yielded, in bytes; see [`MAX_WORK`].
    work: usize,
    /// Whether it has yielded since it was last asked.
    has_yielded: bool,
    /// How much is read at once at most.
    most: usize,
    /// How much may lie here while the program does not receive.
    capacity: usize,
    /// Whether so much lies here that nothing is read before the program receives.
    is_full: bool,
    /// How much the next read may give, by those before: a buffer that is longer costs more than it brings.
    pace: usize,
    /// How many times as much a read may have taken as it has given.
    weight: usize,
    /// How much was read since there was nothing to read.
    burst: usize,
    /// Whether the buffer was made for a long message.
    is_roomy: bool,
    /// The most that there has been of a long frame.
    longest: usize,
    /// Whether the peer's Close lies in the buffer: nothing behind it is read.
    is_complete: bool,
    /// Whether the end has been put into a batch.
    pub(super) has_ended: bool,
    /// Who has to be woken once nobody holds this.
    wakes: Wakes,
}

impl Inbound {
    pub(super) fn new(
        transport: Box<Transport>,
        signals: Arc<Signals>,
        early: BytesMut,
        decoder: Decoder,
        most: usize,
        capacity: usize,
    ) -> Self {
        Self {
            transport: Some(transport),
            signals,
            received: early.len() as u64,
            buffer: early,
            decoder,
            lookahead: Lookahead::default(),
            controls: 0,
            reads: 0,
            work: 0,
            has_yielded: false,
            most,
            capacity,
            is_full: false,
            pace: SMALL_READ,
            weight: 1,
            burst: 0,
            is_roomy: false,
            longest: 0,
            is_complete: false,
            has_ended: false,
            wakes: Wakes::default(),
        }
    }

    /// Whether it has yielded since this was last asked.
    pub(super) const fn take_yield(&mut self) -> bool {
        mem::replace(&mut self.has_yielded, false)
    }

    /// Who has to be woken once nobody holds this.
    pub(super) fn take_wakes(&mut self) -> Wakes {
        mem::take(&mut self.wakes)
    }

    /// Waits until there is something for the program, or the end.
    pub(super) fn poll_batch(&mut self, connection: &Connection, cx: &mut Context<'_>, batch: &mut Batch) -> Poll<()> {
        loop {
            self.decode(connection, batch);
            self.make_room();
            if !batch.is_empty() || self.has_ended {
                return Poll::Ready(());
            }
            if self.work >= MAX_WORK {
                self.work = 0;
                // Waking itself would not do: the runtime may poll this task again before it looks at timers and sockets.
                let _ = pin!(yield_now()).poll(cx);
                self.has_yielded = true;
                return Poll::Pending;
            }
            self.reads += 1;
            if mem::take(&mut self.is_full) {
                // The program waits for the rest of a message that is longer than the buffer.
                self.signals.call_driver();
            }
            match ready!(self.poll_read(usize::MAX)) {
                Ok(()) => self.signals.beat(),
                Err(error) => {
                    let cause = lost(error);
                    self.wakes |= connection.lose(cause.clone());
                    // What failed first is what counts.
                    let first = connection.life(|life| life.error().cloned());
                    self.end(batch, Err(first.unwrap_or(cause)));
                }
            }
        }
    }

    /// Reads while the program does not receive, as far as there may be more unread, and sees to the control frames.
    pub(super) fn read_ahead(&mut self, connection: &Connection) -> Ahead {
        let mut work = 0;
        loop {
            self.look_ahead(connection);
            if self.has_ended || self.is_complete {
                return Ahead::Ended;
            }
            if work + self.work >= MAX_WORK {
                self.work = 0;
                return Ahead::More;
            }
            let room = self.capacity.saturating_sub(self.buffer.len());
            self.is_full = room == 0;
            if self.is_full {
                return Ahead::Full;
            }
            match self.poll_read(room) {
                Poll::Pending => return Ahead::Armed,
                Poll::Ready(Ok(())) => self.signals.beat(),
                Poll::Ready(Err(error)) => {
                    self.wakes |= connection.lose(lost(error));
                    self.transport = None;
                    return Ahead::Ended;
                }
            }
            work += self.work.max(EVENT);
            self.work = 0;
        }
    }

    /// Sees to the control frames among what the program has not received.
    fn look_ahead(&mut self, connection: &Connection) {
        // Pings alone would fill the buffer in time.
        while let Some(event) = self.decoder.decode_ping_or_pong(&mut self.buffer) {
            self.work += EVENT;
            self.control(connection, event);
        }
        while !self.is_complete && self.work < MAX_WORK {
            self.work += EVENT;
            let start = self.position();
            let Some(event) = self.lookahead.next(&self.decoder, &self.buffer, start) else { return };
            self.see_to(connection, event);
        }
    }

    /// Reads and drops whatever comes until the peer ends TCP.
    pub(super) fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(transport) = &mut self.transport else { return Poll::Ready(()) };
        for _ in 0..MAX_WORK / SMALL_READ {
            let mut space = [MaybeUninit::uninit(); SMALL_READ];
            let mut read = ReadBuf::uninit(&mut space);
            let poll =
                Pin::new(&mut *transport).poll_read(&mut Context::from_waker(self.signals.for_reads()), &mut read);
            if ready!(poll).is_err() || read.filled().is_empty() {
                return Poll::Ready(());
            }
        }
        self.signals.yield_driver(cx);
        Poll::Pending
    }

    /// Lets go of the transport; what has been read stays.
    pub(super) fn release(&mut self) {
        self.transport = None;
    }

    /// Where in all that was read the buffer begins.
    fn position(&self) -> u64 {
        self.received - self.buffer.len() as u64
    }

    /// The program has received: if there is room again, the driver may have to read.
    fn make_room(&mut self) {
        if self.is_full && self.buffer.len() <= self.capacity / 2 {
            self.is_full = false;
            self.signals.call_driver();
        }
    }

    /// Takes what was read apart, and sees to the control frames.
    fn decode(&mut self, connection: &Connection, batch: &mut Batch) {
        // Inflated, a small buffer can be a lot: it is taken apart no further than the program can hold.
        let mut room = MAX_BATCH_BYTES;
        while batch.len() < MAX_BATCH && room > 0 && !self.has_ended && self.work < MAX_WORK {
            if let Some(block) = batch.empty_block() {
                self.decoder.decode_block(&mut self.buffer, block, MAX_BATCH);
                self.work += block.len() * EVENT;
            }
            let event = self.decoder.decode(&mut self.buffer);
            self.work += EVENT;
            match event {
                Ok(None) => return,
                Ok(Some(Event::Message(message))) => {
                    room = room.saturating_sub(message.as_bytes().len());
                    batch.push(Ok(Some(Chunk::Message(message))));
                }
                Ok(Some(Event::Part(part))) => {
                    self.work += part.bytes.len();
                    room = room.saturating_sub(part.bytes.len());
                    batch.push(Ok(Some(Chunk::Part(part))));
                }
                Ok(Some(Event::Inflated(amount))) => self.work += amount,
                Ok(Some(Event::Close(frame))) => {
                    self.control(connection, Event::Close(frame));
                    self.end(batch, Ok(None));
                }
                Ok(Some(event)) => self.control(connection, event),
                Err(violation) => {
                    batch.set_violation(violation);
                    self.end(batch, Err(violation.into()));
                }
            }
        }
    }

    /// Sees to a control frame that the decoder has taken, unless that was done ahead of it.
    fn control(&mut self, connection: &Connection, event: Event) {
        if !self.lookahead.has_given(self.position()) {
            self.see_to(connection, event);
        }
    }

    fn see_to(&mut self, connection: &Connection, event: Event) {
        match event {
            Event::Ping(payload) => {
                self.count_control(&payload);
                connection.pong(payload);
            }
            Event::Pong(payload) => {
                self.count_control(&payload);
                self.wakes.pingers |= connection.ponged(&payload);
            }
            Event::Close(frame) => {
                self.is_complete = true;
                self.wakes |= connection.peer_closed(frame);
            }
            Event::Message(_) | Event::Part(_) | Event::Inflated(_) => {}
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

    /// Reads once, about `room` bytes at most; the end of TCP is an error, for a Close should have come before it (RFC 6455
    /// section 7.1.5).
    fn poll_read(&mut self, room: usize) -> Poll<io::Result<()>> {
        let missing = usize::try_from(self.decoder.missing(self.buffer.len())).unwrap_or(usize::MAX);
        let is_long = self.buffer.len().saturating_add(missing) >= LARGE_READ;
        if self.is_roomy && !is_long {
            self.shrink();
        }
        let transport = self.transport.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        let mut cx = Context::from_waker(self.signals.for_reads());
        self.signals.arm();
        let poll = if is_long {
            self.is_roomy = true;
            self.longest = self.longest.max(self.buffer.len());
            poll_read_large(transport, &mut cx, &mut self.buffer, missing.min(room), self.longest)
        } else if self.buffer.is_empty() && self.pace == SMALL_READ {
            poll_read_small(transport, &mut cx, &mut self.buffer)
        } else {
            poll_read_much(transport, &mut cx, &mut self.buffer, self.pace.min(room))
        };
        let Poll::Ready(read) = poll else {
            self.work = 0;
            self.rest();
            return Poll::Pending;
        };
        self.signals.disarm();
        Poll::Ready(match read {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(amount) => {
                self.received += amount as u64;
                self.work += amount;
                self.speed_up(amount);
                Ok(())
            }
            Err(error) => Err(error),
        })
    }
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

/// How much is done in a row before other tasks have their turn, in bytes that are read or inflated; a frame counts for
/// [`EVENT`] bytes. It takes a few milliseconds at most.
const MAX_WORK: usize = 2 * 1024 * 1024;
const EVENT: usize = 128;
