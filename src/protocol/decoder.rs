//! Frames in: RFC 6455 sections 5.4 to 5.6, RFC 7692 section 6.2.

use std::mem;

use bytes::{Buf, Bytes, BytesMut};

use super::{
    block::Block,
    close::CloseFrame,
    deflate::Inflater,
    frame::{Header, Opcode, Parsed, Rsv1},
    utf8::Utf8,
    violation::Violation,
};
use crate::message::{Message, Text};

/// The type of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// UTF-8.
    Text,
    /// Bytes.
    Binary,
}

/// A piece of a message, delivered as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The type of the message.
    pub kind: Kind,
    /// The bytes; those of a text may end inside a character.
    pub bytes: Bytes,
    /// Whether the message ends here.
    pub is_last: bool,
}

/// What the peer said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A whole message that lay in the input in one piece.
    Message(Message),
    /// A piece of a longer, fragmented or inflated message.
    Part(Part),
    /// So many bytes of a gathered message were inflated, and it is not complete.
    Inflated(usize),
    /// To be answered by a Pong with the same payload (section 5.5.2).
    Ping(Bytes),
    /// A sign of life (section 5.5.3).
    Pong(Bytes),
    /// The last event: to be answered by a Close, unless it is the answer to one (section 5.5.1).
    Close(Option<CloseFrame>),
}

impl Event {
    /// What a control frame says.
    pub(super) fn control(opcode: Opcode, payload: Bytes) -> Result<Self, Violation> {
        Ok(match opcode {
            Opcode::Ping => Self::Ping(payload),
            Opcode::Pong => Self::Pong(payload),
            _ => Self::Close(CloseFrame::parse(&payload)?),
        })
    }
}

/// What the receiver accepts.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest message in bytes; `None` for no limit.
    pub max_message_size: Option<u64>,
    /// Whether text messages are welcome.
    pub text: bool,
}

/// The receiving half of a connection.
///
/// Append what arrived to a buffer and call [`Decoder::decode`] until it gives `None`. After a Close or a violation it
/// swallows all input.
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    /// Only if compression was negotiated.
    inflater: Option<Box<Inflater>>,
    /// The message whose first frame has arrived and whose last byte has not.
    message: Option<Incoming>,
    /// Bytes of the current data frame that have not arrived; `None` between frames.
    frame: Option<Frame>,
    /// Whether a frame is delivered only when all of it lies in the input.
    gathers: bool,
    finished: bool,
}

#[derive(Debug)]
struct Incoming {
    kind: Kind,
    compressed: bool,
    /// The sum of the frame lengths seen, or of the inflated pieces.
    size: u64,
    /// Whether nothing of it has been delivered.
    untouched: bool,
    utf8: Utf8,
}

#[derive(Debug)]
struct Frame {
    fin: bool,
    remaining: u64,
    /// How much of it, still in the input, has been checked to be text.
    checked: usize,
}

