//! RFC 6455 sections 5.1 to 5.5: headers, fragments and control frames.

use properties::wire::{BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, TEXT, payload};

use super::{End, PROTOCOL, Peer, TOO_BIG, With, binary, pinged, play_all, row, text};
use crate::support::test;

/// A frame without the mask of a client, or with one from a server.
fn wrongly_masked(peer: Peer, first: u8) -> Vec<u8> {
    peer.other().frame(first, "")
}

fn alone(peer: Peer, first: u8) -> Vec<u8> {
    peer.frame(first, "")
}

fn length_16(peer: Peer, len: u16) -> Vec<u8> {
    peer.raw(&[&[FIN | BINARY, 126][..], &len.to_be_bytes()].concat(), &payload(len.into()))
}

fn length_64(peer: Peer, len: u64, payload: &[u8]) -> Vec<u8> {
    peer.raw(&[&[FIN | BINARY, 127][..], &len.to_be_bytes()].concat(), payload)
}

#[test]
async fn section_5_1_masks() {
    let rows = vec![
        row(
            "5.1: a text frame with the mask of the other side",
            |peer| wrongly_masked(peer, FIN | TEXT),
            &[],
            PROTOCOL,
        ),
        row("5.1: a binary frame", |peer| wrongly_masked(peer, FIN | BINARY), &[], PROTOCOL),
        row("5.1: a Ping", |peer| wrongly_masked(peer, FIN | PING), &[], PROTOCOL),
        row("5.1: a Pong", |peer| wrongly_masked(peer, FIN | PONG), &[], PROTOCOL),
        row("5.1: a Close", |peer| wrongly_masked(peer, FIN | CLOSE), &[], PROTOCOL),
        row(
            "5.1: a continuation",
            |peer| [peer.frame(TEXT, "a"), wrongly_masked(peer, FIN | CONTINUATION)].concat(),
            &[],
            PROTOCOL,
        ),
        row(
            "5.1: behind a message, which is delivered",
            |peer| [peer.frame(FIN | TEXT, "a"), wrongly_masked(peer, FIN | TEXT)].concat(),
            &[text("a")],
            PROTOCOL,
        ),
    ];
    play_all(With::Anything, rows).await;
}

#[test]
async fn section_5_2_reserved_bits_and_opcodes() {
    let plain = vec![
        row("5.2: RSV1 in text", |peer| alone(peer, FIN | 0x40 | TEXT), &[], PROTOCOL),
        row("5.2: RSV1 in binary", |peer| alone(peer, FIN | 0x40 | BINARY), &[], PROTOCOL),
    ];
    play_all(With::Plain, plain).await;
    let rows = vec![
        row("5.2: RSV1 in a Ping", |peer| alone(peer, FIN | 0x40 | PING), &[], PROTOCOL),
        row("5.2: RSV1 in a Close", |peer| alone(peer, FIN | 0x40 | CLOSE), &[], PROTOCOL),
        row("5.2: RSV2", |peer| alone(peer, FIN | 0x20 | TEXT), &[], PROTOCOL),
        row("5.2: RSV3", |peer| alone(peer, FIN | 0x10 | BINARY), &[], PROTOCOL),
        row("5.2: all three", |peer| alone(peer, FIN | 0x70 | TEXT), &[], PROTOCOL),
        row("5.2: opcode 3", |peer| alone(peer, FIN | 0x3), &[], PROTOCOL),
        row("5.2: opcode 4", |peer| alone(peer, FIN | 0x4), &[], PROTOCOL),
        row("5.2: opcode 5", |peer| alone(peer, FIN | 0x5), &[], PROTOCOL),
        row("5.2: opcode 6", |peer| alone(peer, FIN | 0x6), &[], PROTOCOL),
        row("5.2: opcode 7", |peer| alone(peer, FIN | 0x7), &[], PROTOCOL),
        row("5.2: opcode 11", |peer| alone(peer, FIN | 0xb), &[], PROTOCOL),
        row("5.2: opcode 12", |peer| alone(peer, FIN | 0xc), &[], PROTOCOL),
        row("5.2: opcode 13", |peer| alone(peer, FIN | 0xd), &[], PROTOCOL),
        row("5.2: opcode 14", |peer| alone(peer, FIN | 0xe), &[], PROTOCOL),
        row("5.2: opcode 15", |peer| alone(peer, FIN | 0xf), &[], PROTOCOL),
        row("5.2: opcode 3, not final", |peer| alone(peer, 0x3), &[], PROTOCOL),
    ];
    play_all(With::Anything, rows).await;
}

