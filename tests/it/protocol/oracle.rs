//! An independent implementation, tungstenite, must read the same out of the same bytes. Natively only: it needs no
//! browser to agree, and a browser has no tungstenite.

pub(super) mod streams;

use std::io::{Cursor, Read, Result as IoResult, Write};

use tokio_tungstenite::tungstenite::{
    Error, Message as Theirs, WebSocket,
    error::ProtocolError,
    protocol::{Role, WebSocketConfig},
};
use websocket_anywhere::{
    CloseCode, Message,
    protocol::{CloseFrame, Limits, Opcode, Violation, encode, encode_close},
};

use self::streams::{Random, faulty, valid};
use super::check::{Outcome, close, receive};
use crate::support::test;

const MAX_MESSAGE_SIZE: u32 = 4000;
const LIMITS: Limits = Limits { max_message_size: Some(MAX_MESSAGE_SIZE as u64), text: true };

#[test]
async fn tungstenite_reads_the_same_out_of_valid_streams() {
    let mut seen = Seen::default();
    for seed in 0..2000 {
        let mut random = Random::new(seed);
        let stream = valid(&mut random).concat();
        seen.count(compare(seed, &stream, &mut random));
    }
    assert!(seen.open > 500 && seen.closed > 300, "{seen:?}");
}

#[test]
async fn tungstenite_refuses_the_same_streams() {
    let mut seen = Seen::default();
    for seed in 0..6000 {
        let mut random = Random::new(seed);
        let stream = faulty(&mut random);
        seen.count(compare(seed, &stream, &mut random));
    }
    // The streams are of every sort, or the comparison says nothing.
    assert!(seen.open > 500 && seen.closed > 300 && seen.protocol > 300, "{seen:?}");
    assert!(seen.utf8 > 50 && seen.size > 50 && seen.early < seen.protocol, "{seen:?}");
}

#[test]
async fn tungstenite_reads_what_is_encoded() {
    for seed in 0..500 {
        let mut random = Random::new(seed);
        let mut stream = Vec::new();
        let mut expected: Vec<_> = (0..random.below(6)).map(|_| encoded(&mut random, &mut stream)).collect();
        let bye = random.one_in(2).then(|| CloseFrame { code: CloseCode::NORMAL, reason: random.text(50) });
        encode_close(key(&mut random), bye.as_ref(), &mut stream);
        expected.push(Outcome::Close(bye));
        let (outcomes, verdict) = theirs(Role::Server, &stream);
        assert!(outcomes == expected && verdict == Verdict::Ended, "seed {seed}: {outcomes:?}, {verdict:?}");
    }
}

/// Appends a random frame and says what the peer should read.
fn encoded(random: &mut Random, out: &mut Vec<u8>) -> Outcome {
    let len = random.len();
    let (opcode, payload) = match random.below(4) {
        0 => (Opcode::Text, random.text(len).into_bytes()),
        1 => (Opcode::Binary, random.bytes(len)),
        2 => (Opcode::Ping, random.bytes(len.min(125))),
        _ => (Opcode::Pong, random.bytes(len.min(125))),
    };
    encode(key(random), opcode, &payload, out);
    match opcode {
        Opcode::Text => Outcome::Message(Message::from(String::from_utf8(payload).unwrap())),
        Opcode::Binary => Outcome::Message(Message::from(payload)),
        Opcode::Ping => Outcome::Ping(payload),
        _ => Outcome::Pong(payload),
    }
}

fn key(random: &mut Random) -> [u8; 4] {
    (random.next() as u32).to_ne_bytes()
}

/// How the reading of a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// All was well; more is expected.
    Open,
    /// A Close frame came.
    Ended,
    /// The connection is failed with this code.
    Refused(CloseCode),
}

/// Reads a stream with both and compares; gives our verdict and whether it came early.
#[track_caller]
fn compare(seed: u64, stream: &[u8], random: &mut Random) -> (Verdict, bool) {
    let mut cuts: Vec<_> = (0..random.below(5)).map(|_| random.below(stream.len() + 1)).collect();
    cuts.sort_unstable();
    let mut ours = receive(LIMITS, stream, &cuts).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    let refusal = match ours.last() {
        Some(&Outcome::Violation(violation)) => Some(violation),
        _ => None,
    };
    let verdict = match (refusal, ours.last()) {
        (Some(violation), _) => Verdict::Refused(violation.close_code()),
        (None, Some(Outcome::Close(_))) => Verdict::Ended,
        (None, _) => Verdict::Open,
    };
    if refusal.is_some() {
        ours.pop();
    }
    let (mut theirs, their_verdict) = theirs(Role::Client, stream);
    let known = known_difference(refusal, &mut ours, &mut theirs, their_verdict);
    let agrees = ours == theirs && (known || verdict == their_verdict);
    assert!(
        agrees,
        "seed {seed}, cut at {cuts:?}\nstream: {}\nours: {refusal:?} {ours:?}\ntheirs: {their_verdict:?} {theirs:?}",
        stream.iter().take(300).map(|byte| format!("{byte:02x}")).collect::<String>(),
    );
    (verdict, refusal.is_some() && their_verdict == Verdict::Open)
}

