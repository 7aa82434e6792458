//! RFC 7692 sections 6.1 and 7.2.1: what a client writes.

use websocket_anywhere::{
    Compression,
    protocol::{
        Opcode,
        deflate::{Agreement, Deflater},
        encode, encode_compressed,
    },
};

use properties::streams::Random;

use super::{agreement, reference::Server};

fn deflater(answer: &str, compression: &Compression) -> Box<Deflater> {
    Agreement::parse(answer, compression).unwrap().deflater().unwrap()
}

#[test]
fn the_example_of_the_rfc_is_written() {
    // Sections 7.2.3.1 and 7.2.3.2.
    let mut deflater = agreement("permessage-deflate").deflater().unwrap();
    assert_eq!(deflater.deflate(b"Hello").unwrap(), [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]);
    assert_eq!(deflater.deflate(b"Hello").unwrap(), [0xf2, 0x00, 0x11, 0x00, 0x00]);
}

#[test]
fn a_compressed_frame_differs_in_one_bit() {
    for opcode in [Opcode::Text, Opcode::Binary] {
        let (mut plain, mut compressed) = (Vec::new(), Vec::new());
        encode([1, 2, 3, 4], opcode, b"payload", &mut plain);
        encode_compressed([1, 2, 3, 4], opcode, b"payload", &mut compressed);
        plain[0] |= super::RSV1;
        assert_eq!(plain, compressed);
    }
}

#[test]
fn short_messages_are_sent_as_they_are() {
    for (threshold, shortest) in [(0, 1), (1, 1), (2, 2), (64, 64), (1000, 1000)] {
        let mut deflater = deflater("permessage-deflate", &Compression::new().threshold(threshold));
        let mut server = Server::new();
        let message = vec![b'a'; shortest];
        assert_eq!(deflater.deflate(&message[1..]), None);
        assert_eq!(server.inflate(deflater.deflate(&message).unwrap()), message);
        // A message that is not compressed does not disturb the context.
        assert_eq!(deflater.deflate(&message[1..]), None);
        assert_eq!(server.inflate(deflater.deflate(&message).unwrap()), message);
    }
    assert_eq!(deflater("permessage-deflate", &Compression::new()).deflate(&[0; 63]), None);
}

#[test]
fn with_context_takeover_whatever_was_compressed_is_sent() {
    let mut deflater = agreement("permessage-deflate").deflater().unwrap();
    let mut server = Server::new();
    let noise = Random::new(1).bytes(3000);
    let first = deflater.deflate(&noise).unwrap();
    assert!(first.len() > noise.len());
    assert_eq!(server.inflate(first), noise);
    let second = deflater.deflate(&noise).unwrap();
    assert!(second.len() < 100);
    assert_eq!(server.inflate(second), noise);
}

#[test]
fn without_it_what_does_not_shrink_is_sent_as_it_is() {
    let mut deflater = agreement("permessage-deflate; client_no_context_takeover").deflater().unwrap();
    let noise = Random::new(1).bytes(3000);
    for _ in 0..3 {
        assert_eq!(deflater.deflate(&noise), None);
        let twice = [&noise[..], &noise].concat();
        assert_eq!(Server::new().inflate(deflater.deflate(&twice).unwrap()), twice);
    }
}

#[test]
fn the_clients_own_settings_hold_whatever_the_server_says() {
    let compression = Compression::new().client_no_context_takeover(true).threshold(0);
    let mut deflater = deflater("permessage-deflate", &compression);
    let message = b"each message alone, each message alone";
    let first = deflater.deflate(message).unwrap().to_vec();
    assert_eq!(deflater.deflate(message).unwrap(), first);
}

#[test]
fn every_level_can_be_read() {
    let text = Random::new(7).text(50_000);
    for level in 0..=9 {
        let mut deflater = deflater("permessage-deflate", &Compression::new().level(level).threshold(0));
        let mut server = Server::new();
        for message in [&text[..], "", "short", &text[..], "\u{e9}"] {
            match deflater.deflate(message.as_bytes()) {
                Some(payload) => assert!(server.inflate(payload) == message.as_bytes(), "level {level}"),
                None => assert!(message.is_empty()),
            }
            deflater.trim();
        }
    }
}
