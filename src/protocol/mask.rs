//! Masking: RFC 6455 section 5.3.

/// Masks or unmasks a payload in place; `key` applies from the first byte of `payload`.
pub fn mask(key: [u8; 4], payload: &mut [u8]) {
    // What is left starts at a multiple of the key's length, so the key starts again.
    let key = widened(key);
    let mut words = payload.chunks_exact_mut(WORD);
    for word in &mut words {
        mask_word(key, word);
    }
    mask_tail(key, words.into_remainder());
}

/// Appends a masked copy of a payload.
pub fn append_masked(key: [u8; 4], payload: &[u8], out: &mut Vec<u8>) {
    out.reserve(payload.len());
    let wide = widened(key);
    // A block at a time: the compiler turns the loop over its words into wide instructions.
    let blocks = payload.chunks_exact(BLOCK);
    let rest = blocks.remainder();
    for block in blocks {
        let mut masked: [u8; BLOCK] = block.try_into().expect("it is a block");
        masked.chunks_exact_mut(WORD).for_each(|word| mask_word(wide, word));
        out.extend_from_slice(&masked);
    }
    // A word at a time would take longer than two passes over what is less than a block.
    let start = out.len();
    out.extend_from_slice(rest);
    mask(key, &mut out[start..]);
}

/// The key twice.
const fn widened([a, b, c, d]: [u8; 4]) -> [u8; WORD] {
    [a, b, c, d, a, b, c, d]
}

#[inline]
fn mask_word(key: [u8; WORD], word: &mut [u8]) {
    let masked = u64::from_ne_bytes(key) ^ u64::from_ne_bytes((&*word).try_into().expect("it is a word"));
    word.copy_from_slice(&masked.to_ne_bytes());
}

#[inline]
fn mask_tail(key: [u8; WORD], tail: &mut [u8]) {
    tail.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
}

/// The length of a machine word, a multiple of the key's.
const WORD: usize = 8;

/// How much is masked at once.
const BLOCK: usize = 64;
