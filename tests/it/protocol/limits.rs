//! What a receiver refuses although the protocol allows it: RFC 6455 section 7.4.1, codes 1003 and 1009.

use websocket_anywhere::{
    CloseCode,
    protocol::{Limits, Violation},
};

use super::{
    check::{binary, check_with, ping, refused_with, text},
    wire::{BINARY, CONTINUATION, FIN, PING, TEXT, frame, header, payload},
};
use crate::support::test;

const BINARY_ONLY: Limits = Limits { max_message_size: None, text: false };

const fn at_most(len: u64) -> Limits {
    Limits { max_message_size: Some(len), text: true }
}

#[test]
async fn a_message_of_exactly_the_limit_is_accepted() {
    for len in [0, 1, 125, 126, 300, 0x1_0000] {
        let payload = payload(len);
        check_with(at_most(len as u64), &frame(FIN | BINARY, &payload), &[binary(payload)]);
    }
}

#[test]
async fn a_message_over_the_limit_is_refused_before_its_payload_arrives() {
    for limit in [0, 1, 124, 125, 126, 0xfffe, 0xffff, 0x1_0000, 1 << 40] {
        for opcode in [TEXT, BINARY] {
            for first in [opcode, FIN | opcode] {
                let input = header(first, limit + 1);
                refused_with(at_most(limit), &input, Violation::MessageTooBig, CloseCode::MESSAGE_TOO_BIG);
            }
        }
    }
}

#[test]
async fn a_length_of_almost_2_to_the_63_is_refused_by_its_header() {
    let input = header(FIN | BINARY, (1 << 63) - 1);
    refused_with(at_most(1 << 20), &input, Violation::MessageTooBig, CloseCode::MESSAGE_TOO_BIG);
}

#[test]
async fn fragments_that_sum_up_to_the_limit_are_accepted() {
    let input = [frame(TEXT, "123456"), frame(CONTINUATION, ""), frame(FIN | CONTINUATION, "7890")];
    check_with(at_most(10), &input.concat(), &[text("1234567890")]);
}

#[test]
async fn fragments_that_sum_up_to_more_than_the_limit_are_refused_by_their_header() {
    for first in [CONTINUATION, FIN | CONTINUATION] {
        let input = [frame(BINARY, "12345"), frame(CONTINUATION, "6"), header(first, 5)].concat();
        refused_with(at_most(10), &input, Violation::MessageTooBig, CloseCode::MESSAGE_TOO_BIG);
        // However long the fragment says it is.
        let input = [frame(BINARY, "12345"), header(first, (1 << 63) - 1)].concat();
        refused_with(at_most(10), &input, Violation::MessageTooBig, CloseCode::MESSAGE_TOO_BIG);
    }
}

#[test]
async fn each_message_counts_from_zero_and_control_frames_do_not_count() {
    let input = [
        frame(BINARY, "12"),
        frame(FIN | PING, "a long ping"),
        frame(FIN | CONTINUATION, "34"),
        frame(FIN | BINARY, "5678"),
        frame(FIN | TEXT, "90ab"),
    ];
    let expected = [ping(b"a long ping"), binary(*b"1234"), binary(*b"5678"), text("90ab")];
    check_with(at_most(4), &input.concat(), &expected);
}

#[test]
async fn text_is_refused_where_only_binary_is_welcome() {
    for first in [TEXT, FIN | TEXT] {
        for len in [0, 5, 126] {
            let input = header(first, len);
            refused_with(BINARY_ONLY, &input, Violation::UnexpectedText, CloseCode::UNSUPPORTED_DATA);
        }
    }
}

#[test]
async fn binary_is_welcome_where_text_is_not() {
    let input = [frame(FIN | BINARY, "1"), frame(BINARY, "2"), frame(FIN | CONTINUATION, "3")].concat();
    check_with(BINARY_ONLY, &input, &[binary(*b"1"), binary(*b"23")]);
}
