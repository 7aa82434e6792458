//! RFC 7692 section 7.2.2: a message whose blocks are not all there is refused, wherever it was cut. zlib is the judge.

use properties::{
    receiver::{receive_by, receive_within},
    streams::Random,
    zlib::Zlib,
};
use websocket_anywhere::protocol::{Decoder, Violation};

use super::{
    super::{
        check::{Outcome, UNLIMITED, binary},
        wire::{BINARY, CONTINUATION, FIN, PING, frame},
    },
    RSV1, agreement,
    reference::{Server, TAIL, Windowed},
};

/// The types of blocks (RFC 1951 section 3.2.3).
const STORED: u8 = 0;
const FIXED: u8 = 1;
const DYNAMIC: u8 = 2;

/// A payload that is complete, with what it becomes.
struct Whole {
    name: &'static str,
    /// The type of the first block.
    block: u8,
    payload: Vec<u8>,
    message: Vec<u8>,
}

/// "Hello" in a final block (section 7.2.3.4).
const FINAL: [u8; 7] = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

/// The same in a block that is not final, and the header of an empty block that is.
const FINAL_EMPTY: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x04];

fn wholes() -> Vec<Whole> {
    let text = Random::new(3).text(700).into_bytes();
    let noise = Random::new(5).bytes(300);
    let mut twice = Server::new().deflate(&text);
    let mut server = Server::new();
    let mut flushed = [&server.deflate(b"Hello")[..], &TAIL].concat();
    flushed.extend(server.deflate(&text));
    let both = [&b"Hello"[..], &text].concat();
    let whole = |name, block, payload: &[u8], message: &[u8]| Whole {
        name,
        block,
        payload: payload.to_vec(),
        message: message.to_vec(),
    };
    let dynamic = whole("dynamic", DYNAMIC, &twice, &text);
    twice.extend(TAIL);
    vec![
        whole("fixed", FIXED, &Server::new().deflate(b"Hello, hello"), b"Hello, hello"),
        dynamic,
        whole("dynamic, its tail left in place", DYNAMIC, &twice, &text),
        whole("stored", STORED, &stored(&noise, &[]), &noise),
        whole("stored, its tail left in place", STORED, &stored(&noise, &TAIL), &noise),
        whole("stored, with the bytes of a tail at its end", STORED, &stored(&TAIL, &[]), &TAIL),
        whole("flushed in the middle", FIXED, &flushed, &both),
        whole("a final block", FIXED, &FINAL, b"Hello"),
        whole("a final block and an empty one", FIXED, &[&FINAL[..], &[0]].concat(), b"Hello"),
        whole("an empty block that is final", FIXED, &FINAL_EMPTY, b"Hello"),
        whole("two streams", FIXED, &[&FINAL[..], &Server::new().deflate(&text)].concat(), &both),
        whole("empty", STORED, &[0], b""),
        whole("a window of 512 bytes", DYNAMIC, &Windowed::new(9).deflate(&text), &text),
    ]
}

/// A block without compression (RFC 1951 section 3.2.4), and the header of the empty one behind it.
fn stored(bytes: &[u8], tail: &[u8]) -> Vec<u8> {
    let len = (bytes.len() as u16).to_le_bytes();
    [&[0][..], &len, &len.map(|byte| !byte), bytes, &[0], tail].concat()
}

/// Decoders that give what has arrived, and that gather frames; with context takeover and without.
fn decoders() -> impl Iterator<Item = (bool, bool, Decoder)> {
    [(true, false), (true, true), (false, false), (false, true)].into_iter().map(|(context_takeover, gathers)| {
        let alone = if context_takeover { "" } else { "; server_no_context_takeover" };
        let inflater = agreement(&format!("permessage-deflate{alone}")).inflater();
        let decoder = Decoder::new(UNLIMITED).inflating(inflater);
        (context_takeover, gathers, if gathers { decoder.gathering() } else { decoder })
    })
}

/// One frame, two with a Ping between them, and many.
fn framings(payload: &[u8]) -> [Vec<u8>; 3] {
    let (front, back) = payload.split_at(payload.len() / 2);
    let two = [frame(RSV1 | BINARY, front), frame(FIN | PING, ""), frame(FIN | CONTINUATION, back)].concat();
    let mut many = frame(RSV1 | BINARY, "");
    many.extend(payload.chunks(7).flat_map(|piece| frame(CONTINUATION, piece)));
    many.extend(frame(FIN | CONTINUATION, ""));
    [frame(FIN | RSV1 | BINARY, payload), two, many]
}

