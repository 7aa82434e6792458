//! RFC 6455 sections 5.1 to 5.3: the frames that a client writes.

use websocket_anywhere::{
    CloseCode,
    protocol::{CloseFrame, Header, Opcode, Parsed, Rsv1, encode, encode_close},
};

use super::wire::payload;
use crate::support::test;

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
const OPCODES: [(Opcode, u8); 6] = [
    (Opcode::Continuation, 0x0),
    (Opcode::Text, 0x1),
    (Opcode::Binary, 0x2),
    (Opcode::Close, 0x8),
    (Opcode::Ping, 0x9),
    (Opcode::Pong, 0xa),
];

fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out);
    out.to_vec()
}

/// Header, key and masked payload, where the header is given.
fn frame(header: &[u8], payload: &[u8]) -> Vec<u8> {
    let masked: Vec<_> = payload.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
    [header, &KEY, &masked].concat()
}

#[test]
async fn the_example_of_the_rfc_is_written() {
    let expected = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    assert_eq!(written(|out| encode(KEY, Opcode::Text, b"Hello", out)), expected);
}

#[test]
async fn every_length_takes_the_shortest_form() {
    let forms: [(usize, &[u8]); 8] = [
        (0, &[0x82, 0x80]),
        (1, &[0x82, 0x81]),
        (125, &[0x82, 0xfd]),
        (126, &[0x82, 0xfe, 0, 126]),
        (127, &[0x82, 0xfe, 0, 127]),
        (256, &[0x82, 0xfe, 1, 0]),
        (0xffff, &[0x82, 0xfe, 0xff, 0xff]),
        (0x1_0000, &[0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0]),
    ];
    for (len, header) in forms {
        let payload = payload(len);
        let written = written(|out| encode(KEY, Opcode::Binary, &payload, out));
        assert!(written == frame(header, &payload), "{len} bytes: {:x?}", &written[..written.len().min(14)]);
    }
}

#[test]
async fn every_opcode_is_written() {
    for (opcode, bits) in OPCODES {
        let expected = frame(&[0x80 | bits, 0x83], b"abc");
        assert_eq!(written(|out| encode(KEY, opcode, b"abc", out)), expected);
    }
}

#[test]
async fn a_frame_is_appended_to_what_is_there() {
    let mut out = Vec::from(&b"before"[..]);
    encode(KEY, Opcode::Binary, b"abc", &mut out);
    encode([0; 4], Opcode::Ping, b"", &mut out);
    let expected = [&b"before"[..], &frame(&[0x82, 0x83], b"abc"), &[0x89, 0x80, 0, 0, 0, 0]].concat();
    assert_eq!(out, expected);
}

#[test]
async fn a_close_frame_is_written_with_and_without_a_code() {
    assert_eq!(written(|out| encode_close(KEY, None, out)), frame(&[0x88, 0x80], b""));
    let bye = CloseFrame { code: CloseCode::NORMAL, reason: "bye".to_owned() };
    assert_eq!(written(|out| encode_close(KEY, Some(&bye), out)), frame(&[0x88, 0x85], b"\x03\xe8bye"));
}

#[test]
async fn a_header_is_read_as_it_was_written() {
    for (opcode, _) in OPCODES {
        let lens: &[u64] = &[0, 1, 125, 126, 127, 0xffff, 0x1_0000, 1 << 40, (1 << 63) - 1];
        for &len in if opcode.is_control() { &lens[..3] } else { lens } {
            for fin in if opcode.is_control() { &[true][..] } else { &[true, false] } {
                let header = Header { fin: *fin, opcode, compressed: false, len };
                let mut bytes = written(|out| header.encode(KEY, out));
                assert!(bytes.len() <= Header::MAX_SIZE);
                assert_eq!(bytes[1] & 0x80, 0x80, "a client masks");
                // A server does not mask: the same header without the bit and the key.
                bytes[1] &= 0x7f;
                assert_eq!(bytes.split_off(bytes.len() - KEY.len()), KEY);
                assert_eq!(Header::parse(&bytes, Rsv1::Reserved), Ok(Parsed::Done { header, size: bytes.len() }));
            }
        }
    }
}
