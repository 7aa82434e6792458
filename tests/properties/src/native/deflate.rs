//! The deflater: whatever it is given, every server reads the same, within the agreed window.

use websocket_anywhere::{Compression, protocol::deflate::Agreement};

use super::{
    inflate,
    reference::{Server, Windowed},
};
use crate::input::Input;

/// Messages, and how they are compressed.
#[derive(Clone, Debug)]
pub struct Case {
    /// 0 to 9.
    pub level: u8,
    /// 8 to 15.
    pub window_bits: u8,
    pub context_takeover: bool,
    pub threshold: usize,
    pub messages: Vec<Vec<u8>>,
}

impl Case {
    /// Four bytes of settings; for each message, how often its bytes are repeated and what they are.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut input = Input::new(bytes);
        let [level, bits, flags, threshold] = [input.byte(), input.byte(), input.byte(), input.byte()];
        let mut messages = Vec::new();
        while !input.is_empty() && messages.len() < MAX_MESSAGES {
            let times = usize::from(input.byte()) + 1;
            let mut message = input.chunk().repeat(times);
            message.truncate(MAX_LEN);
            messages.push(message);
        }
        Self {
            level: level % 10,
            window_bits: 8 + bits % 8,
            context_takeover: flags & 1 == 0,
            threshold: threshold.into(),
            messages,
        }
    }
}

/// Compresses the messages, one after the other, and reads them back in three ways.
pub fn check(case: &Case) {
    let alone = if case.context_takeover { "" } else { "; client_no_context_takeover" };
    let answer = format!("permessage-deflate; client_max_window_bits={}{alone}", case.window_bits);
    let compression = Compression::new().level(case.level).threshold(case.threshold);
    let agreement = Agreement::parse(&answer, &compression).expect("a server may answer this");
    let Some(mut deflater) = agreement.deflater() else {
        // No library writes for a window of 256 bytes.
        assert_eq!(case.window_bits, 8);
        return;
    };
    let fresh = || (Server::new(), Windowed::new(case.window_bits), inflate::inflater(case.context_takeover));
    let (mut server, mut windowed, mut inflater) = fresh();
    for message in &case.messages {
        let Some(payload) = deflater.deflate(message) else {
            let may_stay = message.len() < case.threshold || message.is_empty() || !case.context_takeover;
            assert!(may_stay, "sent as it is: {} bytes in {case:?}", message.len());
            continue;
        };
        assert!(message.len() >= case.threshold, "{} bytes are below the threshold in {case:?}", message.len());
        if !case.context_takeover {
            (server, windowed, inflater) = fresh();
        }
        assert!(server.inflate(payload) == *message, "another library reads otherwise: {case:?}");
        assert!(windowed.inflate(payload) == *message, "the window is too large: {case:?}");
        assert!(inflate::ours(&mut inflater, payload, &[]).as_ref() == Ok(message), "we read otherwise: {case:?}");
        deflater.trim();
    }
}

const MAX_MESSAGES: usize = 8;
const MAX_LEN: usize = 100_000;