impl Decoder {
    /// A decoder at the beginning of a connection.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self { limits, inflater: None, message: None, frame: None, gathers: false, finished: false }
    }

    /// The same for a connection with permessage-deflate.
    #[must_use]
    pub fn inflating(self, inflater: Box<Inflater>) -> Self {
        Self { inflater: Some(inflater), ..self }
    }

    /// The same for a receiver of whole messages: the payload of a frame stays in the input until all of it is there, and
    /// is then split off without a copy. The input holds at most `max_message_size` more than one read. A compressed message
    /// is given whole, too, however many frames it has.
    #[must_use]
    pub fn gathering(self) -> Self {
        Self { gathers: true, ..self }
    }

    /// Accepts messages of any size and type from here on, for a receiver that only waits for the Close.
    pub const fn lift_limits(&mut self) {
        self.limits = Limits { max_message_size: None, text: true };
        self.gathers = false;
    }

    /// How many bytes must follow the `available` ones of the input before a frame can be delivered that is gathered.
    #[must_use]
    pub fn missing(&self, available: usize) -> u64 {
        let gathered = self.frame.as_ref().filter(|_| self.gathers);
        gathered.map_or(0, |frame| frame.remaining.saturating_sub(available as u64))
    }

    /// Gives back memory that waits for the next message.
    pub fn trim(&mut self) {
        self.inflater.iter_mut().for_each(|inflater| inflater.trim());
    }

    /// How many bytes of the current data frame have not been taken off the input.
    pub(super) fn rest_of_frame(&self) -> u64 {
        self.frame.as_ref().map_or(0, |frame| frame.remaining)
    }

    /// What the first reserved bit means on this connection.
    pub(super) const fn rsv1(&self) -> Rsv1 {
        if self.inflater.is_some() { Rsv1::Compressed } else { Rsv1::Reserved }
    }

    /// Takes a ping or pong off the front of `input`, if all of it is there and no data frame is under way.
    pub fn decode_ping_or_pong(&mut self, input: &mut BytesMut) -> Option<Event> {
        if self.finished || self.frame.is_some() {
            return None;
        }
        let Ok(Parsed::Done { header, size }) = Header::parse(input, self.rsv1()) else { return None };
        let is_one = matches!(header.opcode, Opcode::Ping | Opcode::Pong);
        if is_one { Self::control(header, size, input).ok().flatten() } else { None }
    }

    /// Takes up to `most` whole messages off the front of `input` into an empty block, as long as nothing else comes between
    /// them; [`Decoder::decode`] then takes what does. It is the same as decoding them one by one, in less time.
    pub fn decode_block(&mut self, input: &mut BytesMut, block: &mut Block, most: usize) {
        if !self.finished && self.message.is_none() {
            block.fill(input, &self.limits, most);
        }
    }

    /// Takes the next event off the front of `input`, or `None` if more bytes are needed.
    ///
    /// # Errors
    ///
    /// The rule that the peer broke; what came before it has been delivered.
    pub fn decode(&mut self, input: &mut BytesMut) -> Result<Option<Event>, Violation> {
        if self.finished {
            // "An endpoint [...] discards any further data received" after Close (section 1.4).
            input.clear();
            return Ok(None);
        }
        let result = self.next(input);
        self.finished = matches!(result, Err(_) | Ok(Some(Event::Close(_))));
        result
    }

    fn next(&mut self, input: &mut BytesMut) -> Result<Option<Event>, Violation> {
        loop {
            if self.frame.is_some() {
                match self.payload(input)? {
                    Step::Event(event) => return Ok(Some(event)),
                    Step::Starved => return Ok(None),
                    Step::Again => {}
                }
            }
            let Parsed::Done { header, size } = Header::parse(input, self.rsv1())? else { return Ok(None) };
            if header.opcode.is_control() {
                return Self::control(header, size, input);
            }
            if self.message.is_none() && header.is_whole_message() && (input.len() - size) as u64 >= header.len {
                return self.at_once(header, size, input).map(Some);
            }
            input.advance(size);
            self.begin(header)?;
        }
    }

    /// Delivers a control frame once all of it is there: at most 125 bytes.
    fn control(header: Header, size: usize, input: &mut BytesMut) -> Result<Option<Event>, Violation> {
        let len = header.len as usize;
        if input.len() < size + len {
            return Ok(None);
        }
        input.advance(size);
        Event::control(header.opcode, input.split_to(len).freeze()).map(Some)
    }

    /// Delivers a message that is one frame and lies in the input: most messages are, so they get a short way.
    fn at_once(&self, header: Header, size: usize, input: &mut BytesMut) -> Result<Event, Violation> {
        let mut message = self.start(header)?;
        message.grow(header.len, &self.limits)?;
        input.advance(size);
        message.whole(input.split_to(header.len as usize).freeze())
    }

    /// Checks the type of a message that begins.
    fn start(&self, header: Header) -> Result<Incoming, Violation> {
        if header.opcode == Opcode::Text && !self.limits.text {
            return Err(Violation::UnexpectedText);
        }
        Ok(Incoming::new(header))
    }

    /// Checks the place of a data frame in its message.
    fn begin(&mut self, header: Header) -> Result<(), Violation> {
        let message = match (header.opcode, self.message.take()) {
            (Opcode::Continuation, Some(message)) => message,
            // A continuation continues something, and a message ends before the next begins (section 5.4).
            (Opcode::Continuation, None) => return Err(Violation::StrayContinuation),
            (_, Some(_)) => return Err(Violation::InterleavedMessage),
            (_, None) => self.start(header)?,
        };
        let message = self.message.insert(message);
        if !message.compressed {
            message.grow(header.len, &self.limits)?;
        }
        self.frame = Some(Frame { fin: header.fin, remaining: header.len, checked: 0 });
        Ok(())
    }

    /// Delivers what has arrived of the current frame.
    fn payload(&mut self, input: &mut BytesMut) -> Result<Step, Violation> {
        let (Some(frame), Some(message)) = (&mut self.frame, &mut self.message) else { return Ok(Step::Again) };
        if message.compressed {
            return self.inflate(input);
        }
        let available = frame.available(input);
        if frame.remaining > 0 && (available == 0 || self.gathers && (available as u64) < frame.remaining) {
            if message.kind == Kind::Text && frame.checked < available {
                // As soon as it shows (section 8.1), and while it is in the cache.
                message.check(&input[frame.checked..available], false)?;
                frame.checked = available;
            }
            return Ok(Step::Starved);
        }
        let checked = mem::take(&mut frame.checked);
        let bytes = input.split_to(available).freeze();
        frame.remaining -= available as u64;
        let ends = frame.remaining == 0;
        let is_last = ends && frame.fin;
        let event = message.accept(bytes, checked, is_last)?;
        if ends {
            self.frame = None;
        }
        if is_last {
            self.message = None;
        }
        Ok(event.map_or(Step::Again, Step::Event))
    }

    /// Delivers what a piece of the current frame becomes; its size is checked before another piece is inflated.
    fn inflate(&mut self, input: &mut BytesMut) -> Result<Step, Violation> {
        let (Some(frame), Some(message), Some(inflater)) = (&mut self.frame, &mut self.message, &mut self.inflater)
        else {
            return Ok(Step::Again);
        };
        let available = frame.available(input);
        if available == 0 && frame.remaining > 0 && !inflater.is_full() {
            return Ok(Step::Starved);
        }
        let longest = if self.gathers { Inflater::MAX_KEPT_PIECE } else { Inflater::MAX_PIECE };
        let is_end = frame.fin && available as u64 == frame.remaining;
        let inflated = inflater.inflate(&input[..available], is_end, longest)?;
        input.advance(inflated.consumed);
        frame.remaining -= inflated.consumed as u64;
        message.grow(inflated.amount as u64, &self.limits)?;
        let event = if self.gathers && !inflated.is_last {
            if message.kind == Kind::Text {
                message.check(inflater.piece(), false)?;
            }
            inflater.keep();
            (inflated.amount > 0).then_some(Event::Inflated(inflated.amount))
        } else {
            let bytes = inflater.take();
            let checked = if message.kind == Kind::Text { bytes.len() - inflated.amount } else { 0 };
            message.accept(bytes, checked, inflated.is_last)?
        };
        // The last frame is over when the tail behind it is.
        if inflated.is_last || frame.remaining == 0 && !frame.fin && !inflater.is_full() {
            self.frame = None;
        }
        if inflated.is_last {
            self.message = None;
        }
        Ok(event.map_or(Step::Again, Step::Event))
    }
}

