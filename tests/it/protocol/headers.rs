//! RFC 6455 sections 5.1, 5.2 and 5.5: the header of a frame. Every violation shows at the byte that commits it.

use websocket_anywhere::{
    CloseCode,
    protocol::{Header, Opcode, Parsed, Rsv1, Violation},
};

use super::{
    check::{binary, check, ping, pong, refused, text},
    wire::{BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, TEXT, frame, header, payload},
};
use crate::support::test;

const LAST_16_BIT: usize = 0xffff;

#[test]
async fn payloads_of_every_length_form_are_read() {
    for len in [0, 1, 2, 124, 125, 126, 127, 128, 255, 256, LAST_16_BIT - 1, LAST_16_BIT, LAST_16_BIT + 1] {
        let payload = payload(len);
        check(&frame(FIN | BINARY, &payload), &[binary(payload)]);
        let letters = "x".repeat(len);
        check(&frame(FIN | TEXT, &letters), &[text(&letters)]);
    }
}

#[test]
async fn frames_follow_each_other_without_a_gap() {
    let input = [
        frame(FIN | TEXT, "one"),
        frame(FIN | BINARY, payload(126)),
        frame(FIN | PING, "two"),
        frame(FIN | TEXT, ""),
        frame(FIN | PONG, ""),
        frame(FIN | BINARY, [3]),
    ];
    let expected = [text("one"), binary(payload(126)), ping(b"two"), text(""), pong(b""), binary([3])];
    check(&input.concat(), &expected);
}

#[test]
async fn the_examples_of_the_rfc_are_read() {
    check(&[0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], &[text("Hello")]);
    check(&[0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f], &[text("Hello")]);
    check(&[0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], &[ping(b"Hello")]);
    check(&[&[0x82, 0x7e, 0x01, 0x00][..], &[7; 256]].concat(), &[binary([7; 256])]);
    check(&[&[0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0][..], &[7; 65536]].concat(), &[binary([7; 65536])]);
}

#[test]
async fn control_frames_may_have_125_bytes() {
    let longest = payload(125);
    check(&frame(FIN | PING, &longest), &[ping(&longest)]);
    check(&frame(FIN | PONG, &longest), &[pong(&longest)]);
}

#[test]
async fn each_reserved_bit_is_refused() {
    for opcode in [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG] {
        for bits in [0x40, 0x20, 0x10, 0x70] {
            refused(&[FIN | bits | opcode], Violation::ReservedBits, CloseCode::PROTOCOL_ERROR);
        }
    }
}

#[test]
async fn each_reserved_opcode_is_refused() {
    for opcode in (0x3..=0x7).chain(0xb..=0xf) {
        for fin in [0, FIN] {
            refused(&[fin | opcode], Violation::ReservedOpcode(opcode), CloseCode::PROTOCOL_ERROR);
        }
    }
}

#[test]
async fn a_masked_frame_from_a_server_is_refused() {
    for opcode in [TEXT, BINARY, CLOSE, PING, PONG] {
        for len in [0, 5, 125, 126, 127] {
            refused(&[FIN | opcode, 0x80 | len], Violation::MaskedByServer, CloseCode::PROTOCOL_ERROR);
        }
    }
}

#[test]
async fn a_control_frame_of_more_than_125_bytes_is_refused() {
    for opcode in [CLOSE, PING, PONG] {
        for form in [126, 127] {
            refused(&[FIN | opcode, form], Violation::ControlTooLong, CloseCode::PROTOCOL_ERROR);
        }
    }
}

#[test]
async fn a_fragmented_control_frame_is_refused() {
    for opcode in [CLOSE, PING, PONG] {
        refused(&[opcode], Violation::FragmentedControl, CloseCode::PROTOCOL_ERROR);
        // Inside a message just the same.
        let input = [frame(BINARY, "part"), vec![opcode]].concat();
        refused(&input, Violation::FragmentedControl, CloseCode::PROTOCOL_ERROR);
    }
}

#[test]
async fn a_16_bit_length_below_126_is_refused() {
    for len in [0, 1, 124, 125] {
        refused(&[FIN | BINARY, 126, 0, len], Violation::LengthNotMinimal, CloseCode::PROTOCOL_ERROR);
    }
    check(&[&[FIN | BINARY, 126, 0, 126][..], &payload(126)].concat(), &[binary(payload(126))]);
}

#[test]
async fn a_64_bit_length_below_65536_is_refused() {
    for len in [0_u64, 125, 126, 0xfffe, 0xffff] {
        let input = [&[FIN | BINARY, 127][..], &len.to_be_bytes()].concat();
        refused(&input, Violation::LengthNotMinimal, CloseCode::PROTOCOL_ERROR);
    }
}

#[test]
async fn a_64_bit_length_with_the_first_bit_set_is_refused() {
    for len in [1_u64 << 63, (1 << 63) + 5, u64::MAX] {
        let input = [&[FIN | BINARY, 127][..], &len.to_be_bytes()].concat();
        refused(&input, Violation::LengthOverflow, CloseCode::PROTOCOL_ERROR);
    }
}

#[test]
async fn the_longest_frame_is_announced_without_harm() {
    for len in [0x1_0000_0000_u64, (1 << 63) - 1] {
        let input = header(FIN | BINARY, len);
        let done =
            Parsed::Done { header: Header { fin: true, opcode: Opcode::Binary, compressed: false, len }, size: 10 };
        assert_eq!(Header::parse(&input, Rsv1::Reserved), Ok(done));
        check(&[input, payload(40)].concat(), &[]);
    }
}

#[test]
async fn a_header_needs_all_its_bytes_and_no_more() {
    for len in [0, 125, 126, 0xffff, 0x1_0000, 1 << 40] {
        let input = header(CONTINUATION, len);
        for end in 0..input.len() {
            assert_eq!(Header::parse(&input[..end], Rsv1::Reserved), Ok(Parsed::Short), "{end} bytes of {input:x?}");
        }
        let header = Header { fin: false, opcode: Opcode::Continuation, compressed: false, len };
        let done = Parsed::Done { header, size: input.len() };
        assert_eq!(Header::parse(&input, Rsv1::Reserved), Ok(done));
        assert_eq!(Header::parse(&[&input[..], &[0xff; 9]].concat(), Rsv1::Reserved), Ok(done));
    }
}

#[test]
async fn only_close_ping_and_pong_are_control_frames() {
    let control = |opcode: Opcode| opcode.is_control();
    assert!([Opcode::Close, Opcode::Ping, Opcode::Pong].into_iter().all(control));
    assert!(![Opcode::Continuation, Opcode::Text, Opcode::Binary].into_iter().any(control));
}
