//! The decoder: what it makes of a stream depends on the stream alone, and it keeps to its limits.

use websocket_anywhere::{
    Compression,
    protocol::{Decoder, Limits, Violation, deflate::Agreement},
};

use crate::{
    input::{Input, places},
    receiver::{Outcome, receive_within},
};

/// A stream, and how it is received.
#[derive(Clone, Debug)]
pub struct Case {
    pub max_message_size: Option<u64>,
    pub text: bool,
    pub gathers: bool,
    pub inflates: bool,
    pub server_context_takeover: bool,
    /// The stream is cut at these numbers, modulo its length.
    pub cuts: Vec<u16>,
    pub stream: Vec<u8>,
}

impl Case {
    /// A byte of settings, the cuts, the stream.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut input = Input::new(bytes);
        let flags = input.byte();
        Self {
            max_message_size: LIMITS[usize::from(flags >> 6)],
            text: flags & 1 == 0,
            gathers: flags & 2 != 0,
            inflates: flags & 4 != 0,
            server_context_takeover: flags & 8 == 0,
            cuts: input.numbers(),
            stream: input.rest().to_vec(),
        }
    }

    fn decoder(&self) -> Decoder {
        let mut decoder = Decoder::new(Limits { max_message_size: self.max_message_size, text: self.text });
        if self.inflates {
            let alone = if self.server_context_takeover { "" } else { "; server_no_context_takeover" };
            let agreement = Agreement::parse(&format!("permessage-deflate{alone}"), &Compression::new());
            decoder = decoder.inflating(agreement.expect("a server may answer this").inflater());
        }
        if self.gathers { decoder.gathering() } else { decoder }
    }

    fn receive(&self, cuts: &[usize]) -> Vec<Outcome> {
        // Payload waits only where it is gathered, and then no more of it than a message may have.
        let longest = match (self.gathers, self.max_message_size) {
            (false, _) => LONGEST_CONTROL,
            (true, Some(limit)) => limit as usize + LONGEST_CONTROL,
            (true, None) => usize::MAX,
        };
        receive_within(longest, self.decoder(), &self.stream, cuts).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Receives the stream in one piece, as the case cuts it, and byte by byte.
pub fn check(case: &Case) {
    let whole = case.receive(&[]);
    let bytewise: Vec<_> = (0..case.stream.len()).collect();
    for cuts in [places(&case.cuts, case.stream.len()), bytewise] {
        let cut = case.receive(&cuts);
        assert!(agree(&whole, &cut), "{case:?}\nin one piece: {whole:?}\ncut at {cuts:?}: {cut:?}");
    }
    for outcome in &whole {
        let Outcome::Message(message) = outcome else { continue };
        assert!(case.max_message_size.is_none_or(|limit| message.as_bytes().len() as u64 <= limit), "{case:?}");
        assert!(case.text || message.as_text().is_none(), "{case:?}");
    }
}

fn agree(whole: &[Outcome], cut: &[Outcome]) -> bool {
    match (whole.split_last(), cut.split_last()) {
        // A compressed message may break several rules at once; which of them is seen first depends on the pieces that it
        // is inflated in.
        (Some((Outcome::Violation(one), before)), Some((Outcome::Violation(other), others))) => {
            before == others && (one == other || is_about_payload(*one) && is_about_payload(*other))
        }
        _ => whole == cut,
    }
}

const fn is_about_payload(violation: Violation) -> bool {
    matches!(violation, Violation::InvalidDeflate | Violation::InvalidUtf8 | Violation::MessageTooBig)
}

const LIMITS: [Option<u64>; 4] = [None, Some(4000), Some(125), Some(0)];

/// A header and all but the last byte of a control frame.
const LONGEST_CONTROL: usize = 2 + 125 - 1;
