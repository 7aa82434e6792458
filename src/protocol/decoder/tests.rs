//! Text that is checked while it arrives.

use super::*;
use crate::{compression::Compression, protocol::deflate::Agreement};

/// Also run under Miri, for the sake of the one unsafe line.
#[test]
fn text_that_arrives_in_pieces_is_checked_once_wherever_it_is_cut() {
    let text = "a\u{e9}\u{20ac}\u{1d11e}z".as_bytes();
    let frame = [&[0x81, text.len() as u8], text].concat();
    for first in 0..=frame.len() {
        for second in first..=frame.len() {
            let mut decoder = Decoder::new(Limits { max_message_size: None, text: true }).gathering();
            let mut input = BytesMut::new();
            let mut events = Vec::new();
            for piece in [&frame[..first], &frame[first..second], &frame[second..]] {
                input.extend_from_slice(piece);
                events.extend(decoder.decode(&mut input).expect("no rule is broken"));
            }
            assert_eq!(
                events,
                [Event::Message(Message::Text(Text::try_from(Bytes::copy_from_slice(text)).expect("it is text")))]
            );
        }
    }
}

#[test]
fn a_long_text_fails_at_the_byte_that_makes_it_none() {
    let mut decoder = Decoder::new(Limits { max_message_size: None, text: true }).gathering();
    let mut input = BytesMut::from(&b"\x81\x7e\x10\x00good \xe2\x82"[..]);
    assert_eq!(decoder.decode(&mut input), Ok(None));
    input.extend_from_slice(b"x");
    assert_eq!(decoder.decode(&mut input), Err(Violation::InvalidUtf8));
}

#[test]
fn what_inflated_is_given_back_between_messages() {
    let inflater = || Agreement::parse("permessage-deflate", &Compression::new()).expect("it was offered").inflater();
    let mut decoder = Decoder::new(Limits { max_message_size: None, text: true }).inflating(inflater());
    let mut input = BytesMut::from(&b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"[..]);
    assert_eq!(decoder.decode(&mut input), Ok(Some(Event::Message("Hello".into()))));
    let holds_memory = |decoder: &Decoder| decoder.inflater.as_ref().is_some_and(|inflater| inflater.holds_memory());
    assert!(holds_memory(&decoder));
    decoder.trim();
    assert!(!holds_memory(&decoder));
}
