//! RFC 6455 sections 5.5.1, 7.1 and 7.4: the Close, its code and its reason.

use properties::wire::{CLOSE, CONTINUATION, FIN, PING, TEXT};

use super::{End, NOT_UTF8, PROTOCOL, Peer, Row, With, pinged, play_all, row, text};
use crate::support::test;

/// A Close with a code, for each that may be sent or may not: rows are functions, so the code is a parameter of their type.
fn with_code<const CODE: u16>(rule: &'static str, end: End) -> Row {
    row(rule, |peer| peer.close(CODE, "bye"), &[], end)
}

fn accepted<const CODE: u16>(rule: &'static str) -> Row {
    with_code::<CODE>(rule, End::Closed(CODE))
}

fn refused<const CODE: u16>(rule: &'static str) -> Row {
    with_code::<CODE>(rule, PROTOCOL)
}

#[test]
async fn section_7_4_codes() {
    let rows = vec![
        accepted::<1000>("7.4.1: 1000"),
        accepted::<1001>("7.4.1: 1001"),
        accepted::<1002>("7.4.1: 1002"),
        accepted::<1003>("7.4.1: 1003"),
        accepted::<1007>("7.4.1: 1007"),
        accepted::<1008>("7.4.1: 1008"),
        accepted::<1009>("7.4.1: 1009"),
        accepted::<1010>("7.4.1: 1010"),
        accepted::<1011>("7.4.1: 1011"),
        accepted::<1012>("IANA: 1012"),
        accepted::<1013>("IANA: 1013"),
        accepted::<1014>("IANA: 1014"),
        accepted::<3000>("7.4.2: 3000, of libraries"),
        accepted::<3999>("7.4.2: 3999"),
        accepted::<4000>("7.4.2: 4000, private"),
        accepted::<4999>("7.4.2: 4999"),
        refused::<0>("7.4.2: 0"),
        refused::<999>("7.4.2: 999"),
        refused::<1004>("7.4.1: 1004 is reserved"),
        refused::<1005>("7.4.1: 1005 is not for the wire"),
        refused::<1006>("7.4.1: 1006 is not for the wire"),
        refused::<1015>("7.4.1: 1015 is not for the wire"),
        refused::<1016>("7.4.2: 1016 has no meaning"),
        refused::<1100>("7.4.2: 1100 has no meaning"),
        refused::<2000>("7.4.2: 2000 is for extensions"),
        refused::<2999>("7.4.2: 2999 is for extensions"),
        refused::<5000>("7.4.2: 5000"),
        refused::<65535>("7.4.2: 65,535"),
    ];
    play_all(With::Anything, rows).await;
}

#[test]
async fn section_5_5_1_the_close() {
    let none = |peer: Peer| peer.frame(FIN | CLOSE, "");
    let rows = vec![
        row("5.5.1: no code", none, &[], End::Closed(1005)),
        row("5.5.1: a code alone", |peer| peer.close(1000, ""), &[], End::Closed(1000)),
        row("5.5.1: one byte", |peer| peer.frame(FIN | CLOSE, [3]), &[], PROTOCOL),
        row("5.5.1: a reason of 123 bytes", |peer| peer.close(1000, "r".repeat(123)), &[], End::Closed(1000)),
        row("5.5.1: a reason that is not UTF-8", |peer| peer.close(1000, b"\xff"), &[], NOT_UTF8),
        row("5.5.1: a reason that ends inside a character", |peer| peer.close(1000, b"\xe2\x82"), &[], NOT_UTF8),
        row(
            "5.5.1: behind messages, which are delivered",
            |peer| [peer.frame(FIN | TEXT, "a"), peer.frame(FIN | TEXT, "b"), peer.close(4000, "")].concat(),
            &[text("a"), text("b")],
            End::Closed(4000),
        ),
        row(
            "1.4, 5.5.1: what follows it is discarded",
            |peer| [peer.close(1000, ""), peer.frame(FIN | TEXT, "late"), peer.frame(FIN | PING, "")].concat(),
            &[],
            End::Closed(1000),
        ),
        row(
            "1.4: even what breaks a rule",
            |peer| [peer.close(1001, ""), vec![0xff; 4]].concat(),
            &[],
            End::Closed(1001),
        ),
        pinged(
            "5.5.2: a Ping is answered unless a Close came before it",
            |peer| [peer.frame(FIN | PING, "1"), peer.close(1000, "")].concat(),
            &[],
            &[b"1"],
            End::Closed(1000),
        ),
    ];
    play_all(With::Anything, rows).await;
}

/// A Close may come in the middle of a message (section 5.4), which then never ends: it is no message, and no error either where
/// it is received whole.
#[test]
async fn section_5_4_a_close_inside_a_message() {
    for peer in [Peer::Server, Peer::Client] {
        let play =
            super::Play { peer, compression: false, mode: websocket_anywhere::ReceiveMode::Full, bytewise: false };
        let input = |peer: Peer| [peer.frame(TEXT, "a"), peer.frame(CONTINUATION, "b"), peer.close(1000, "")].concat();
        super::play(&row("5.4: a Close inside a message", input, &[], End::Closed(1000)), play).await;
    }
}