/// Where the two may differ, and why; takes off the outcomes what the difference explains.
fn known_difference(
    ours: Option<Violation>,
    our_outcomes: &mut Vec<Outcome>,
    their_outcomes: &mut Vec<Outcome>,
    theirs: Verdict,
) -> bool {
    // They answer a code that may not be sent with 1002, and show the answer as if the peer had sent it.
    let answered = their_outcomes.last() == Some(&close(1002, "Protocol violation"));
    match (ours, theirs) {
        // They take a length in any form, and go on.
        (Some(Violation::LengthNotMinimal), _) => {
            their_outcomes.truncate(our_outcomes.len());
            true
        }
        // They judge a frame once all of it has arrived.
        (Some(_), Verdict::Open) => true,
        (Some(Violation::CloseCode(_)), Verdict::Ended) if answered => {
            their_outcomes.pop();
            true
        }
        // They look at the reason before the code.
        (Some(Violation::CloseCode(_)), Verdict::Refused(CloseCode::INVALID_PAYLOAD)) => true,
        // They look at the length first, whatever else is wrong.
        (Some(violation), Verdict::Refused(CloseCode::MESSAGE_TOO_BIG)) => {
            violation.close_code() == CloseCode::PROTOCOL_ERROR
        }
        // They do not know 1014, which IANA registered later.
        (None, Verdict::Ended) if answered && is_bad_gateway(our_outcomes.last()) => {
            our_outcomes.pop();
            their_outcomes.pop();
            true
        }
        _ => false,
    }
}

fn is_bad_gateway(outcome: Option<&Outcome>) -> bool {
    matches!(outcome, Some(Outcome::Close(Some(frame))) if u16::from(frame.code) == 1014)
}

/// What tungstenite makes of a stream; as a client it has the limit.
fn theirs(role: Role, stream: &[u8]) -> (Vec<Outcome>, Verdict) {
    let limit = (role == Role::Client).then_some(MAX_MESSAGE_SIZE as usize);
    let config = WebSocketConfig::default().max_message_size(limit).max_frame_size(limit).read_buffer_size(4096);
    let mut socket = WebSocket::from_raw_socket(Wire(Cursor::new(stream)), role, Some(config));
    let mut outcomes = Vec::new();
    loop {
        let outcome = match socket.read() {
            Ok(Theirs::Text(text)) => Outcome::Message(Message::from(text.as_str())),
            Ok(Theirs::Binary(bytes)) => Outcome::Message(Message::from(bytes)),
            Ok(Theirs::Ping(payload)) => Outcome::Ping(payload.to_vec()),
            Ok(Theirs::Pong(payload)) => Outcome::Pong(payload.to_vec()),
            Ok(Theirs::Close(frame)) => {
                outcomes.push(frame.map_or(Outcome::Close(None), |frame| close(frame.code.into(), &frame.reason)));
                return (outcomes, Verdict::Ended);
            }
            Ok(Theirs::Frame(frame)) => unreachable!("reading never gives a bare frame: {frame}"),
            Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => return (outcomes, Verdict::Open),
            Err(Error::Protocol(_)) => return (outcomes, Verdict::Refused(CloseCode::PROTOCOL_ERROR)),
            Err(Error::Utf8(_)) => return (outcomes, Verdict::Refused(CloseCode::INVALID_PAYLOAD)),
            Err(Error::Capacity(_)) => return (outcomes, Verdict::Refused(CloseCode::MESSAGE_TOO_BIG)),
            Err(error) => panic!("{error}"),
        };
        outcomes.push(outcome);
    }
}

/// Gives a stream and swallows the answers.
struct Wire<'a>(Cursor<&'a [u8]>);

impl Read for Wire<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> IoResult<usize> {
        self.0.read(buffer)
    }
}

impl Write for Wire<'_> {
    fn write(&mut self, bytes: &[u8]) -> IoResult<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> IoResult<()> {
        Ok(())
    }
}

/// How many streams ended how.
#[derive(Debug, Default)]
struct Seen {
    open: usize,
    closed: usize,
    protocol: usize,
    utf8: usize,
    size: usize,
    early: usize,
}

impl Seen {
    fn count(&mut self, (verdict, early): (Verdict, bool)) {
        self.early += usize::from(early);
        *match verdict {
            Verdict::Open => &mut self.open,
            Verdict::Ended => &mut self.closed,
            Verdict::Refused(CloseCode::INVALID_PAYLOAD) => &mut self.utf8,
            Verdict::Refused(CloseCode::MESSAGE_TOO_BIG) => &mut self.size,
            Verdict::Refused(_) => &mut self.protocol,
        } += 1;
    }
}
