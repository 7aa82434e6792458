//! RFC 7692 sections 6 and 7: compressed messages of a server.

use properties::{
    reference::Server,
    wire::{BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, RSV1, TEXT, payload},
};

use super::{End, NOT_UTF8, PROTOCOL, Peer, TOO_BIG, With, binary, pinged, play_all, row, text};
use crate::support::test;

/// Section 7.2.3.1.
const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
/// Section 7.2.3.2: "Hello" again, by reference.
const AGAIN: [u8; 5] = [0xf2, 0x00, 0x11, 0x00, 0x00];
/// Section 7.2.3.4: a final block.
const FINAL: [u8; 8] = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];

fn hello(peer: Peer) -> Vec<u8> {
    peer.frame(FIN | RSV1 | TEXT, HELLO)
}

fn compressed(peer: Peer, first: u8, message: &[u8]) -> Vec<u8> {
    peer.frame(FIN | RSV1 | first, Server::new().deflate(message))
}

#[test]
async fn section_6_1_the_bit() {
    let rows = vec![
        row("6: a message that is not compressed", |peer| peer.frame(FIN | TEXT, "plain"), &[text("plain")], End::Open),
        row(
            "6: in turn with ones that are",
            |peer| [hello(peer), peer.frame(FIN | BINARY, "plain"), hello(peer)].concat(),
            &[text("Hello"), binary(*b"plain"), text("Hello")],
            End::Open,
        ),
        row("6.1: RSV1 in a Ping", |peer| peer.frame(FIN | RSV1 | PING, ""), &[], PROTOCOL),
        row("6.1: RSV1 in a Pong", |peer| peer.frame(FIN | RSV1 | PONG, ""), &[], PROTOCOL),
        row("6.1: RSV1 in a Close", |peer| peer.frame(FIN | RSV1 | CLOSE, ""), &[], PROTOCOL),
        row(
            "6.1: RSV1 in a continuation of a compressed message",
            |peer| [peer.frame(RSV1 | TEXT, &HELLO[..3]), peer.frame(FIN | RSV1 | CONTINUATION, &HELLO[3..])].concat(),
            &[],
            PROTOCOL,
        ),
        row(
            "6.1: RSV1 in a continuation of one that is not",
            |peer| [peer.frame(TEXT, "a"), peer.frame(FIN | RSV1 | CONTINUATION, "b")].concat(),
            &[],
            PROTOCOL,
        ),
        row("6.1: the other reserved bits", |peer| peer.frame(FIN | RSV1 | 0x20 | TEXT, HELLO), &[], PROTOCOL),
    ];
    play_all(With::Compression, rows).await;
}

#[test]
async fn section_7_2_2_decompression() {
    let rows = vec![
        row("7.2.3.1: one block", hello, &[text("Hello")], End::Open),
        pinged(
            "7.2.3.1: in frames, with a Ping between them",
            |peer| {
                let ping = peer.frame(FIN | PING, "1");
                [peer.frame(RSV1 | TEXT, &HELLO[..3]), ping, peer.frame(FIN | CONTINUATION, &HELLO[3..])].concat()
            },
            &[text("Hello")],
            &[b"1"],
            End::Open,
        ),
        row(
            "7.2.3.2: a reference to the message before",
            |peer| [hello(peer), peer.frame(FIN | RSV1 | TEXT, AGAIN)].concat(),
            &[text("Hello"), text("Hello")],
            End::Open,
        ),
        row(
            "7.2.3.3: a block without compression",
            |peer| peer.frame(FIN | RSV1 | TEXT, b"\x00\x05\x00\xfa\xffHello\x00"),
            &[text("Hello")],
            End::Open,
        ),
        row(
            "7.2.3.4: a final block, behind which nothing can be referred to",
            |peer| [peer.frame(FIN | RSV1 | TEXT, FINAL), peer.frame(FIN | RSV1 | TEXT, AGAIN)].concat(),
            &[text("Hello")],
            PROTOCOL,
        ),
        row(
            "7.2.3.5: two blocks",
            |peer| peer.frame(FIN | RSV1 | TEXT, b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"),
            &[text("Hello")],
            End::Open,
        ),
        row("7.2.3.6: an empty message", |peer| peer.frame(FIN | RSV1 | TEXT, [0]), &[text("")], End::Open),
        row(
            "7.2.2: a tail that was left in place",
            |peer| [peer.frame(FIN | RSV1 | TEXT, [&HELLO[..], b"\0\0\xff\xff"].concat()), hello(peer)].concat(),
            &[text("Hello"), text("Hello")],
            End::Open,
        ),
        row("7.2.2: a reserved type of block", |peer| peer.frame(FIN | RSV1 | TEXT, [0x06]), &[], PROTOCOL),
        row("7.2.2: a reference to nothing", |peer| peer.frame(FIN | RSV1 | TEXT, AGAIN), &[], PROTOCOL),
        row("7.2.2: a message that is cut short", |peer| peer.frame(FIN | RSV1 | TEXT, &HELLO[..5]), &[], PROTOCOL),
        row(
            "7.2.2: the same in frames, behind one that is complete",
            |peer| {
                let cut = [peer.frame(RSV1 | BINARY, &HELLO[..3]), peer.frame(FIN | CONTINUATION, &HELLO[3..4])];
                [hello(peer), cut.concat()].concat()
            },
            &[text("Hello")],
            PROTOCOL,
        ),
    ];
    play_all(With::Compression, rows).await;
}

#[test]
async fn the_rules_for_messages_hold_after_decompression() {
    let rows = vec![
        row("8.1: not UTF-8", |peer| compressed(peer, TEXT, b"\xff"), &[], NOT_UTF8),
        row("8.1: cut inside a character", |peer| compressed(peer, TEXT, b"\xe2\x82"), &[], NOT_UTF8),
        row("5.6: binary is not checked", |peer| compressed(peer, BINARY, b"\xff"), &[binary(*b"\xff")], End::Open),
        row(
            "7.4.1: as long as the limit",
            |peer| compressed(peer, BINARY, &payload(100_000)),
            &[binary(payload(100_000))],
            End::Open,
        ),
        row("7.4.1: longer, though not on the wire", |peer| compressed(peer, BINARY, &[0; 100_001]), &[], TOO_BIG),
        row(
            "5.4: a message inside a compressed one",
            |peer| [peer.frame(RSV1 | TEXT, &HELLO[..3]), peer.frame(FIN | TEXT, "")].concat(),
            &[],
            PROTOCOL,
        ),
    ];
    play_all(With::Compression, rows).await;
}
