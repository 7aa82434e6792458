//! An independent implementation, tungstenite, must read the same out of the same bytes, but where a rule below says why not.

use std::io::{Cursor, Read, Result as IoResult, Write};

pub use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{
    Error, Message as Theirs, WebSocket, error::ProtocolError, protocol::WebSocketConfig,
};
use websocket_anywhere::{
    CloseCode, Message,
    protocol::{Limits, Violation},
};

use crate::{
    input::{Input, places},
    receiver::{Outcome, close, receive},
};

const MAX_MESSAGE_SIZE: u32 = 4000;
const LIMITS: Limits = Limits { max_message_size: Some(MAX_MESSAGE_SIZE as u64), text: true };

/// How the reading of a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All was well; more is expected.
    Open,
    /// A Close frame came.
    Ended,
    /// The connection is failed with this code.
    Refused(CloseCode),
}

/// A stream, and the numbers that it is cut at, modulo its length.
#[derive(Clone, Debug)]
pub struct Case {
    pub cuts: Vec<u16>,
    pub stream: Vec<u8>,
}

impl Case {
    /// The cuts, the stream.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut input = Input::new(bytes);
        Self { cuts: input.numbers(), stream: input.rest().to_vec() }
    }
}

/// Reads a stream with both and compares; gives our verdict and whether it came early.
pub fn check(case: &Case) -> (Verdict, bool) {
    let Case { cuts, stream } = case;
    let cuts = places(cuts, stream.len());
    let mut ours = receive(LIMITS, stream, &cuts).unwrap_or_else(|error| panic!("{error}: {case:?}"));
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
        "cut at {cuts:?}\nstream: {}\nours: {refusal:?} {ours:?}\ntheirs: {their_verdict:?} {theirs:?}",
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
        // They take a length in any form, and go on; of a control frame, too, where the longer forms alone tell us that it
        // is wrong.
        (Some(Violation::LengthNotMinimal | Violation::ControlTooLong), _) => {
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
pub fn theirs(role: Role, stream: &[u8]) -> (Vec<Outcome>, Verdict) {
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
