//! What a receiver makes of bytes may not depend on how they were cut on their way.

use bytes::BytesMut;
use websocket_anywhere::{
    CloseCode, Message,
    protocol::{Block, CloseFrame, Decoder, Event, Kind, Limits, Part, Violation},
};

/// Anything goes.
pub(super) const UNLIMITED: Limits = Limits { max_message_size: None, text: true };

/// What reaches the user or ends the connection; the parts of a message are put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Message(Message),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<CloseFrame>),
    Violation(Violation),
}

pub(super) fn text(text: &str) -> Outcome {
    Outcome::Message(Message::from(text))
}

pub(super) fn binary(bytes: impl Into<Vec<u8>>) -> Outcome {
    Outcome::Message(Message::from(bytes.into()))
}

pub(super) fn ping(bytes: &[u8]) -> Outcome {
    Outcome::Ping(bytes.to_vec())
}

pub(super) fn pong(bytes: &[u8]) -> Outcome {
    Outcome::Pong(bytes.to_vec())
}

pub(super) fn close(code: u16, reason: &str) -> Outcome {
    Outcome::Close(Some(CloseFrame { code: CloseCode::from(code), reason: reason.to_owned() }))
}

/// Feeds `input` whole, byte by byte and cut at every position, and expects the same each time.
#[track_caller]
pub(super) fn check(input: &[u8], expected: &[Outcome]) {
    check_with(UNLIMITED, input, expected);
}

/// As [`check`], with limits.
#[track_caller]
pub(super) fn check_with(limits: Limits, input: &[u8], expected: &[Outcome]) {
    check_by(|| Decoder::new(limits), input, expected);
}

/// As [`check`], by decoders of another make.
#[track_caller]
pub(super) fn check_by(decoder: impl Fn() -> Decoder, input: &[u8], expected: &[Outcome]) {
    let bytewise: Vec<_> = (0..=input.len()).collect();
    let pairs = places(input.len()).map(|at| vec![at]);
    let cuts = [Vec::new(), bytewise].into_iter().chain(pairs).chain(triples(input.len()));
    for (cuts, way) in cuts.flat_map(|cuts| WAYS.map(|way| (cuts.clone(), way))) {
        let observed = receive_by(decoder(), way, input, &cuts);
        if observed.as_deref() != Ok(expected) {
            panic!(
                "{} bytes: {}\n{way:?}\ncut at: {}\nexpected: {}\nobserved: {}",
                input.len(),
                brief(&format!("{input:02x?}")),
                brief(&format!("{cuts:?}")),
                brief(&format!("{expected:?}")),
                brief(&format!("{observed:?}")),
            );
        }
    }
}

/// How what the decoder can do is used.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// Event by event.
    OneByOne,
    /// With up to so many messages at a time wherever they can be had.
    InBlocks(usize),
}

const WAYS: [Way; 3] = [Way::OneByOne, Way::InBlocks(1), Way::InBlocks(100)];

/// Expects that the last byte of `input`, and none before it, breaks the rule, and that this is the last that happens.
#[track_caller]
pub(super) fn refused(input: &[u8], violation: Violation, code: CloseCode) {
    refused_with(UNLIMITED, input, violation, code);
}

/// As [`refused`], with limits.
#[track_caller]
pub(super) fn refused_with(limits: Limits, input: &[u8], violation: Violation, code: CloseCode) {
    assert_eq!(violation.close_code(), code);
    // A message before it is delivered, a message after it is not.
    let before = [0x82, 0];
    let mut stream = [&before, input].concat();
    check_with(limits, &stream[..stream.len() - 1], &[binary([])]);
    check_with(limits, &stream, &[binary([]), Outcome::Violation(violation)]);
    stream.extend([0x82, 0]);
    check_with(limits, &stream, &[binary([]), Outcome::Violation(violation)]);
}

/// What a receiver makes of `input`, cut at the given places, or why it is no receiver.
pub(super) fn receive(limits: Limits, input: &[u8], cuts: &[usize]) -> Result<Vec<Outcome>, String> {
    receive_by(Decoder::new(limits), Way::InBlocks(2), input, cuts)
}

/// As [`receive`], by a decoder of another make.
pub(super) fn receive_by(decoder: Decoder, way: Way, input: &[u8], cuts: &[usize]) -> Result<Vec<Outcome>, String> {
    let mut receiver = Receiver::new(decoder, way);
    let mut start = 0;
    for &cut in cuts.iter().chain([&input.len()]) {
        receiver.feed(&input[start..cut])?;
        start = cut;
    }
    if receiver.has_ended {
        receiver.feed(b"\x82\x00\x81\x02hi\xff")?;
    }
    Ok(receiver.outcomes)
}

struct Receiver {
    decoder: Decoder,
    way: Way,
    buffer: BytesMut,
    message: Option<(Kind, Vec<u8>)>,
    outcomes: Vec<Outcome>,
    has_ended: bool,
}

impl Receiver {
    fn new(decoder: Decoder, way: Way) -> Self {
        Self { decoder, way, buffer: BytesMut::new(), message: None, outcomes: Vec::new(), has_ended: false }
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
        // What waits is the beginning of a header or of a control frame: payload never does.
        let longest = if self.has_ended { 0 } else { 2 + 125 - 1 };
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

/// Every position; of a long input those near its ends, where the headers are, and a sample of the rest.
fn places(len: usize) -> impl Iterator<Item = usize> {
    (0..=len).filter(move |&at| len <= 2048 || at < 32 || at + 32 > len || at % 8191 == 0)
}

/// Every two positions in a short input.
fn triples(len: usize) -> impl Iterator<Item = Vec<usize>> {
    let len = if len <= 24 { len } else { 0 };
    (0..len).flat_map(move |first| (first..len).map(move |second| vec![first, second]))
}

fn brief(text: &str) -> String {
    const MAX_CHARS: usize = 600;
    let brief: String = text.chars().take(MAX_CHARS).collect();
    if brief.len() < text.len() { brief + " .." } else { brief }
}
