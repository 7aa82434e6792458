//! Payload is delivered as it arrives, in the pieces in which it arrives, without a copy.

use bytes::{Bytes, BytesMut};
use websocket_anywhere::{
    Message,
    protocol::{Decoder, Event, Kind, Part},
};

use super::{
    check::UNLIMITED,
    wire::{BINARY, CONTINUATION, FIN, PING, TEXT, frame, header, payload},
};
use crate::support::test;

struct Peer {
    decoder: Decoder,
    buffer: BytesMut,
}

impl Peer {
    fn new() -> Self {
        Self { decoder: Decoder::new(UNLIMITED), buffer: BytesMut::new() }
    }

    /// All events that these bytes cause.
    fn send(&mut self, bytes: impl AsRef<[u8]>) -> Vec<Event> {
        self.buffer.extend_from_slice(bytes.as_ref());
        std::iter::from_fn(|| self.decoder.decode(&mut self.buffer).unwrap()).collect()
    }
}

fn part(kind: Kind, bytes: impl AsRef<[u8]>, is_last: bool) -> Event {
    Event::Part(Part { kind, bytes: Bytes::copy_from_slice(bytes.as_ref()), is_last })
}

#[test]
async fn a_frame_of_2_to_the_40_bytes_is_delivered_as_it_arrives() {
    let mut peer = Peer::new();
    assert_eq!(peer.send(header(FIN | BINARY, 1 << 40)), []);
    for len in [1, 2, 1000, 65536, 1] {
        assert_eq!(peer.send(payload(len)), [part(Kind::Binary, payload(len), false)]);
        assert!(peer.buffer.is_empty());
    }
    // Far inside the payload a header means nothing.
    assert_eq!(peer.send(frame(FIN | PING, "")), [part(Kind::Binary, [0x89, 0], false)]);
}

#[test]
async fn the_rest_of_a_frame_ends_its_message() {
    let mut peer = Peer::new();
    let frame = frame(FIN | BINARY, payload(300));
    assert_eq!(peer.send(&frame[..4]), []);
    assert_eq!(peer.send(&frame[4..100]), [part(Kind::Binary, &frame[4..100], false)]);
    assert_eq!(peer.send(&frame[100..303]), [part(Kind::Binary, &frame[100..303], false)]);
    assert_eq!(peer.send(&frame[303..]), [part(Kind::Binary, &frame[303..], true)]);
}

#[test]
async fn a_message_that_lies_there_in_one_piece_is_delivered_whole() {
    let mut peer = Peer::new();
    let mut input = [frame(FIN | TEXT, "one"), frame(FIN | BINARY, "two")].concat();
    input.extend(&header(FIN | BINARY, 3)[..1]);
    let (one, two) = (Event::Message(Message::from("one")), Event::Message(Message::from(b"two")));
    assert_eq!(peer.send(input), [one, two]);
    assert_eq!(peer.send([3]), []);
    assert_eq!(peer.send("abc"), [Event::Message(Message::from(b"abc"))]);
}

#[test]
async fn a_fragmented_message_is_delivered_in_its_fragments() {
    let mut peer = Peer::new();
    let input = [frame(BINARY, "a"), frame(CONTINUATION, ""), frame(FIN | PING, "p"), frame(CONTINUATION, "b")];
    let a_and_b = [part(Kind::Binary, "a", false), Event::Ping(Bytes::from("p")), part(Kind::Binary, "b", false)];
    assert_eq!(peer.send(input.concat()), a_and_b);
    assert_eq!(peer.send(frame(FIN | CONTINUATION, "")), [part(Kind::Binary, "", true)]);
}

#[test]
async fn an_empty_first_fragment_leaves_the_message_whole() {
    let mut peer = Peer::new();
    assert_eq!(peer.send(frame(TEXT, "")), []);
    assert_eq!(peer.send(frame(FIN | CONTINUATION, "all")), [Event::Message(Message::from("all"))]);
}

#[test]
async fn a_part_of_a_text_may_end_inside_a_character() {
    let mut peer = Peer::new();
    let frame = frame(FIN | TEXT, "é😀");
    assert_eq!(peer.send(&frame[..3]), [part(Kind::Text, [0xc3], false)]);
    assert_eq!(peer.send(&frame[3..6]), [part(Kind::Text, [0xa9, 0xf0, 0x9f], false)]);
    assert_eq!(peer.send(&frame[6..]), [part(Kind::Text, [0x98, 0x80], true)]);
}

#[test]
async fn a_control_frame_is_delivered_once_all_of_it_is_there() {
    let mut peer = Peer::new();
    let frame = frame(FIN | PING, payload(125));
    for end in 0..frame.len() {
        assert_eq!(peer.send(&frame[end..end]), []);
        let events = peer.send(&frame[end..=end]);
        let is_there = end + 1 == frame.len();
        assert_eq!(events, if is_there { vec![Event::Ping(payload(125).into())] } else { Vec::new() });
    }
}

#[test]
async fn payload_is_not_copied() {
    let mut buffer = BytesMut::new();
    let header = header(FIN | BINARY, 5000);
    buffer.extend_from_slice(&[header.clone(), payload(5000)].concat());
    let start = buffer.as_ptr();
    let Ok(Some(Event::Message(message))) = Decoder::new(UNLIMITED).decode(&mut buffer) else { panic!("no message") };
    assert_eq!(message.as_bytes().as_ptr(), start.wrapping_add(header.len()));
}
