//! What is to be sent, and where the connection stands.

use std::{fmt, time::Duration};

use bytes::Bytes;
use rand::{
    RngExt, SeedableRng,
    rngs::{StdRng, SysRng},
};

use super::{
    large_payload::{LargePayload, MIN_LARGE_PAYLOAD, MIN_LARGE_UNMASKED},
    sync::Instant,
};
use crate::{
    error::{Error, ErrorKind, Result},
    information::Traffic,
    message::Payload,
    protocol::{
        CloseFrame, Header, Lifecycle, Opcode, Transition, Wakes, deflate::Deflated, encode, encode_close,
        encode_compressed, encode_part,
    },
};

/// The sending side of a connection, apart from its transport.
pub(super) struct Outbound {
    /// Frames that wait for the transport. Bounded by `outbound_buffer_size` and one message, and small control frames.
    gathered: Vec<u8>,
    /// How long they were when they were last taken: there is room for as much at once, lest each burst grows step by step.
    burst: usize,
    /// The payload of the last of them, if it is long; boxed, as an idle connection has none.
    long: Option<Box<LargePayload>>,
    /// Where the connection stands: under this lock, as every change of it may queue a Close.
    pub(super) life: Lifecycle,
    pub(super) sent: Traffic,
    /// Whether the parts of a message are being sent.
    is_inside_message: bool,
    /// Whether the driver has work, or is on its way to it: then others only gather.
    pub(super) driver_is_awake: bool,
    /// When a message was last written without the driver, if that was the last to be written.
    written: Option<Instant>,
    /// The payload of the last ping that was not answered for want of room; older ones need no answer (section 5.5.3).
    unanswered_ping: Option<Bytes>,
    /// Whether a ping of this side is among the frames that have gathered.
    is_ping_queued: bool,
    /// The source of mask keys; a server masks nothing.
    keys: Option<StdRng>,
}

impl Outbound {
    pub(super) fn new(keys: Option<StdRng>) -> Self {
        Self {
            gathered: Vec::new(),
            burst: 0,
            long: None,
            life: Lifecycle::default(),
            sent: Traffic::default(),
            is_inside_message: false,
            driver_is_awake: false,
            written: None,
            unanswered_ping: None,
            is_ping_queued: false,
            keys,
        }
    }

    /// Queues one message, in its compressed form if it has one.
    #[inline]
    pub(super) fn message(&mut self, payload: &Payload<'_>, deflated: Option<&Deflated<'_>>) -> Result<()> {
        self.life.check_open()?;
        let opcode = if payload.as_text().is_some() { Opcode::Text } else { Opcode::Binary };
        match deflated {
            None => self.data(opcode, true, payload),
            Some(Deflated::Shared(bytes)) if bytes.len() >= self.least_long() => {
                self.long(opcode, true, true, bytes.clone())
            }
            Some(deflated) => {
                let (key, out) = self.next();
                encode_compressed(key, opcode, deflated.as_bytes(), out);
            }
        }
        self.sent.messages += 1;
        self.sent.bytes += payload.as_bytes().len() as u64;
        Ok(())
    }

    /// Queues one part of a message. Parts are not compressed, which is allowed for any message (RFC 7692 section 6.1).
    pub(super) fn part(&mut self, part: &Payload<'_>, is_first: bool, is_last: bool) -> Result<()> {
        self.life.check_open()?;
        let opcode = match (is_first, part.as_text()) {
            (false, _) => Opcode::Continuation,
            (true, Some(_)) => Opcode::Text,
            (true, None) => Opcode::Binary,
        };
        self.data(opcode, is_last, part);
        self.is_inside_message = !is_last;
        self.sent.messages += u64::from(is_last);
        self.sent.bytes += part.as_bytes().len() as u64;
        Ok(())
    }

    /// Queues one message unless the parts of another are being sent; whether it has.
    pub(super) fn between_messages(&mut self, payload: &Payload<'_>) -> Result<bool> {
        if self.is_inside_message {
            return self.life.check_open().map(|()| false);
        }
        self.message(payload, None).map(|()| true)
    }

