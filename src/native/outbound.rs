//! What is to be sent, and where the connection stands.

use std::{
    fmt,
    task::{Context, Waker},
    time::{Duration, Instant},
};

use bytes::Bytes;
use rand::{
    RngExt, SeedableRng,
    rngs::{StdRng, SysRng},
};

use super::long::{LONG, Long};
use crate::{
    close::Closed,
    error::{Error, ErrorKind, Fault, Result},
    information::Traffic,
    message::Payload,
    protocol::{CloseFrame, Header, Opcode, encode, encode_close, encode_compressed, encode_part},
};

/// Where the connection stands in the closing handshake (RFC 6455 section 7).
#[derive(Debug)]
pub(super) enum State {
    /// Nobody has closed.
    Open,
    /// Our Close is queued or sent, the peer's has not arrived.
    Closing,
    /// The outcome is known.
    Ended { closed: Closed, how: Ending },
}

/// What is left to do when the outcome is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The peer's Close arrived: send what is queued and let the peer end TCP (section 7.1.1).
    Handshake,
    /// A rule was broken: send our Close, then end TCP (section 7.1.7).
    Failure,
    /// The transport is gone or unusable.
    Loss,
}

/// The sending side of a connection, apart from its transport.
pub(super) struct Outbound {
    /// Frames that wait for the transport. Bounded by `outbound_buffer_size` and one message, and small control frames.
    gathered: Vec<u8>,
    /// How long they were when they were last taken: there is room for as much at once, lest each burst grows step by step.
    burst: usize,
    /// The payload of the last of them, if it is long; boxed, as an idle connection has none.
    long: Option<Box<Long>>,
    pub(super) state: State,
    /// What failed the connection, for every later operation.
    pub(super) error: Option<Error>,
    pub(super) sent: Traffic,
    /// Whether the driver has work, or is on its way to it: then others only gather.
    pub(super) driver_is_awake: bool,
    /// When a message was last written without the driver, if that was the last to be written.
    written: Option<Instant>,
    driver: Option<Waker>,
    /// The payload of the last ping that was not answered for want of room; older ones need no answer (section 5.5.3).
    unanswered_ping: Option<Bytes>,
    /// The source of mask keys; a server masks nothing.
    keys: Option<StdRng>,
}

impl Outbound {
    pub(super) fn new(keys: Option<StdRng>) -> Self {
        Self {
            gathered: Vec::new(),
            burst: 0,
            long: None,
            state: State::Open,
            error: None,
            sent: Traffic::default(),
            driver_is_awake: false,
            written: None,
            driver: None,
            unanswered_ping: None,
            keys,
        }
    }

    /// Queues one message, in its compressed form if it has one.
    #[inline]
    pub(super) fn message(&mut self, payload: &Payload<'_>, deflated: Option<&[u8]>) -> Result<()> {
        self.check_open()?;
        let opcode = if payload.as_text().is_some() { Opcode::Text } else { Opcode::Binary };
        match deflated {
            None => self.data(opcode, true, payload),
            Some(deflated) => {
                let (key, out) = self.next();
                encode_compressed(key, opcode, deflated, out);
            }
        }
        self.sent.messages += 1;
        self.sent.bytes += payload.as_bytes().len() as u64;
        Ok(())
    }

    /// Queues one part of a message. Parts are not compressed, which is allowed for any message (RFC 7692 section 6.1).
    pub(super) fn part(&mut self, part: &Payload<'_>, is_first: bool, is_last: bool) -> Result<()> {
        self.check_open()?;
        let opcode = match (is_first, part.as_text()) {
            (false, _) => Opcode::Continuation,
            (true, Some(_)) => Opcode::Text,
            (true, None) => Opcode::Binary,
        };
        self.data(opcode, is_last, part);
        self.sent.messages += u64::from(is_last);
        self.sent.bytes += part.as_bytes().len() as u64;
        Ok(())
    }

