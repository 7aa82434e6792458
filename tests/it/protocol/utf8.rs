//! RFC 6455 section 8.1: text is UTF-8, however it is cut, and the first byte that cannot be ends the connection.

use websocket_anywhere::{
    CloseCode,
    protocol::{Utf8, Violation},
};

use super::{
    check::{Outcome, binary, check, ping, refused, text},
    wire::{BINARY, CONTINUATION, FIN, PING, TEXT, frame, header},
};
use crate::support::test;

/// Sequences whose last byte, and none before it, cannot be part of UTF-8 (RFC 3629 section 4).
const INVALID: [&[u8]; 23] = [
    // A continuation byte that continues nothing.
    b"\x80",
    b"\xbf",
    // Overlong: two bytes for ASCII, three for what takes two, four for what takes three.
    b"\xc0",
    b"\xc1",
    b"\xe0\x80",
    b"\xe0\x9f",
    b"\xf0\x80",
    b"\xf0\x8f",
    // Surrogates: U+D800 and U+DFFF.
    b"\xed\xa0",
    b"\xed\xbf",
    // Above U+10FFFF.
    b"\xf4\x90",
    b"\xf4\xbf",
    b"\xf5",
    b"\xf8",
    b"\xfe",
    b"\xff",
    // A character that another one cuts short.
    b"\xc2 ",
    b"\xc2\xc2",
    b"\xe2\x82 ",
    b"\xe2\xe2",
    b"\xf0\x9f\x98 ",
    b"\xf0\x9f\xf0",
    b"\xf0 ",
];

/// The first and the last character of each length, and the neighbours of the surrogates.
const EDGES: &str = "\0\u{7f}\u{80}\u{7ff}\u{800}\u{fff}\u{1000}\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{fffff}\u{10ffff}";

#[track_caller]
fn not_utf8(input: &[u8]) {
    refused(input, Violation::InvalidUtf8, CloseCode::INVALID_PAYLOAD);
}

#[test]
async fn characters_of_every_length_are_text() {
    check(&frame(FIN | TEXT, EDGES), &[text(EDGES)]);
    for character in EDGES.chars() {
        let character = character.to_string();
        check(&frame(FIN | TEXT, &character), &[text(&character)]);
    }
}

#[test]
async fn text_may_be_cut_inside_a_character_across_fragments() {
    let whole = "aé€😀z";
    let bytes = whole.as_bytes();
    for first in 0..=bytes.len() {
        for second in first..=bytes.len() {
            let input = [
                frame(TEXT, &bytes[..first]),
                frame(CONTINUATION, &bytes[first..second]),
                frame(FIN | CONTINUATION, &bytes[second..]),
            ];
            check(&input.concat(), &[text(whole)]);
        }
    }
}

#[test]
async fn a_control_frame_may_stand_inside_a_character() {
    let whole = "aé€😀z";
    let bytes = whole.as_bytes();
    for cut in 0..=bytes.len() {
        // Neither its payload nor an empty fragment disturbs the character.
        let input = [
            frame(TEXT, &bytes[..cut]),
            frame(FIN | PING, b"\xff\x80"),
            frame(CONTINUATION, ""),
            frame(FIN | CONTINUATION, &bytes[cut..]),
        ];
        check(&input.concat(), &[ping(b"\xff\x80"), text(whole)]);
    }
}

#[test]
async fn every_byte_of_a_text_may_be_a_fragment_of_its_own() {
    let mut input = frame(TEXT, "");
    for byte in EDGES.bytes() {
        input.extend(frame(CONTINUATION, [byte]));
    }
    input.extend(frame(FIN | CONTINUATION, ""));
    check(&input, &[text(EDGES)]);
}

#[test]
async fn invalid_text_is_refused_before_its_frame_ends() {
    for sequence in INVALID {
        not_utf8(&[&header(FIN | TEXT, 100), sequence].concat());
        not_utf8(&[&header(FIN | TEXT, 1 << 40), "é😀".as_bytes(), sequence].concat());
    }
}