    /// Answers a ping with its payload (section 5.5.2), at once if there is room.
    pub(super) fn pong(&mut self, payload: Bytes) {
        if !self.life.can_send() {
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
        if self.life.can_send() {
            self.frame(Opcode::Ping, payload);
            self.is_ping_queued = true;
        }
    }

    /// Whether a ping of this side waits for the transport.
    pub(super) const fn is_ping_queued(&self) -> bool {
        self.is_ping_queued
    }

    /// How many bytes wait for the transport.
    pub(super) fn queued(&self) -> usize {
        self.gathered.len() + self.long.as_ref().map_or(0, |long| long.len())
    }

    /// Takes what has gathered, and the long payload behind it; afterwards there is room for the answer that a ping still
    /// waits for.
    pub(super) fn take(&mut self, into: &mut Vec<u8>) -> Option<Box<LargePayload>> {
        if !self.gathered.is_empty() {
            self.burst = self.gathered.len().min(MAX_EXPECTED);
        }
        std::mem::swap(&mut self.gathered, into);
        self.is_ping_queued = false;
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
    }

    /// Gives the buffer back if nothing is in it.
    pub(super) fn trim(&mut self) {
        if self.gathered.is_empty() {
            self.gathered = Vec::new();
        }
    }

    /// Queues our Close if the transition asks for it, and gives whom to wake.
    pub(super) fn follow(&mut self, transition: Transition, frame: Option<&CloseFrame>) -> Wakes {
        if transition.sends_close {
            let (key, out) = self.next();
            encode_close(key, frame, out);
        }
        transition.wakes
    }

    /// Queues a Close without a code, if none was, though nobody will see to the rest of the closing handshake.
    pub(super) fn farewell(&mut self) {
        if self.life.can_send() {
            let (key, out) = self.next();
            encode_close(key, None, out);
        }
    }

    /// Throws away what can no longer leave.
    pub(super) fn forget(&mut self) {
        self.gathered = Vec::new();
        self.long = None;
        self.unanswered_ping = None;
        self.is_ping_queued = false;
    }

    fn frame(&mut self, opcode: Opcode, payload: &[u8]) {
        let (key, out) = self.next();
        encode(key, opcode, payload, out);
    }

    /// A frame that may be long. A payload that was given away then stays where it is.
    #[inline]
    fn data(&mut self, opcode: Opcode, fin: bool, payload: &Payload<'_>) {
        match payload.message() {
            Some(message) if message.as_bytes().len() >= self.least_long() => {
                self.long(opcode, fin, false, message.clone().into_bytes());
            }
            _ => {
                let (key, out) = self.next();
                encode_part(key, opcode, fin, payload.as_bytes(), out);
            }
        }
    }

    /// A frame whose payload stays where it is.
    fn long(&mut self, opcode: Opcode, fin: bool, compressed: bool, payload: Bytes) {
        let (key, out) = self.next();
        Header { fin, opcode, compressed, len: payload.len() as u64 }.encode(key, out);
        self.long = Some(Box::new(LargePayload::new(payload, key)));
    }

    /// From which length on a payload that was given away stays where it is.
    const fn least_long(&self) -> usize {
        if self.keys.is_some() { MIN_LARGE_PAYLOAD } else { MIN_LARGE_UNMASKED }
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

    /// Whether the last message was written so long ago that the next one is no part of the same burst.
    pub(super) fn is_lull(&self) -> bool {
        self.written.is_none_or(|written| written.elapsed() >= LULL)
    }

    /// A message was written without the driver.
    pub(super) fn written_alone(&mut self) {
        self.driver_is_awake = false;
        self.written = Some(Instant::now());
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound").field("life", &self.life).field("queued", &self.queued()).finish()
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

/// More than this is not made ready for a burst that may turn out to be short.
const MAX_EXPECTED: usize = 64 * 1024;

/// How much may wait before pongs do not queue behind it.
const MAX_GATHERED_FOR_PONG: usize = 64 * 1024;

#[cfg(test)]
mod tests;
