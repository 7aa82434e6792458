//! RFC 6455 section 5.3: masking.

use websocket_anywhere::protocol::{append_masked, mask};

use super::wire::payload;
use crate::support::test;

const KEYS: [[u8; 4]; 5] = [[0; 4], [0xff; 4], [1, 2, 3, 4], [0x37, 0xfa, 0x21, 0x3d], [0x80, 0, 0, 0x01]];

/// "transformed-octet-i = original-octet-i XOR masking-key-octet-j", j being i modulo 4.
fn masked(key: [u8; 4], payload: &[u8]) -> Vec<u8> {
    payload.iter().enumerate().map(|(at, byte)| byte ^ key[at % 4]).collect()
}

#[test]
async fn every_length_at_every_offset_is_masked_as_the_rfc_says() {
    for key in KEYS {
        for offset in 0..16 {
            for len in 0..=67 {
                let mut bytes = payload(offset + len + 5);
                let mut expected = bytes.clone();
                expected[offset..offset + len].copy_from_slice(&masked(key, &bytes[offset..offset + len]));
                mask(key, &mut bytes[offset..offset + len]);
                assert_eq!(bytes, expected, "key {key:x?}, offset {offset}, length {len}");
            }
        }
    }
}

#[test]
async fn a_copy_is_masked_as_the_payload_would_be() {
    for key in KEYS {
        for len in (0..=200).chain([4095, 4096, 70_001]) {
            let mut out = b"before".to_vec();
            append_masked(key, &payload(len), &mut out);
            assert!(out == [b"before", &*masked(key, &payload(len))].concat(), "key {key:x?}, length {len}");
        }
    }
}

#[test]
async fn masking_twice_gives_the_payload_back() {
    for key in KEYS {
        let mut bytes = payload(100_003);
        mask(key, &mut bytes);
        assert!(bytes == masked(key, &payload(100_003)), "key {key:x?}");
        mask(key, &mut bytes);
        assert!(bytes == payload(100_003), "key {key:x?}");
    }
}

#[test]
async fn the_example_of_the_rfc_is_masked() {
    let mut bytes = *b"Hello";
    mask([0x37, 0xfa, 0x21, 0x3d], &mut bytes);
    assert_eq!(bytes, [0x7f, 0x9f, 0x4d, 0x51, 0x58]);
}
