//! RFC 7692 sections 6.2 and 7.2: what a client makes of compressed messages.

use bytes::BytesMut;
use websocket_anywhere::{
    Message,
    protocol::{
        Decoder, Event, Violation,
        deflate::{Inflated, Inflater},
    },
};

use super::{
    super::{
        check::{UNLIMITED, binary, check_by, ping, text},
        wire::{BINARY, CONTINUATION, FIN, PING, TEXT, frame},
    },
    RSV1, agreement, inflating,
    reference::{Server, Windowed},
};

const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

#[test]
fn one_compressed_block_in_one_frame() {
    // Section 7.2.3.1.
    let input = [0xc1, 0x07, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    check_by(inflating, &input, &[text("Hello")]);
}

#[test]
fn one_compressed_block_in_two_frames() {
    // Section 7.2.3.1.
    let input = [0x41, 0x03, 0xf2, 0x48, 0xcd, 0x80, 0x04, 0xc9, 0xc9, 0x07, 0x00];
    check_by(inflating, &input, &[text("Hello")]);
}

#[test]
fn the_second_message_may_refer_to_the_first() {
    // Section 7.2.3.2.
    let second = [0xf2, 0x00, 0x11, 0x00, 0x00];
    let input = [frame(FIN | RSV1 | TEXT, HELLO), frame(FIN | RSV1 | TEXT, second)].concat();
    check_by(inflating, &input, &[text("Hello"), text("Hello")]);
}

#[test]
fn a_block_without_compression() {
    // Section 7.2.3.3.
    let input = [0xc1, 0x0b, 0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00];
    check_by(inflating, &input, &[text("Hello")]);
}

#[test]
fn a_final_block() {
    // Section 7.2.3.4.
    let input = [0xc1, 0x08, 0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
    check_by(inflating, &input, &[text("Hello")]);
    // Some leave the empty block behind it away; either way, the next message starts over.
    for last in [&[][..], &[0x00]] {
        let last = [&[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], last].concat();
        let next = frame(FIN | RSV1 | TEXT, HELLO);
        let input = [frame(FIN | RSV1 | TEXT, last), next.clone(), next].concat();
        check_by(inflating, &input, &[text("Hello"), text("Hello"), text("Hello")]);
    }
}

#[test]
fn two_blocks_and_two_streams() {
    // Section 7.2.3.5.
    let input = [0xc1, 0x0d, 0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00];
    check_by(inflating, &input, &[text("Hello")]);
    let stream = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let input = frame(FIN | RSV1 | TEXT, [&stream[..], &stream, &HELLO].concat());
    check_by(inflating, &input, &[text("HelloHelloHello")]);
}

#[test]
fn an_empty_message() {
    // Section 7.2.3.6; and without a byte, as some libraries write it.
    for empty in [&[0x00][..], &[]] {
        let empty = frame(FIN | RSV1 | BINARY, empty);
        let hello = frame(FIN | RSV1 | TEXT, HELLO);
        let input = [&empty[..], &hello, &empty, &empty, &hello].concat();
        check_by(inflating, &input, &[binary([]), text("Hello"), binary([]), binary([]), text("Hello")]);
    }
    let fragments = [frame(RSV1 | TEXT, ""), frame(CONTINUATION, ""), frame(FIN | CONTINUATION, "")].concat();
    check_by(inflating, &fragments, &[text("")]);
}

#[test]
fn messages_that_are_not_compressed_stay_out_of_the_window() {
    let second = [0xf2, 0x00, 0x11, 0x00, 0x00];
    let input = [
        frame(FIN | RSV1 | TEXT, HELLO),
        frame(FIN | BINARY, "plain"),
        frame(TEXT, "in "),
        frame(FIN | CONTINUATION, "two"),
        frame(RSV1 | TEXT, &second[..1]),
        frame(FIN | PING, "?"),
        frame(FIN | CONTINUATION, &second[1..]),
    ];
    let expected = [text("Hello"), binary(*b"plain"), text("in two"), ping(b"?"), text("Hello")];
    check_by(inflating, &input.concat(), &expected);
}

#[test]
fn without_context_takeover_each_message_stands_alone() {
    let fresh =
        || Decoder::new(UNLIMITED).inflating(agreement("permessage-deflate; server_no_context_takeover").inflater());
    let hello = frame(FIN | RSV1 | TEXT, HELLO);
    check_by(fresh, &hello.repeat(3), &[text("Hello"), text("Hello"), text("Hello")]);
}

#[test]
fn characters_may_be_cut_anywhere_before_and_after_inflating() {
    // Those of the longer ones are cut by the end of a piece.
    for len in [0, 1, 100, Inflater::MAX_PIECE - 8, Inflater::MAX_PIECE - 4, Inflater::MAX_PIECE - 1] {
        let message = "x".repeat(len) + "\u{e9}\u{20ac}\u{1f600}";
        let payload = Server::new().deflate(message.as_bytes());
        check_by(inflating, &frame(FIN | RSV1 | TEXT, &payload), &[text(&message)]);
        let input = [frame(RSV1 | TEXT, &payload[..2]), frame(FIN | CONTINUATION, &payload[2..])].concat();
        check_by(inflating, &input, &[text(&message)]);
    }
}

#[test]
fn a_small_message_is_given_whole() {
    let mut input = BytesMut::from(&frame(FIN | RSV1 | TEXT, HELLO)[..]);
    let event = inflating().decode(&mut input).unwrap().unwrap();
    assert_eq!(event, Event::Message("Hello".into()));
}

#[test]
fn a_large_message_is_given_in_pieces_of_bounded_size() {
    for len in [Inflater::MAX_PIECE, Inflater::MAX_PIECE + 1, 10 << 20] {
        let payload = Server::new().deflate(&vec![7; len]);
        assert!(payload.len() < len / 100);
        let mut input = BytesMut::from(&frame(FIN | RSV1 | BINARY, payload)[..]);
        let mut decoder = inflating();
        let (mut total, mut is_last) = (0, false);
        while let Some(event) = decoder.decode(&mut input).unwrap() {
            let Event::Part(part) = event else { panic!("{event:?}") };
            assert!(!is_last && part.bytes.len() <= Inflater::MAX_PIECE && part.bytes.iter().all(|byte| *byte == 7));
            (total, is_last) = (total + part.bytes.len(), part.is_last);
        }
        assert_eq!((total, is_last), (len, true));
    }
}

#[test]
fn a_large_message_that_is_gathered_is_given_whole_after_steps_of_bounded_size() {
    let text = "\u{e9}\u{20ac}\u{1f600}x".repeat(100_000);
    let payload = Server::new().deflate(text.as_bytes());
    let (begin, end) = payload.split_at(payload.len() / 2);
    for input in [
        frame(FIN | RSV1 | TEXT, &payload),
        [frame(RSV1 | TEXT, begin), frame(FIN | PING, ""), frame(FIN | CONTINUATION, end)].concat(),
    ] {
        let (mut decoder, mut input) = (inflating().gathering(), BytesMut::from(&input[..]));
        let mut inflated = 0;
        let message = loop {
            match decoder.decode(&mut input).unwrap().unwrap() {
                Event::Inflated(amount) => {
                    assert!((1..=Inflater::MAX_KEPT_PIECE).contains(&amount));
                    inflated += amount;
                }
                Event::Ping(_) => {}
                Event::Message(message) => break message,
                other => panic!("{other:?}"),
            }
        };
        assert!(
            message == Message::from(&text[..]) && (1..Inflater::MAX_KEPT_PIECE).contains(&(text.len() - inflated))
        );
    }
}

#[test]
fn what_was_gathered_comes_out_if_it_is_to_be_gathered_no_longer() {
    let text = "\u{e9}\u{20ac}\u{1f600}x".repeat(100_000);
    let mut input = BytesMut::from(&frame(FIN | RSV1 | TEXT, Server::new().deflate(text.as_bytes()))[..]);
    let mut decoder = inflating().gathering();
    assert!(matches!(decoder.decode(&mut input), Ok(Some(Event::Inflated(_)))));
    decoder.lift_limits();
    let mut message = Vec::new();
    while let Some(event) = decoder.decode(&mut input).unwrap() {
        let Event::Part(part) = event else { panic!("{event:?}") };
        message.extend_from_slice(&part.bytes);
    }
    assert!(message == text.as_bytes());
}

#[test]
fn text_that_is_gathered_is_checked_as_it_is_inflated() {
    let broken = [b"x".repeat(Inflater::MAX_KEPT_PIECE + 1), vec![0xff]].concat();
    let payload = Server::new().deflate(&[broken, vec![b'y'; 4 * Inflater::MAX_PIECE]].concat());
    let mut input = BytesMut::from(&frame(FIN | RSV1 | TEXT, payload)[..]);
    let mut decoder = inflating().gathering();
    assert_eq!(decoder.decode(&mut input), Ok(Some(Event::Inflated(Inflater::MAX_KEPT_PIECE))));
    assert_eq!(decoder.decode(&mut input), Err(Violation::InvalidUtf8));
}

#[test]
fn what_has_arrived_is_delivered_before_the_rest() {
    let mut decoder = inflating();
    let mut input = BytesMut::from(&[0x41, 0x03, 0xf2, 0x48, 0xcd][..]);
    let Some(Event::Part(part)) = decoder.decode(&mut input).unwrap() else { panic!() };
    assert!(!part.is_last && b"Hello".starts_with(&part.bytes[..]) && !part.bytes.is_empty());
    assert_eq!(decoder.decode(&mut input).unwrap(), None);
}

#[test]
fn what_has_been_inflated_does_not_wait_for_more_input() {
    // What makes many pieces fills the output again and again, and so ends anywhere in one.
    let whole = vec![7; 5 * Inflater::MAX_KEPT_PIECE];
    let payload = Server::new().deflate(&whole);
    for len in 1..payload.len() {
        let begin = &payload[..len];
        let expected = Windowed::new(15).inflate_begin(begin);
        let cut = frame(FIN | RSV1 | BINARY, &payload);
        let cut = &cut[..cut.len() - payload.len() + len];
        for input in [cut, &frame(RSV1 | BINARY, begin)] {
            for gathers in [false, true] {
                let mut decoder = if gathers { inflating().gathering() } else { inflating() };
                let (mut input, mut amount) = (BytesMut::from(input), 0);
                while let Some(event) = decoder.decode(&mut input).unwrap() {
                    amount += match event {
                        Event::Part(part) => part.bytes.len(),
                        Event::Inflated(amount) => amount,
                        other => panic!("{other:?}"),
                    };
                }
                assert_eq!(amount, expected, "{len} of {} bytes, gathered: {gathers}", payload.len());
            }
        }
    }
}

#[test]
fn pings_are_taken_between_messages_and_fragments_alike() {
    let fragments =
        [frame(RSV1 | TEXT, &HELLO[..3]), frame(CONTINUATION, &HELLO[3..4]), frame(FIN | CONTINUATION, &HELLO[4..])];
    let messages = [
        frame(FIN | RSV1 | TEXT, HELLO),
        frame(FIN | TEXT, "plain"),
        fragments[0].clone(),
        fragments[1].clone(),
        fragments[2].clone(),
    ];
    for gathers in [false, true] {
        let mut decoder = if gathers { inflating().gathering() } else { inflating() };
        for message in &messages {
            let mut input = BytesMut::from(&[&message[..], &frame(FIN | PING, "p")].concat()[..]);
            assert_eq!(decoder.decode_ping_or_pong(&mut input), None, "a message lies in front of it");
            while input.len() > 3 {
                assert!(!matches!(decoder.decode(&mut input), Ok(None | Some(Event::Ping(_))) | Err(_)));
            }
            // What is inflated may come in several pieces.
            let mut rest = input.split_off(0);
            while decoder.decode(&mut input).unwrap().is_some() {}
            assert_eq!(decoder.decode_ping_or_pong(&mut rest), Some(Event::Ping(b"p"[..].into())), "{message:x?}");
        }
    }
}

#[test]
fn nothing_is_used_twice_and_nothing_is_left() {
    let mut inflater = agreement("permessage-deflate").inflater();
    assert!(!inflater.is_full());
    let first = inflater.inflate(&HELLO[..4], false, Inflater::MAX_PIECE).unwrap();
    assert!(first.consumed == 4 && !first.is_last);
    let begin = inflater.take();
    let Inflated { consumed, is_last, .. } = inflater.inflate(&HELLO[4..], true, Inflater::MAX_PIECE).unwrap();
    assert_eq!((consumed, is_last, [begin, inflater.take()].concat()), (3, true, b"Hello".to_vec()));
}