impl Frame {
    /// How much of the input belongs to it.
    fn available(&self, input: &[u8]) -> usize {
        usize::try_from(self.remaining).map_or(input.len(), |len| len.min(input.len()))
    }
}

/// What came of looking at the payload of a frame.
enum Step {
    Event(Event),
    /// The payload has not arrived.
    Starved,
    /// Nothing to tell: go on with the next frame.
    Again,
}

impl Incoming {
    fn new(header: Header) -> Self {
        let kind = if header.opcode == Opcode::Text { Kind::Text } else { Kind::Binary };
        Self { kind, compressed: header.compressed, size: 0, untouched: true, utf8: Utf8::default() }
    }

    /// Counts bytes of the message before they are delivered.
    fn grow(&mut self, len: u64, limits: &Limits) -> Result<(), Violation> {
        self.size = self.size.saturating_add(len);
        if limits.max_message_size.is_some_and(|limit| self.size > limit) {
            return Err(Violation::MessageTooBig);
        }
        Ok(())
    }

    /// Not UTF-8 "MUST" fail the connection (section 8.1), here as soon as it shows.
    fn check(&mut self, text: &[u8], is_last: bool) -> Result<(), Violation> {
        if self.utf8.push(text, is_last) { Ok(()) } else { Err(Violation::InvalidUtf8) }
    }

    /// Turns the next bytes of the message into an event; none if there is nothing to tell. The first `checked` of them have
    /// been checked.
    fn accept(&mut self, bytes: Bytes, checked: usize, is_last: bool) -> Result<Option<Event>, Violation> {
        if self.untouched && is_last {
            if checked == 0 {
                return self.whole(bytes).map(Some);
            }
            self.check(&bytes[checked..], true)?;
            return Ok(Some(checked_text(bytes)));
        }
        if self.kind == Kind::Text {
            self.check(&bytes[checked..], is_last)?;
        }
        if bytes.is_empty() && !is_last {
            return Ok(None);
        }
        self.untouched = false;
        Ok(Some(Event::Part(Part { kind: self.kind, bytes, is_last })))
    }

    fn whole(&self, bytes: Bytes) -> Result<Event, Violation> {
        Ok(Event::Message(match self.kind {
            Kind::Binary => Message::Binary(bytes),
            Kind::Text => Message::Text(Text::try_from(bytes).map_err(|_| Violation::InvalidUtf8)?),
        }))
    }
}

/// The text of a message that arrived in several pieces, each of which was checked.
#[allow(unsafe_code, reason = "checked twice, text of 1 MiB would take a fifth longer to receive")]
fn checked_text(bytes: Bytes) -> Event {
    // SAFETY: `Incoming::accept` calls this with all bytes of a message of text from its first to its last. It has given the
    // same bytes to `Utf8::push`, the first of them while they lay in the input or in the inflater's output, which only grow at
    // their end and are then frozen; and the last call has found no character cut off.
    Event::Message(Message::Text(unsafe { Text::from_utf8_unchecked(bytes) }))
}

#[cfg(test)]
mod tests;
