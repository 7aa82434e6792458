//! RFC 6455 sections 5.6, 6.2 and 8.1: messages, and text that is or is not UTF-8.

use properties::wire::{BINARY, CONTINUATION, FIN, PING, TEXT};

use super::{End, NOT_UTF8, Peer, Row, With, binary, pinged, play_all, row, text};
use crate::support::test;

/// All characters at the ends of what UTF-8 can write.
const EDGES: &str = "\0\u{7f}\u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{fffd}\u{ffff}\u{10000}\u{10ffff}\u{feff}";

/// Text in two frames that are cut at a byte.
fn cut<const AT: usize>(peer: Peer) -> Vec<u8> {
    let (front, back) = EDGES.as_bytes().split_at(AT);
    [peer.frame(TEXT, front), peer.frame(FIN | CONTINUATION, back)].concat()
}

#[test]
async fn section_5_6_messages() {
    let rows = vec![
        row("5.6: text", |peer| peer.frame(FIN | TEXT, "Hello"), &[text("Hello")], End::Open),
        row("5.6: empty text", |peer| peer.frame(FIN | TEXT, ""), &[text("")], End::Open),
        row("5.6: binary", |peer| peer.frame(FIN | BINARY, [0, 255]), &[binary([0, 255])], End::Open),
        row("5.6: binary that is not UTF-8", |peer| peer.frame(FIN | BINARY, b"\xff"), &[binary(*b"\xff")], End::Open),
        row("8.1: the ends of UTF-8", |peer| peer.frame(FIN | TEXT, EDGES), &[text(EDGES)], End::Open),
        row("8.1: cut in a character of two bytes", cut::<3>, &[text(EDGES)], End::Open),
        row("8.1: cut in one of three", cut::<7>, &[text(EDGES)], End::Open),
        row("8.1: cut in one of four", cut::<24>, &[text(EDGES)], End::Open),
        row(
            "6.2: messages stay apart and in order",
            |peer| ["a", "", "b"].map(|piece| peer.frame(FIN | TEXT, piece)).concat(),
            &[text("a"), text(""), text("b")],
            End::Open,
        ),
        pinged(
            "8.1: a Ping between the bytes of a character",
            |peer| {
                let ping = peer.frame(FIN | PING, b"\xff");
                [peer.frame(TEXT, b"\xc3"), ping, peer.frame(FIN | CONTINUATION, b"\xa9")].concat()
            },
            &[text("\u{e9}")],
            &[b"\xff"],
            End::Open,
        ),
    ];
    play_all(With::Anything, rows).await;
}

/// One byte sequence that is not UTF-8 (RFC 3629), as a type, because rows are functions.
macro_rules! not_utf8 {
    ($($rule:literal: $bytes:literal),+ $(,)?) => {
        vec![$(
            row($rule, |peer| peer.frame(FIN | TEXT, $bytes), &[], NOT_UTF8),
            row(
                concat!($rule, ", behind a message and in frames"),
                |peer| {
                    let pieces = $bytes.chunks(1).flat_map(|byte| peer.frame(CONTINUATION, byte)).collect();
                    let (front, end) = (peer.frame(TEXT, "ok"), peer.frame(FIN | CONTINUATION, ""));
                    [peer.frame(FIN | TEXT, "before"), front, pieces, end].concat()
                },
                &[text("before")],
                NOT_UTF8,
            ),
        )+]
    };
}

#[test]
async fn section_8_1_not_utf_8() {
    let rows: Vec<Row> = not_utf8![
        "8.1: a byte that never occurs": b"\xff",
        "8.1: a continuation alone": b"\x80",
        "8.1: cut at the end, two bytes": b"\xc3",
        "8.1: cut at the end, three bytes": b"\xe2\x82",
        "8.1: cut at the end, four bytes": b"\xf0\x9f\x98",
        "8.1: a surrogate": b"\xed\xa0\x80",
        "8.1: over U+10FFFF": b"\xf4\x90\x80\x80",
        "8.1: overlong, two bytes": b"\xc0\xaf",
        "8.1: overlong, three bytes": b"\xe0\x80\xaf",
        "8.1: overlong, four bytes": b"\xf0\x80\x80\xaf",
        "8.1: five bytes": b"\xf8\x88\x80\x80\x80",
    ];
    play_all(With::Anything, rows).await;
}
