//! What a receiver makes of bytes, cut at any places on their way.

use bytes::BytesMut;
use websocket_anywhere::{
    CloseCode, Message,
    protocol::{Block, CloseFrame, Decoder, Event, Kind, Limits, Part, Violation},
};

/// Anything goes.
pub const UNLIMITED: Limits = Limits { max_message_size: None, text: true };

/// What reaches the user or ends the connection; the parts of a message are put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Message(Message),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<CloseFrame>),
    Violation(Violation),
}

pub fn text(text: &str) -> Outcome {
    Outcome::Message(Message::from(text))
}

pub fn binary(bytes: impl Into<Vec<u8>>) -> Outcome {
    Outcome::Message(Message::from(bytes.into()))
}

pub fn ping(bytes: &[u8]) -> Outcome {
    Outcome::Ping(bytes.to_vec())
}

pub fn pong(bytes: &[u8]) -> Outcome {
    Outcome::Pong(bytes.to_vec())
}

pub fn close(code: u16, reason: &str) -> Outcome {
    Outcome::Close(Some(CloseFrame { code: CloseCode::from(code), reason: reason.to_owned() }))
}

/// What a receiver makes of `input`, cut at the given places, or why it is no receiver.
pub fn receive(limits: Limits, input: &[u8], cuts: &[usize]) -> Result<Vec<Outcome>, String> {
    receive_by(Decoder::new(limits), input, cuts)
}

/// How what the decoder can do is used.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// Event by event.
    OneByOne,
    /// With up to so many messages at a time wherever they can be had.
    InBlocks(usize),
}

/// As [`receive`], by a decoder of another make.
pub fn receive_by(decoder: Decoder, input: &[u8], cuts: &[usize]) -> Result<Vec<Outcome>, String> {
    receive_in(Way::InBlocks(2), decoder, input, cuts)
}

/// As [`receive_by`], in a certain way.
pub fn receive_in(way: Way, decoder: Decoder, input: &[u8], cuts: &[usize]) -> Result<Vec<Outcome>, String> {
    // What waits is the beginning of a header or of a control frame: payload never does.
    Receiver::new(way, decoder, 2 + 125 - 1).receive(input, cuts)
}

/// As [`receive_by`], by a decoder that may leave so many bytes of the input in its buffer.
pub fn receive_within(longest: usize, decoder: Decoder, input: &[u8], cuts: &[usize]) -> Result<Vec<Outcome>, String> {
    Receiver::new(Way::InBlocks(2), decoder, longest).receive(input, cuts)
}

struct Receiver {
    way: Way,
    decoder: Decoder,
    longest: usize,
    buffer: BytesMut,
    message: Option<(Kind, Vec<u8>)>,
    outcomes: Vec<Outcome>,
    has_ended: bool,
}

impl Receiver {
    fn new(way: Way, decoder: Decoder, longest: usize) -> Self {
        Self { way, decoder, longest, buffer: BytesMut::new(), message: None, outcomes: Vec::new(), has_ended: false }
    }

    fn receive(mut self, input: &[u8], cuts: &[usize]) -> Result<Vec<Outcome>, String> {
        let mut start = 0;
        for &cut in cuts.iter().chain([&input.len()]) {
            self.feed(&input[start..cut])?;
            start = cut;
        }
        if self.has_ended {
            self.feed(b"\x82\x00\x81\x02hi\xff")?;
        }
        Ok(self.outcomes)
    }

    fn feed(&mut self, piece: &[u8]) -> Result<(), String> {
        self.buffer.extend_from_slice(piece);
        while let Some(event) = {
            self.take_blocks()?;
            self.decoder.decode(&mut self.buffer).map_or_else(|rule| Some(Err(rule)), |event| event.map(Ok))
        } {
            if self.has_ended {
                return Err(format!("{event:?} after the last event"));
            }
            self.take(event)?;
        }
        match self.decoder.decode(&mut self.buffer) {
            Ok(None) => {}
            event => return Err(format!("{event:?} without a new byte")),
        }
        let longest = if self.has_ended { 0 } else { self.longest };
        if self.buffer.len() > longest {
            return Err(format!("{} bytes left in the buffer", self.buffer.len()));
        }
        Ok(())
    }

    fn take_blocks(&mut self) -> Result<(), String> {
        let Way::InBlocks(most) = self.way else { return Ok(()) };
        let mut block = Block::default();
        loop {
            self.decoder.decode_block(&mut self.buffer, &mut block, most);
            if block.is_empty() {
                return Ok(());
            }
            if block.len() > most || self.has_ended {
                return Err(format!("a block of {} messages", block.len()));
            }
            while let Some(message) = block.take_message() {
                self.take(Ok(Event::Message(message)))?;
            }
        }
    }

    fn take(&mut self, event: Result<Event, Violation>) -> Result<(), String> {
        let outcome = match event {
            Ok(Event::Message(message)) if self.message.is_none() => Outcome::Message(message),
            Ok(Event::Message(message)) => return Err(format!("{message:?} inside another message")),
            Ok(Event::Part(part)) => match self.join(part)? {
                Some(message) => Outcome::Message(message),
                None => return Ok(()),
            },
            Ok(Event::Inflated(0)) => return Err("progress that is none".to_owned()),
            Ok(Event::Inflated(_)) => return Ok(()),
            Ok(Event::Ping(payload)) => Outcome::Ping(payload.to_vec()),
            Ok(Event::Pong(payload)) => Outcome::Pong(payload.to_vec()),
            Ok(Event::Close(frame)) => Outcome::Close(frame),
            Err(violation) => Outcome::Violation(violation),
        };
        self.has_ended = matches!(outcome, Outcome::Close(_) | Outcome::Violation(_));
        self.outcomes.push(outcome);
        Ok(())
    }

    /// Puts a part to its message and gives the message once it is whole.
    fn join(&mut self, part: Part) -> Result<Option<Message>, String> {
        if part.bytes.is_empty() && !part.is_last {
            return Err("a part that says nothing".to_owned());
        }
        if part.is_last && self.message.is_none() {
            return Err("a whole message as a part".to_owned());
        }
        let (kind, mut bytes) = self.message.take().unwrap_or((part.kind, Vec::new()));
        if kind != part.kind {
            return Err(format!("{:?} inside {kind:?}", part.kind));
        }
        bytes.extend_from_slice(&part.bytes);
        if !part.is_last {
            self.message = Some((kind, bytes));
            return Ok(None);
        }
        Ok(Some(match kind {
            Kind::Binary => Message::from(bytes),
            Kind::Text => Message::from(String::from_utf8(bytes).map_err(|error| error.to_string())?),
        }))
    }
}
