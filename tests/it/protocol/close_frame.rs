//! RFC 6455 sections 5.5.1 and 7.4: what a Close frame may say.

use websocket_anywhere::{
    CloseCode,
    protocol::{CloseFrame, Violation},
};

use super::{
    check::{Outcome, UNLIMITED, check, close, receive, refused},
    wire::{CLOSE, FIN, close_frame, frame},
};
use crate::support::test;

/// Who may be sent what, first and last code; everything else is refused.
const RECEIVABLE: [(u16, u16); 6] = [
    // Section 7.4.1, without the reserved 1004, 1005, 1006 and 1015.
    (1000, 1003),
    (1007, 1011),
    // The registry of IANA: service restart, try again later, bad gateway.
    (1012, 1012),
    (1013, 1014),
    // Section 7.4.2: registered by libraries, then private use.
    (3000, 3999),
    (4000, 4999),
];

#[test]
async fn every_close_code_is_accepted_or_refused_as_the_rfc_says() {
    for code in 0..=u16::MAX {
        let is_receivable = RECEIVABLE.iter().any(|&(first, last)| (first..=last).contains(&code));
        let expected = if is_receivable { close(code, "why") } else { Outcome::Violation(Violation::CloseCode(code)) };
        assert_eq!(receive(UNLIMITED, &close_frame(code, "why"), &[]), Ok(vec![expected]), "code {code}");
        assert_eq!(CloseFrame::parse(&code.to_be_bytes()).is_ok(), is_receivable, "code {code} without a reason");
    }
}

#[test]
async fn a_close_code_that_no_endpoint_may_send_is_refused() {
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
        refused(&close_frame(code, ""), Violation::CloseCode(code), CloseCode::PROTOCOL_ERROR);
        refused(&close_frame(code, "reason"), Violation::CloseCode(code), CloseCode::PROTOCOL_ERROR);
    }
}

#[test]
async fn a_close_may_have_no_code() {
    check(&frame(FIN | CLOSE, ""), &[Outcome::Close(None)]);
    assert_eq!(CloseFrame::parse(&[]), Ok(None));
}

#[test]
async fn a_close_with_one_byte_is_refused() {
    for byte in [0, 3, 0xff] {
        refused(&frame(FIN | CLOSE, [byte]), Violation::CloseTooShort, CloseCode::PROTOCOL_ERROR);
    }
}

#[test]
async fn a_close_reason_may_fill_the_frame() {
    check(&close_frame(1000, ""), &[close(1000, "")]);
    check(&close_frame(4999, "grüß Gott 😀"), &[close(4999, "grüß Gott 😀")]);
    let longest = "r".repeat(123);
    check(&close_frame(3000, &longest), &[close(3000, &longest)]);
}

#[test]
async fn a_close_reason_that_is_not_utf8_is_refused() {
    for reason in [&b"\xff"[..], b"ok \xc0\x80", b"\xed\xa0\x80", b"cut \xf0\x9f\x98", b"\xe2\x82 "] {
        refused(&close_frame(1000, reason), Violation::InvalidUtf8, CloseCode::INVALID_PAYLOAD);
    }
}

#[test]
async fn a_close_frame_is_written_as_it_is_read() {
    for (code, reason) in [(1000, ""), (1011, "oops"), (4999, "grüß Gott 😀")] {
        let frame = CloseFrame { code: CloseCode::from(code), reason: reason.to_owned() };
        let payload = frame.to_payload();
        assert_eq!(payload, [&code.to_be_bytes(), reason.as_bytes()].concat());
        assert_eq!(CloseFrame::parse(&payload), Ok(Some(frame)));
    }
}

#[test]
async fn what_follows_a_close_is_swallowed() {
    for rest in [&b"\x82\x00"[..], b"\x81\x02hi", b"\xff\xff", b"\x88\x00", b"\x89\x01p"] {
        check(&[&close_frame(1000, "bye"), rest].concat(), &[close(1000, "bye")]);
    }
}
