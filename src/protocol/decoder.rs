//! Frames in: RFC 6455 sections 5.4 to 5.6.

use bytes::{Buf, Bytes, BytesMut};

use super::{
    close::CloseFrame,
    frame::{Header, Opcode, Parsed},
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
    /// A piece of a longer or fragmented message.
    Part(Part),
    /// To be answered by a Pong with the same payload (section 5.5.2).
    Ping(Bytes),
    /// A sign of life (section 5.5.3).
    Pong(Bytes),
    /// The last event: to be answered by a Close, unless it is the answer to one (section 5.5.1).
    Close(Option<CloseFrame>),
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
    /// The message whose first frame has arrived and whose last byte has not.
    message: Option<Incoming>,
    /// Bytes of the current data frame that have not arrived; `None` between frames.
    frame: Option<Frame>,
    finished: bool,
}

#[derive(Debug)]
struct Incoming {
    kind: Kind,
    /// The sum of the frame lengths seen.
    size: u64,
    /// Whether nothing of it has been delivered.
    untouched: bool,
    utf8: Utf8,
}

#[derive(Debug)]
struct Frame {
    fin: bool,
    remaining: u64,
}

impl Decoder {
    /// A decoder at the beginning of a connection.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self { limits, message: None, frame: None, finished: false }
    }

    /// Accepts messages of any size and type from here on, for a receiver that only waits for the Close.
    pub const fn lift_limits(&mut self) {
        self.limits = Limits { max_message_size: None, text: true };
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
            let Parsed::Done { header, size } = Header::parse(input)? else { return Ok(None) };
            if header.opcode.is_control() {
                return Self::control(header, size, input);
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
        let payload = input.split_to(len).freeze();
        Ok(Some(match header.opcode {
            Opcode::Ping => Event::Ping(payload),
            Opcode::Pong => Event::Pong(payload),
            _ => Event::Close(CloseFrame::parse(&payload)?),
        }))
    }

    /// Checks the place of a data frame in its message.
    fn begin(&mut self, header: Header) -> Result<(), Violation> {
        let message = match (header.opcode, &mut self.message) {
            (Opcode::Continuation, Some(message)) => message,
            // A continuation continues something, and a message ends before the next begins (section 5.4).
            (Opcode::Continuation, None) => return Err(Violation::StrayContinuation),
            (_, Some(_)) => return Err(Violation::InterleavedMessage),
            (Opcode::Text, None) if !self.limits.text => return Err(Violation::UnexpectedText),
            (opcode, slot @ None) => slot.insert(Incoming::new(opcode)),
        };
        message.size = message.size.saturating_add(header.len);
        if self.limits.max_message_size.is_some_and(|limit| message.size > limit) {
            return Err(Violation::MessageTooBig);
        }
        self.frame = Some(Frame { fin: header.fin, remaining: header.len });
        Ok(())
    }

    /// Delivers what has arrived of the current frame.
    fn payload(&mut self, input: &mut BytesMut) -> Result<Step, Violation> {
        let (Some(frame), Some(message)) = (&mut self.frame, &mut self.message) else { return Ok(Step::Again) };
        let available = usize::try_from(frame.remaining).map_or(input.len(), |len| len.min(input.len()));
        if available == 0 && frame.remaining > 0 {
            return Ok(Step::Starved);
        }
        let bytes = input.split_to(available).freeze();
        frame.remaining -= available as u64;
        let ends = frame.remaining == 0;
        let is_last = ends && frame.fin;
        let event = message.accept(bytes, is_last)?;
        if ends {
            self.frame = None;
        }
        if is_last {
            self.message = None;
        }
        Ok(event.map_or(Step::Again, Step::Event))
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
    fn new(opcode: Opcode) -> Self {
        let kind = if opcode == Opcode::Text { Kind::Text } else { Kind::Binary };
        Self { kind, size: 0, untouched: true, utf8: Utf8::default() }
    }

    /// Turns the next bytes of the message into an event; none if there is nothing to tell.
    fn accept(&mut self, bytes: Bytes, is_last: bool) -> Result<Option<Event>, Violation> {
        if self.untouched && is_last {
            return self.whole(bytes).map(Some);
        }
        // Not UTF-8 "MUST" fail the connection (section 8.1), here as soon as it shows.
        if self.kind == Kind::Text && !self.utf8.push(&bytes, is_last) {
            return Err(Violation::InvalidUtf8);
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