#[test]
async fn section_5_2_lengths() {
    let rows = vec![
        row("5.2: no payload", |peer| peer.frame(FIN | BINARY, ""), &[binary([])], End::Open),
        row("5.2: 125 bytes", |peer| peer.frame(FIN | BINARY, payload(125)), &[binary(payload(125))], End::Open),
        row("5.2: 126 bytes", |peer| length_16(peer, 126), &[binary(payload(126))], End::Open),
        row("5.2: 65,535 bytes", |peer| length_16(peer, 65535), &[binary(payload(65535))], End::Open),
        row("5.2: 65,536 bytes", |peer| length_64(peer, 65536, &payload(65536)), &[binary(payload(65536))], End::Open),
        row("5.2: 16 bits for 0", |peer| length_16(peer, 0), &[], PROTOCOL),
        row("5.2: 16 bits for 125", |peer| length_16(peer, 125), &[], PROTOCOL),
        row("5.2: 64 bits for 0", |peer| length_64(peer, 0, b""), &[], PROTOCOL),
        row("5.2: 64 bits for 65,535", |peer| length_64(peer, 65535, b""), &[], PROTOCOL),
        row("5.2: the most significant bit", |peer| length_64(peer, 1 << 63, b""), &[], PROTOCOL),
        row("5.2: all bits", |peer| length_64(peer, u64::MAX, b""), &[], PROTOCOL),
        row("7.4.1: a frame over the limit, by its header", |peer| length_64(peer, 100_001, b""), &[], TOO_BIG),
        row("7.4.1: a frame of 2^63 - 1 bytes", |peer| length_64(peer, (1 << 63) - 1, b""), &[], TOO_BIG),
        row(
            "7.4.1: a message of frames over the limit",
            |peer| [peer.frame(BINARY, payload(65536)), peer.frame(FIN | CONTINUATION, payload(65536))].concat(),
            &[],
            TOO_BIG,
        ),
    ];
    play_all(With::Anything, rows).await;
}

#[test]
async fn section_5_4_fragments() {
    let rows = vec![
        row(
            "5.4: two",
            |peer| [peer.frame(TEXT, "Hel"), peer.frame(FIN | CONTINUATION, "lo")].concat(),
            &[text("Hello")],
            End::Open,
        ),
        row(
            "5.4: many, and empty ones",
            |peer| {
                let middle = ["a", "", "b", ""].map(|piece| peer.frame(CONTINUATION, piece)).concat();
                [peer.frame(BINARY, ""), middle, peer.frame(FIN | CONTINUATION, "")].concat()
            },
            &[binary(*b"ab")],
            End::Open,
        ),
        pinged(
            "5.4: control frames in the middle of a message",
            |peer| {
                let control = [peer.frame(FIN | PING, "1"), peer.frame(FIN | PONG, "2")].concat();
                [peer.frame(TEXT, "a"), control, peer.frame(FIN | CONTINUATION, "b")].concat()
            },
            &[text("ab")],
            &[b"1"],
            End::Open,
        ),
        row("5.4: a continuation of nothing", |peer| alone(peer, FIN | CONTINUATION), &[], PROTOCOL),
        row("5.4: the same, not final", |peer| alone(peer, CONTINUATION), &[], PROTOCOL),
        row(
            "5.4: a continuation of what is complete",
            |peer| [peer.frame(FIN | TEXT, "a"), peer.frame(FIN | CONTINUATION, "b")].concat(),
            &[text("a")],
            PROTOCOL,
        ),
        row(
            "5.4: a message inside a message",
            |peer| [peer.frame(TEXT, "a"), peer.frame(FIN | TEXT, "b")].concat(),
            &[],
            PROTOCOL,
        ),
        row(
            "5.4: one of the other type",
            |peer| [peer.frame(TEXT, "a"), peer.frame(BINARY, "b")].concat(),
            &[],
            PROTOCOL,
        ),
        row("5.4: a Ping in fragments", |peer| alone(peer, PING), &[], PROTOCOL),
        row("5.4: a Pong in fragments", |peer| alone(peer, PONG), &[], PROTOCOL),
        row("5.4: a Close in fragments", |peer| alone(peer, CLOSE), &[], PROTOCOL),
    ];
    play_all(With::Anything, rows).await;
}

#[test]
async fn section_5_5_control_frames() {
    let longest = payload(125);
    let rows = vec![
        pinged("5.5.2: a Ping is answered", |peer| peer.frame(FIN | PING, "x"), &[], &[b"x"], End::Open),
        pinged("5.5.3: by its payload, also by none", |peer| peer.frame(FIN | PING, ""), &[], &[b""], End::Open),
        pinged("5.5: 125 bytes", |peer| peer.frame(FIN | PING, payload(125)), &[], &[&longest], End::Open),
        pinged(
            "5.5.2: before the messages behind it",
            |peer| [peer.frame(FIN | PING, "1"), peer.frame(FIN | TEXT, "a"), peer.frame(FIN | PING, "2")].concat(),
            &[text("a")],
            &[b"1", b"2"],
            End::Open,
        ),
        row("5.5.3: a Pong that nobody asked for", |peer| peer.frame(FIN | PONG, "x"), &[], End::Open),
        row("5.5: a Ping of 126 bytes", |peer| peer.frame(FIN | PING, payload(126)), &[], PROTOCOL),
        row("5.5: a Pong of 126 bytes", |peer| peer.frame(FIN | PONG, payload(126)), &[], PROTOCOL),
        row("5.5: a Close of 126 bytes", |peer| peer.close(1000, payload(124)), &[], PROTOCOL),
        row("5.5: a Ping of 65,536 bytes", |peer| peer.frame(FIN | PING, payload(65536)), &[], PROTOCOL),
        pinged(
            "5.5.2: a Ping before what fails the connection",
            |peer| [peer.frame(FIN | PING, "1"), alone(peer, FIN | 0xf)].concat(),
            &[],
            &[b"1"],
            PROTOCOL,
        ),
    ];
    play_all(With::Anything, rows).await;
}