    /// Fails once a message can no longer be sent.
    #[inline]
    pub(super) fn check_open(&self) -> Result<()> {
        match (&self.state, &self.error) {
            (State::Open, _) => Ok(()),
            (_, Some(error)) => Err(error.clone()),
            (_, None) => Err(Fault::Closed.into()),
        }
    }

    /// Answers a ping with its payload (section 5.5.2), at once if there is room.
    pub(super) fn pong(&mut self, payload: Bytes) {
        if !matches!(self.state, State::Open) {
            // "An endpoint MUST send a Pong frame [...] unless it already received a Close frame"; after our own Close no
            // frame may follow (section 5.5.1).
        } else if self.queued() < MAX_GATHERED_FOR_PONG {
            self.frame(Opcode::Pong, &payload);
        } else {
            self.unanswered_ping = Some(payload);
        }
    }

    /// Asks for a pong with this payload (section 5.5.2).
    pub(super) fn ping(&mut self, payload: &[u8]) {
        if matches!(self.state, State::Open) {
            self.frame(Opcode::Ping, payload);
        }
    }

    /// How many bytes wait for the transport.
    pub(super) fn queued(&self) -> usize {
        self.gathered.len() + self.long.as_ref().map_or(0, |long| long.len())
    }

    /// Takes what has gathered, and the long payload behind it; afterwards there is room for the answer that a ping still
    /// waits for.
    pub(super) fn take(&mut self, into: &mut Vec<u8>) -> Option<Box<Long>> {
        if !self.gathered.is_empty() {
            self.burst = self.gathered.len().min(MAX_EXPECTED);
        }
        std::mem::swap(&mut self.gathered, into);
        let long = self.long.take();
        if let Some(payload) = self.unanswered_ping.take() {
            self.pong(payload);
        }
        long
    }

    /// The driver has nothing to do; what it does not need while it sleeps is given back.
    pub(super) fn rest(&mut self) {
        self.driver_is_awake = false;
        self.written = None;
        if self.gathered.capacity() > MAX_KEPT {
            self.gathered = Vec::new();
        }
    }

    /// Gives the buffer back if nothing is in it.
    pub(super) fn trim(&mut self) {
        if self.gathered.is_empty() {
            self.gathered = Vec::new();
        }
    }

    /// Starts the closing handshake; false if it was started or the connection has ended.
    pub(super) fn close(&mut self, frame: Option<&CloseFrame>) -> bool {
        let is_open = matches!(self.state, State::Open);
        if is_open {
            self.close_frame(frame);
            self.state = State::Closing;
        }
        is_open
    }

    /// The peer's Close arrived; answers it if it is not itself the answer (section 5.5.1).
    pub(super) fn peer_closed(&mut self, frame: Option<CloseFrame>) {
        if matches!(self.state, State::Open) {
            self.close_frame(frame.as_ref());
        }
        self.end(Closed::by_peer(frame), Ending::Handshake, None);
    }

    /// One side broke a rule; tells the peer why it is the end, unless our Close is out (section 7.1.7).
    pub(super) fn fail(&mut self, frame: &CloseFrame, error: Error) {
        if matches!(self.state, State::Open) {
            self.close_frame(Some(frame));
        }
        self.end(Closed::abnormal(), Ending::Failure, Some(error));
    }

    /// The transport is lost; gives the error that counts, which is the first.
    pub(super) fn lose(&mut self, error: Error) -> Error {
        self.end(Closed::abnormal(), Ending::Loss, Some(error.clone()));
        self.error.clone().unwrap_or(error)
    }

    /// Nobody waits any longer. What was not sent is an error of its own, for a flush that comes later.
    pub(super) fn give_up(&mut self, unsent: usize) {
        let error = match self.state {
            State::Open => Some(Error::new(ErrorKind::NoRuntime, "the tokio runtime shut down")),
            _ if unsent > 0 => {
                Some(Error::new(ErrorKind::Timeout, "the peer did not take all before the close timeout"))
            }
            _ => None,
        };
        self.end(Closed::abnormal(), Ending::Loss, error);
    }