/// What a receiver makes of a message, which must not depend on frames and cuts.
fn read(payload: &[u8]) -> Vec<Result<Vec<u8>, Violation>> {
    let mut all = Vec::new();
    for input in framings(payload) {
        let bytewise: Vec<_> = (0..input.len()).collect();
        for cuts in [&[][..], &[input.len() / 2], &bytewise] {
            for (_, gathers, decoder) in decoders() {
                let longest = if gathers { usize::MAX } else { 126 };
                let outcomes = receive_within(longest, decoder, &input, cuts).unwrap();
                let mut ends = outcomes.into_iter().filter_map(|outcome| match outcome {
                    Outcome::Message(message) => Some(Ok(message.as_bytes().to_vec())),
                    Outcome::Violation(violation) => Some(Err(violation)),
                    _ => None,
                });
                all.push(ends.next().unwrap());
                assert_eq!(ends.next(), None);
            }
        }
    }
    all
}

#[test]
fn a_message_is_read_if_all_of_it_is_there() {
    for Whole { name, block, payload, message } in wholes() {
        assert_eq!(payload[0] >> 1 & 3, block, "{name}");
        for context_takeover in [true, false] {
            assert_eq!(Zlib::new().read(&payload, context_takeover).as_ref(), Some(&message), "{name}");
        }
        assert!(read(&payload).iter().all(|read| read.as_ref() == Ok(&message)), "{name}");
    }
}

#[test]
fn a_message_that_is_cut_at_any_byte_is_refused_where_zlib_lacks_an_end() {
    let mut refused = 0;
    for Whole { name, payload, message, .. } in wholes() {
        for len in 1..payload.len() {
            let expected = Zlib::new().read(&payload[..len], true).ok_or(Violation::InvalidDeflate);
            for read in read(&payload[..len]) {
                assert_eq!(read, expected, "{name}, the first {len} of {} bytes", payload.len());
            }
            refused += usize::from(expected.is_err());
            // What is accepted ends where a sender may have ended it.
            assert!(expected.is_err() || message.starts_with(&expected.unwrap()), "{name}, {len}");
        }
    }
    assert!(refused > 1000, "{refused}");
}

/// The few cuts behind which nothing is missing, by name: RFC 7692 knows no length of a message, so these cannot be told from
/// messages that are shorter.
#[test]
fn a_cut_shows_unless_an_empty_block_or_a_final_one_lies_in_front_of_it() {
    let accepted = |name: &str| {
        let Whole { payload, .. } = wholes().into_iter().find(|whole| whole.name == name).unwrap();
        (1..payload.len()).filter(|&len| read(&payload[..len])[0].is_ok()).collect::<Vec<_>>()
    };
    assert_eq!(accepted("fixed"), []);
    assert_eq!(accepted("dynamic"), []);
    // Behind the header of the stored block, which then is the empty block's.
    assert_eq!(accepted("stored"), [1]);
    assert_eq!(accepted("a final block"), []);
    assert_eq!(accepted("a final block and an empty one"), [FINAL.len()]);
    assert_eq!(accepted("two streams"), [FINAL.len()]);
}

#[test]
fn what_follows_a_message_in_each_form_may_refer_to_it_or_not() {
    for Whole { name, payload, message, .. } in wholes() {
        for (context_takeover, _, decoder) in decoders() {
            let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
            let messages = [&payload[..], &hello, &payload, &hello];
            let mut zlib = Zlib::new();
            let expected: Vec<_> =
                messages.iter().map(|payload| zlib.read(payload, context_takeover).map(binary).unwrap()).collect();
            assert_eq!(expected, [&message[..], b"Hello", &message, b"Hello"].map(binary), "{name}");
            let input = messages.map(|payload| frame(FIN | RSV1 | BINARY, payload)).concat();
            assert_eq!(receive_by(decoder, &input, &[]).unwrap(), expected, "{name}");
        }
    }
}

#[test]
fn behind_a_final_block_the_context_is_that_of_the_next_stream() {
    // "Hello" in a final block, then " world" in another stream, to which the next message refers.
    let mut server = Server::new();
    let first = [&FINAL[..], &server.deflate(b" world")].concat();
    let second = server.deflate(b" world world world");
    let input = [first, second].map(|payload| frame(FIN | RSV1 | BINARY, payload)).concat();
    assert_eq!(
        receive_by(super::inflating(), &input, &[]).unwrap(),
        [&b"Hello world"[..], b" world world world"].map(binary)
    );
}
