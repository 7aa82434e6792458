//! RFC 6455 sections 5.4 and 5.5: messages in fragments, and control frames between them.

use websocket_anywhere::{CloseCode, protocol::Violation};

use super::{
    check::{Outcome, binary, check, close, ping, pong, refused, text},
    wire::{BINARY, CONTINUATION, FIN, PING, PONG, TEXT, close_frame, frame, payload},
};
use crate::support::test;

#[test]
async fn fragments_become_one_message() {
    let input = [frame(BINARY, [1, 2]), frame(CONTINUATION, [3]), frame(FIN | CONTINUATION, [4, 5])];
    check(&input.concat(), &[binary([1, 2, 3, 4, 5])]);
    let input = [frame(TEXT, "ab"), frame(CONTINUATION, "c"), frame(FIN | CONTINUATION, "de")];
    check(&input.concat(), &[text("abcde")]);
}

#[test]
async fn fragments_of_every_length_form_become_one_message() {
    let (first, second, third) = (payload(125), payload(126), payload(300));
    let input = [frame(BINARY, &first), frame(CONTINUATION, &second), frame(FIN | CONTINUATION, &third)];
    check(&input.concat(), &[binary([first, second, third].concat())]);
}

#[test]
async fn a_message_may_be_empty() {
    check(&frame(FIN | TEXT, ""), &[text("")]);
    check(&frame(FIN | BINARY, ""), &[binary([])]);
}

#[test]
async fn fragments_may_be_empty() {
    for (first, second, third) in [("", "", ""), ("a", "", ""), ("", "a", ""), ("", "", "a"), ("a", "", "b")] {
        let whole = [first, second, third].concat();
        for (opcode, expected) in [(TEXT, text(&whole)), (BINARY, binary(whole.as_bytes()))] {
            let input = [frame(opcode, first), frame(CONTINUATION, second), frame(FIN | CONTINUATION, third)];
            check(&input.concat(), &[expected]);
        }
    }
}

#[test]
async fn a_message_of_thousands_of_empty_fragments_is_read() {
    let mut input = frame(BINARY, [1]);
    for _ in 0..10_000 {
        input.extend(frame(CONTINUATION, ""));
    }
    input.extend(frame(FIN | CONTINUATION, [2]));
    check(&input, &[binary([1, 2])]);
}

#[test]
async fn control_frames_may_stand_between_fragments() {
    let input = [
        frame(TEXT, "a"),
        frame(FIN | PING, "1"),
        frame(CONTINUATION, "b"),
        frame(FIN | PONG, "2"),
        frame(FIN | PING, ""),
        frame(FIN | CONTINUATION, "c"),
        frame(FIN | PONG, "3"),
    ];
    check(&input.concat(), &[ping(b"1"), pong(b"2"), ping(b""), text("abc"), pong(b"3")]);
}

#[test]
async fn a_control_frame_may_stand_before_the_first_byte_of_a_message() {
    let input = [frame(BINARY, ""), frame(FIN | PING, "early"), frame(FIN | CONTINUATION, "x")];
    check(&input.concat(), &[ping(b"early"), binary(*b"x")]);
}

#[test]
async fn a_close_may_interrupt_a_message() {
    let input = [frame(TEXT, "never"), close_frame(1001, "bye"), frame(FIN | CONTINUATION, "ended")];
    check(&input.concat(), &[close(1001, "bye")]);
}

#[test]
async fn messages_of_both_types_follow_each_other() {
    let input = [
        frame(TEXT, "te"),
        frame(FIN | CONTINUATION, "xt"),
        frame(BINARY, [0xff]),
        frame(FIN | CONTINUATION, [0xfe]),
        frame(FIN | TEXT, "text"),
    ];
    check(&input.concat(), &[text("text"), binary([0xff, 0xfe]), text("text")]);
}

#[test]
async fn a_continuation_of_nothing_is_refused() {
    for first in [CONTINUATION, FIN | CONTINUATION] {
        refused(&frame(first, ""), Violation::StrayContinuation, CloseCode::PROTOCOL_ERROR);
        // A message that has ended, and a control frame, cannot be continued.
        let ended = [frame(TEXT, "a"), frame(FIN | CONTINUATION, "b"), frame(first, "")];
        check(&ended.concat(), &[text("ab"), Outcome::Violation(Violation::StrayContinuation)]);
        let control = [frame(FIN | PING, "p"), frame(first, "")];
        check(&control.concat(), &[ping(b"p"), Outcome::Violation(Violation::StrayContinuation)]);
    }
}

#[test]
async fn a_new_message_inside_a_fragmented_one_is_refused() {
    for begun in [TEXT, BINARY] {
        for next in [TEXT, BINARY, FIN | TEXT, FIN | BINARY] {
            for part in ["", "part"] {
                let input = [frame(begun, part), frame(next, "")].concat();
                refused(&input, Violation::InterleavedMessage, CloseCode::PROTOCOL_ERROR);
            }
            let input = [frame(begun, ""), frame(CONTINUATION, "part"), frame(next, "")].concat();
            refused(&input, Violation::InterleavedMessage, CloseCode::PROTOCOL_ERROR);
        }
    }
}