    /// Only the first end counts.
    fn end(&mut self, closed: Closed, how: Ending, error: Option<Error>) {
        if !matches!(self.state, State::Ended { .. }) {
            self.state = State::Ended { closed, how };
            self.error = error;
        }
    }

    fn frame(&mut self, opcode: Opcode, payload: &[u8]) {
        let (key, out) = self.next();
        encode(key, opcode, payload, out);
    }

    /// A frame that may be long. A payload that was given away then stays where it is.
    #[inline]
    fn data(&mut self, opcode: Opcode, fin: bool, payload: &Payload<'_>) {
        let (key, out) = self.next();
        match payload {
            Payload::Message(message) if message.as_bytes().len() >= LONG => {
                let payload = message.clone().into_bytes();
                Header { fin, opcode, compressed: false, len: payload.len() as u64 }.encode(key, out);
                self.long = Some(Box::new(Long::new(payload, key)));
            }
            _ => encode_part(key, opcode, fin, payload.as_bytes(), out),
        }
    }

    /// The key and the place of the next frame. A call would hand both over by way of memory, for each message.
    #[inline(always)]
    fn next(&mut self) -> (Option<[u8; 4]>, &mut Vec<u8>) {
        if let Some(long) = self.long.take() {
            long.finish(&mut self.gathered);
        }
        if self.gathered.capacity() == 0 {
            self.gathered.reserve_exact(self.burst);
        }
        // A server does not mask.
        let key = self.keys.as_mut().map(|keys| keys.random::<u32>().to_ne_bytes());
        (key, &mut self.gathered)
    }

    fn close_frame(&mut self, frame: Option<&CloseFrame>) {
        let (key, out) = self.next();
        encode_close(key, frame, out);
    }

    /// Whether the last message was written so long ago that the next one is no part of the same burst.
    pub(super) fn is_lull(&self) -> bool {
        self.written.is_none_or(|written| written.elapsed() >= LULL)
    }

    /// A message was written without the driver.
    pub(super) fn written_alone(&mut self) {
        self.driver_is_awake = false;
        self.written = Some(Instant::now());
    }

    /// Remembers how to wake the driver.
    pub(super) fn register_driver(&mut self, cx: &Context<'_>) {
        match &mut self.driver {
            Some(waker) => waker.clone_from(cx.waker()),
            empty => *empty = Some(cx.waker().clone()),
        }
    }

    /// Wakes the driver; before its first run it needs no waking.
    pub(super) fn wake_driver(&mut self) {
        self.driver_is_awake = true;
        self.nudge_driver();
    }

    /// Wakes the driver for another reason than work: what is sent meanwhile need not wait for it.
    pub(super) fn nudge_driver(&self) {
        if let Some(waker) = &self.driver {
            waker.wake_by_ref();
        }
    }

    /// The waker of the driver, for a write that may have to be finished by it.
    pub(super) fn driver(&self) -> Waker {
        self.driver.clone().unwrap_or_else(|| Waker::noop().clone())
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound").field("state", &self.state).field("queued", &self.queued()).finish()
    }
}

/// Mask keys "MUST be unpredictable" (section 10.3): a ChaCha generator for each connection, seeded by the system.
pub(super) fn mask_keys() -> Result<StdRng> {
    let failed = |error| Error::with_source(ErrorKind::CannotConnect, "the system gives no random numbers", error);
    StdRng::try_from_rng(&mut SysRng).map_err(failed)
}

/// A message that is sent later than this after another has been written is no part of a burst. Writing takes about as long,
/// an answer takes longer.
const LULL: Duration = Duration::from_micros(5);

/// A larger buffer is not kept while there is nothing to send.
pub(super) const MAX_KEPT: usize = 512;

/// More than this is not made ready for a burst that may turn out to be short.
const MAX_EXPECTED: usize = 64 * 1024;

/// How much may wait before pongs do not queue behind it.
const MAX_GATHERED_FOR_PONG: usize = 64 * 1024;
