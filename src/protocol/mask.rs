//! Masking: RFC 6455 section 5.3.

/// Masks or unmasks a payload in place; `key` applies from the first byte of `payload`.
pub fn mask(key: [u8; 4], payload: &mut [u8]) {
    // What is left starts at a multiple of the key's length, so the key starts again.
    let wide = widened(key);
    let mut words = payload.chunks_exact_mut(WORD);
    for word in &mut words {
        mask_word(wide, word);
    }
    words.into_remainder().iter_mut().zip(wide.to_ne_bytes()).for_each(|(byte, key)| *byte ^= key);
}

/// Appends a masked copy of a payload.
#[inline]
pub fn append_masked(key: [u8; 4], payload: &[u8], out: &mut Vec<u8>) {
    out.reserve(payload.len());
    // Blocks of known lengths: the compiler turns each into a few wide instructions, and calls nothing.
    let wide = widened(key);
    let rest = append_blocks::<64>(wide, payload, out);
    let rest = append_blocks::<16>(wide, rest, out);
    let rest = append_blocks::<WORD>(wide, rest, out);
    for (byte, key) in rest.iter().zip(wide.to_ne_bytes()) {
        out.push(byte ^ key);
    }
}

/// Moves a payload to the beginning of `bytes`, where a gap is before it, and masks or unmasks it on the way.
#[inline]
pub(super) fn move_masked(key: [u8; 4], bytes: &mut [u8], gap: usize) {
    if gap == 0 {
        return mask(key, bytes);
    }
    // Blocks of known lengths, as in `append_masked`.
    let wide = widened(key);
    let at = move_blocks::<64>(wide, bytes, gap, 0);
    let at = move_blocks::<16>(wide, bytes, gap, at);
    let at = move_blocks::<WORD>(wide, bytes, gap, at);
    for (at, key) in (at..bytes.len() - gap).zip(wide.to_ne_bytes()) {
        bytes[at] = bytes[at + gap] ^ key;
    }
}

/// Moves what makes whole blocks, whose size is a multiple of a word's, from `at` on; gives where what is left begins.
#[inline]
fn move_blocks<const SIZE: usize>(wide: u64, bytes: &mut [u8], gap: usize, at: usize) -> usize {
    let mut at = at;
    // A block is read before anything is written over it.
    while let Some(block) = bytes.get(at + gap..at + gap + SIZE) {
        let mut masked: [u8; SIZE] = block.try_into().expect("it is a block");
        masked.chunks_exact_mut(WORD).for_each(|word| mask_word(wide, word));
        bytes[at..at + SIZE].copy_from_slice(&masked);
        at += SIZE;
    }
    at
}

/// Appends what makes whole blocks, whose size is a multiple of a word's; gives what is left.
#[inline]
fn append_blocks<'a, const SIZE: usize>(wide: u64, payload: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let blocks = payload.chunks_exact(SIZE);
    let rest = blocks.remainder();
    for block in blocks {
        let mut masked: [u8; SIZE] = block.try_into().expect("it is a block");
        masked.chunks_exact_mut(WORD).for_each(|word| mask_word(wide, word));
        out.extend_from_slice(&masked);
    }
    rest
}

/// The key twice.
#[inline]
const fn widened(key: [u8; 4]) -> u64 {
    let key = u32::from_ne_bytes(key) as u64;
    key << 32 | key
}

#[inline]
fn mask_word(wide: u64, word: &mut [u8]) {
    let masked = wide ^ u64::from_ne_bytes((&*word).try_into().expect("it is a word"));
    word.copy_from_slice(&masked.to_ne_bytes());
}

/// The length of a machine word, a multiple of the key's.
const WORD: usize = 8;
