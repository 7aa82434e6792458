//! Masking: RFC 6455 section 5.3.

/// Masks or unmasks a payload in place; `key` applies from the first byte of `payload`.
pub fn mask(key: [u8; 4], payload: &mut [u8]) {
    // Eight bytes at a time: the compiler turns the loop into wide instructions.
    let word = [key[0], key[1], key[2], key[3], key[0], key[1], key[2], key[3]];
    let mut words = payload.chunks_exact_mut(8);
    for bytes in &mut words {
        for (byte, key) in bytes.iter_mut().zip(word) {
            *byte ^= key;
        }
    }
    // What is left starts at a multiple of eight, so the key starts again.
    for (byte, key) in words.into_remainder().iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}
