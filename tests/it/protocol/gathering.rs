//! A receiver of whole messages: a frame stays in the input until all of it is there.

use bytes::BytesMut;
use websocket_anywhere::protocol::{Decoder, Event, Kind, Part};

use super::{
    check::UNLIMITED,
    wire::{BINARY, CLOSE, CONTINUATION, FIN, PING, frame},
};
use crate::support::test;

fn gathering() -> Decoder {
    Decoder::new(UNLIMITED).gathering()
}

/// Feeds a frame byte by byte; the one event comes with its last byte, and until then exactly the rest is missing.
fn arrives_whole(decoder: &mut Decoder, bytes: &[u8], header: usize) -> Event {
    let mut input = BytesMut::new();
    let (last, rest) = bytes.split_last().unwrap();
    for (index, byte) in rest.iter().enumerate() {
        input.extend_from_slice(&[*byte]);
        assert_eq!(decoder.decode(&mut input), Ok(None), "after byte {index}");
        let missing = if index + 1 < header { 0 } else { bytes.len() - (index + 1) };
        assert_eq!(decoder.missing(input.len()), missing as u64, "after byte {index}");
    }
    input.extend_from_slice(&[*last]);
    let event = decoder.decode(&mut input).unwrap().unwrap();
    assert_eq!(decoder.missing(input.len()), 0);
    assert!(input.is_empty());
    event
}

#[test]
async fn a_message_arrives_in_one_piece() {
    let payload = vec![7; 300];
    let event = arrives_whole(&mut gathering(), &frame(FIN | BINARY, &payload), 4);
    assert_eq!(event, Event::Message(payload.into()));
}

#[test]
async fn a_fragment_arrives_in_one_piece() {
    let mut decoder = gathering();
    for first in [BINARY, CONTINUATION, FIN | CONTINUATION] {
        let event = arrives_whole(&mut decoder, &frame(first, b"fragment"), 2);
        let bytes = b"fragment"[..].into();
        assert_eq!(event, Event::Part(Part { kind: Kind::Binary, bytes, is_last: first & FIN != 0 }));
    }
}

#[test]
async fn a_receiver_that_waits_only_for_the_close_gathers_no_longer() {
    let mut decoder = gathering();
    let mut input = BytesMut::from(&frame(FIN | BINARY, [7; 300])[..100]);
    assert_eq!(decoder.decode(&mut input), Ok(None));
    decoder.lift_limits();
    assert_eq!(decoder.missing(input.len()), 0);
    assert!(matches!(decoder.decode(&mut input), Ok(Some(Event::Part(_)))));
    assert!(input.is_empty());
}

#[test]
async fn what_stands_before_a_message_does_not_wait_for_it() {
    let mut input = BytesMut::from(&[frame(FIN | PING, b"p"), frame(FIN | BINARY, b"message")].concat()[..6]);
    assert_eq!(gathering().decode(&mut input), Ok(Some(Event::Ping(b"p"[..].into()))));
}

#[test]
async fn what_looks_like_a_ping_inside_of_a_frame_or_behind_a_close_is_none() {
    let ping = frame(FIN | PING, "");
    let mut decoder = gathering();
    let mut input = BytesMut::from(&frame(FIN | BINARY, [&ping[..], &ping].concat())[..4]);
    assert_eq!(decoder.decode(&mut input), Ok(None));
    assert_eq!((decoder.decode_ping_or_pong(&mut input), &input[..]), (None, &ping[..]));
    input.extend_from_slice(&[&ping[..], &frame(FIN | CLOSE, ""), &ping].concat());
    assert_eq!(decoder.decode(&mut input), Ok(Some(Event::Message([&ping[..], &ping].concat().into()))));
    assert_eq!(decoder.decode(&mut input), Ok(Some(Event::Close(None))));
    assert_eq!(decoder.decode_ping_or_pong(&mut input), None);
}
