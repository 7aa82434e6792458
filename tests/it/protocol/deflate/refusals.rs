//! RFC 7692 section 6.2: what a client refuses where compression is in use, and where it is not.

use bytes::BytesMut;
use websocket_anywhere::{
    CloseCode,
    protocol::{Decoder, Event, Limits, Violation, deflate::Inflater},
};

use super::{
    super::{
        check::{Outcome, UNLIMITED, binary, check, check_by, text},
        wire::{BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, TEXT, frame},
    },
    RSV1, inflating, inflating_with,
    reference::{Server, Windowed},
};

const fn at_most(len: u64) -> Limits {
    Limits { max_message_size: Some(len), text: true }
}

/// Expects that the last byte of `input`, and none before it, breaks the rule.
#[track_caller]
fn refused(input: &[u8], violation: Violation) {
    let before = frame(FIN | RSV1 | BINARY, [0]);
    let stream = [&before, input].concat();
    check_by(inflating, &stream[..stream.len() - 1], &[binary([])]);
    check_by(inflating, &stream, &[binary([]), Outcome::Violation(violation)]);
}

#[test]
fn without_the_extension_no_reserved_bit_is_allowed() {
    for opcode in 0..16 {
        check(&[FIN | RSV1 | opcode], &[Outcome::Violation(Violation::ReservedBits)]);
    }
}

#[test]
fn the_other_reserved_bits_have_no_meaning() {
    for bits in [0x10, 0x20, 0x30, 0x50, 0x60, 0x70] {
        for opcode in [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG] {
            refused(&[FIN | bits | opcode], Violation::ReservedBits);
        }
    }
}

#[test]
fn control_frames_are_not_compressed() {
    for opcode in [CLOSE, PING, PONG] {
        refused(&[FIN | RSV1 | opcode], Violation::ReservedBits);
    }
}

#[test]
fn only_the_first_frame_says_that_a_message_is_compressed() {
    refused(&[FIN | RSV1 | CONTINUATION], Violation::ReservedBits);
    for first in [TEXT, RSV1 | TEXT] {
        let input = [frame(first, ""), vec![FIN | RSV1 | CONTINUATION]].concat();
        check_by(inflating, &input, &[Outcome::Violation(Violation::ReservedBits)]);
    }
}

#[test]
fn the_other_rules_hold_for_compressed_messages() {
    refused(&[FIN | RSV1 | TEXT, 0x80], Violation::MaskedByServer);
    refused(&[RSV1 | TEXT, 0, RSV1 | TEXT, 0], Violation::InterleavedMessage);
    let bytes_only = || inflating_with(Limits { max_message_size: None, text: false });
    check_by(bytes_only, &[FIN | RSV1 | TEXT, 0], &[Outcome::Violation(Violation::UnexpectedText)]);
}

#[test]
fn what_cannot_be_inflated_is_refused() {
    assert_eq!(Violation::InvalidDeflate.close_code(), CloseCode::PROTOCOL_ERROR);
    for payload in [
        // A block of the type that is reserved.
        &[0x06][..],
        &[0x07],
        &[0xff, 0xff],
        // A length and not its complement.
        &[0x00, 0x05, 0x00, 0x00, 0x00],
        // A reference to before the beginning.
        &[0xf2, 0x00, 0x11, 0x00, 0x00],
        b"not deflate at all",
    ] {
        for (first, rest) in [(&payload[..0], payload), (payload, &[][..]), (&payload[..1], &payload[1..])] {
            let input = [frame(RSV1 | BINARY, first), frame(FIN | CONTINUATION, rest)].concat();
            check_by(inflating, &input, &[Outcome::Violation(Violation::InvalidDeflate)]);
        }
    }
}

#[test]
fn text_is_checked_after_inflating() {
    for invalid in [&b"\xff"[..], b"abc\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"caf\xe9!"] {
        let input = frame(FIN | RSV1 | TEXT, Server::new().deflate(invalid));
        check_by(inflating, &input, &[Outcome::Violation(Violation::InvalidUtf8)]);
        let input = frame(FIN | RSV1 | BINARY, Server::new().deflate(invalid));
        check_by(inflating, &input, &[binary(invalid)]);
    }
}

#[test]
fn the_limit_is_for_the_inflated_message() {
    let message = vec![b'a'; 1000];
    let input = frame(FIN | RSV1 | TEXT, Server::new().deflate(&message));
    check_by(|| inflating_with(at_most(1000)), &input, &[text(&"a".repeat(1000))]);
    check_by(|| inflating_with(at_most(999)), &input, &[Outcome::Violation(Violation::MessageTooBig)]);
    // What does not compress is longer on the wire than the limit, and still within it.
    let message: Vec<u8> = (0..=255).collect();
    let payload = Windowed::new(15).deflate(&message);
    assert!(payload.len() > message.len());
    check_by(|| inflating_with(at_most(256)), &frame(FIN | RSV1 | BINARY, payload), &[binary(message)]);
}

#[test]
fn each_compressed_message_counts_from_zero() {
    let mut server = Server::new();
    let messages = [server.deflate(b"1234"), server.deflate(b"5678"), server.deflate(b"90abc")];
    let input = messages.map(|payload| frame(FIN | RSV1 | BINARY, payload)).concat();
    let expected = [binary(*b"1234"), binary(*b"5678"), Outcome::Violation(Violation::MessageTooBig)];
    check_by(|| inflating_with(at_most(4)), &input, &expected);
}

#[test]
fn a_bomb_is_refused_before_it_is_inflated() {
    const LIMIT: usize = 1 << 20;
    let bomb = frame(FIN | RSV1 | BINARY, Server::new().deflate(&vec![0; 256 << 20]));
    assert!(bomb.len() < 2 * LIMIT / 4 * 3);
    assert_eq!(Violation::MessageTooBig.close_code(), CloseCode::MESSAGE_TOO_BIG);
    // Not even all of the compressed bytes need to arrive.
    let mut input = BytesMut::from(&bomb[..16 * 1024]);
    let mut decoder = inflating_with(at_most(LIMIT as u64));
    let delivered = delivered(&mut decoder, &mut input);
    assert_eq!(delivered, (LIMIT, Err(Violation::MessageTooBig)));
    assert!(input.len() > 8 * 1024, "{} bytes were not looked at", input.len());
}

#[test]
fn without_a_limit_a_bomb_costs_a_piece_at_a_time() {
    let bomb = frame(FIN | RSV1 | BINARY, Server::new().deflate(&vec![0; 256 << 20]));
    let mut input = BytesMut::from(&bomb[..]);
    let mut decoder = Decoder::new(UNLIMITED).inflating(super::agreement("permessage-deflate").inflater());
    assert_eq!(delivered(&mut decoder, &mut input), (256 << 20, Ok(())));
}

/// How many bytes come out, in pieces of bounded size, and how it ends.
fn delivered(decoder: &mut Decoder, input: &mut BytesMut) -> (usize, Result<(), Violation>) {
    let mut total = 0;
    loop {
        match decoder.decode(input) {
            Ok(Some(Event::Part(part))) => {
                assert!(part.bytes.len() <= Inflater::MAX_PIECE);
                total += part.bytes.len();
            }
            Ok(Some(event)) => panic!("{event:?}"),
            Ok(None) => return (total, Ok(())),
            Err(violation) => return (total, Err(violation)),
        }
    }
}
