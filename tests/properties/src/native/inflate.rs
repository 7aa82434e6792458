//! The inflater: it reads what zlib reads, refuses what that refuses, and does not care how its input is cut.

use websocket_anywhere::{
    Compression,
    protocol::{
        Violation,
        deflate::{Agreement, Inflated, Inflater},
    },
};

use super::zlib::Zlib;
use crate::input::{Input, places};

/// Compressed messages, sound or not.
#[derive(Clone, Debug)]
pub struct Case {
    pub context_takeover: bool,
    /// Each is cut at these numbers, modulo its length.
    pub cuts: Vec<u16>,
    pub payloads: Vec<Vec<u8>>,
}

impl Case {
    /// A byte of settings, the cuts, the payloads.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut input = Input::new(bytes);
        let context_takeover = input.byte() & 1 == 0;
        let cuts = input.numbers();
        let mut payloads = Vec::new();
        while !input.is_empty() && payloads.len() < MAX_PAYLOADS {
            payloads.push(input.chunk().to_vec());
        }
        Self { context_takeover, cuts, payloads }
    }
}

/// Inflates the messages in one piece, as the case cuts them, and by zlib, up to the first that is refused.
pub fn check(case: &Case) {
    let fresh = || inflater(case.context_takeover);
    let (mut whole, mut cut, mut zlib) = (fresh(), fresh(), Zlib::new());
    for payload in &case.payloads {
        let expected = zlib.read(payload, case.context_takeover);
        let in_one_piece = ours(&mut whole, payload, &[]);
        let in_pieces = ours(&mut cut, payload, &places(&case.cuts, payload.len()));
        assert!(in_one_piece == in_pieces, "the cuts matter: {case:?}");
        let agrees = match (&in_one_piece, &expected) {
            (Ok(ours), Some(theirs)) => ours == theirs,
            (Err(_), None) => true,
            _ => false,
        };
        assert!(agrees, "{payload:x?} is read as {in_one_piece:x?} and as {expected:x?} in {case:?}");
        if in_one_piece.is_err() || expected.is_none() {
            return;
        }
    }
}

pub(super) fn inflater(context_takeover: bool) -> Box<Inflater> {
    let alone = if context_takeover { "" } else { "; server_no_context_takeover" };
    let agreement = Agreement::parse(&format!("permessage-deflate{alone}"), &Compression::new());
    agreement.expect("a server may answer this").inflater()
}

/// What we make of a message whose payload is cut at these places.
pub(super) fn ours(inflater: &mut Inflater, payload: &[u8], cuts: &[usize]) -> Result<Vec<u8>, Violation> {
    let (mut message, mut start) = (Vec::new(), 0);
    for &cut in cuts {
        while start < cut || inflater.is_full() {
            step(inflater, &payload[..cut], &mut start, false, &mut message)?;
        }
    }
    while !step(inflater, payload, &mut start, true, &mut message)? {}
    Ok(message)
}

/// One piece; gives whether it was the last.
fn step(
    inflater: &mut Inflater,
    payload: &[u8],
    start: &mut usize,
    is_end: bool,
    message: &mut Vec<u8>,
) -> Result<bool, Violation> {
    let was_full = inflater.is_full();
    let Inflated { consumed, amount, is_last } = inflater.inflate(&payload[*start..], is_end, Inflater::MAX_PIECE)?;
    assert_eq!(inflater.piece().len(), amount);
    let bytes = inflater.take();
    assert_eq!(bytes.len(), amount, "nothing was kept");
    assert!(bytes.len() <= Inflater::MAX_PIECE, "a piece of {} bytes", bytes.len());
    assert!(consumed > 0 || !bytes.is_empty() || is_last || was_full, "no progress");
    assert!(is_end || !is_last, "a message ends before its payload");
    *start += consumed;
    message.extend_from_slice(&bytes);
    Ok(is_last)
}

const MAX_PAYLOADS: usize = 8;