#[test]
async fn invalid_text_is_refused_before_its_message_ends() {
    for sequence in INVALID {
        let before = frame(TEXT, "ok");
        not_utf8(&[before, header(CONTINUATION, 100), sequence.to_vec()].concat());
    }
}

#[test]
async fn invalid_text_that_is_all_there_is_refused() {
    for sequence in INVALID {
        not_utf8(&frame(FIN | TEXT, sequence));
        let input = [&frame(FIN | TEXT, [b"ok", sequence, b"ok"].concat())[..], &frame(FIN | TEXT, "ok")].concat();
        check(&input, &[Outcome::Violation(Violation::InvalidUtf8)]);
    }
}

#[test]
async fn a_character_that_is_invalid_across_fragments_is_refused() {
    for sequence in INVALID {
        for cut in 0..sequence.len() {
            let (begun, rest) = sequence.split_at(cut);
            not_utf8(&[frame(TEXT, begun), frame(FIN | CONTINUATION, rest)].concat());
            not_utf8(&[frame(TEXT, begun), frame(CONTINUATION, ""), header(CONTINUATION, 50), rest.to_vec()].concat());
        }
    }
}

#[test]
async fn text_that_ends_inside_a_character_is_refused() {
    for character in ["é", "€", "😀", "\u{10ffff}"] {
        for end in 1..character.len() {
            let cut = &character.as_bytes()[..end];
            let whole = [b"ok", cut].concat();
            not_utf8(&frame(FIN | TEXT, &whole));
            not_utf8(&[frame(TEXT, "ok"), frame(FIN | CONTINUATION, cut)].concat());
            not_utf8(&[frame(TEXT, &whole), frame(FIN | CONTINUATION, "")].concat());
        }
    }
}

#[test]
async fn binary_messages_need_not_be_utf8() {
    for sequence in INVALID {
        let input = [frame(BINARY, sequence), frame(FIN | CONTINUATION, sequence), frame(FIN | BINARY, sequence)];
        let twice = [sequence, sequence].concat();
        check(&input.concat(), &[binary(twice), binary(sequence)]);
    }
}

#[test]
async fn the_next_text_starts_afresh() {
    let input = [
        frame(TEXT, b"\xf0\x9f"),
        frame(FIN | CONTINUATION, b"\x98\x80"),
        frame(TEXT, "é"),
        frame(FIN | CONTINUATION, "x"),
    ];
    check(&input.concat(), &[text("😀"), text("éx")]);
}

/// All sequences of four bytes at which the grammar of RFC 3629 turns.
#[test]
async fn the_check_agrees_with_the_standard_library_on_every_sequence() {
    const TURNS: [u8; 22] = [
        0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xf0,
        0xf1, 0xf4, 0xf5, 0xff,
    ];
    for number in 0..TURNS.len().pow(4) {
        let sequence = [0, 1, 2, 3].map(|place| TURNS[number / TURNS.len().pow(place) % TURNS.len()]);
        agrees(&sequence);
    }
}

/// Pushes a sequence byte by byte, then in two pieces.
fn agrees(sequence: &[u8; 4]) {
    let mut bytewise = Utf8::default();
    for end in 1..=sequence.len() {
        let (is_possible, is_text) = match std::str::from_utf8(&sequence[..end]) {
            Ok(_) => (true, true),
            Err(error) => (error.error_len().is_none(), false),
        };
        let byte = &sequence[end - 1..end];
        assert_eq!(bytewise.clone().push(byte, true), is_text, "{sequence:x?} to {end}");
        assert_eq!(bytewise.push(byte, false), is_possible, "{sequence:x?} to {end}");
        if !is_possible {
            return;
        }
    }
    for cut in 0..=sequence.len() {
        let mut utf8 = Utf8::default();
        let is_text = utf8.push(&sequence[..cut], false) && utf8.push(&sequence[cut..], true);
        assert_eq!(is_text, std::str::from_utf8(sequence).is_ok(), "{sequence:x?} cut at {cut}");
    }
}
