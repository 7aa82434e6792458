//! Masking: RFC 6455 section 5.3.

/// Masks or unmasks a payload in place; `key` applies from the first byte of `payload`.
pub fn mask(key: [u8; 4], payload: &mut [u8]) {
    // A block at a time: the compiler turns the loop over its bytes into wide instructions.
    let block: [u8; BLOCK] = std::array::from_fn(|index| key[index % key.len()]);
    let mut blocks = payload.chunks_exact_mut(BLOCK);
    for bytes in &mut blocks {
        for (byte, key) in bytes.iter_mut().zip(block) {
            *byte ^= key;
        }
    }
    // What is left starts at a multiple of the key's length, so the key starts again.
    for (byte, key) in blocks.into_remainder().iter_mut().zip(block) {
        *byte ^= key;
    }
}

const BLOCK: usize = 64;
