//! What a receiver makes of bytes may not depend on how they were cut on their way.

pub(super) use properties::receiver::{Outcome, UNLIMITED, Way, binary, close, ping, pong, receive, receive_in, text};
use websocket_anywhere::{
    CloseCode,
    protocol::{Decoder, Limits, Violation},
};

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
        let observed = receive_in(way, decoder(), input, &cuts);
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
