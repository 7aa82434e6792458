//! Messages as programs send them: JSON that is alike from message to message, and not the same.

/// The first `size` bytes of the message of that number.
pub(crate) fn message(number: usize, size: usize) -> Vec<u8> {
    let mut text = String::from("[");
    let mut state = number as u64;
    while text.len() < size {
        // SplitMix64: numbers that look like chance, and are the same each time.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = mixed ^ (mixed >> 27);
        let (sensor, value) = (mixed % 50, mixed / 50 % 100_000);
        text += &format!(r#"{{"id":"{mixed:016x}","sensor":"room-{sensor}","value":{value},"ok":true}},"#);
    }
    text.truncate(size);
    text.into_bytes()
}

/// How many messages differ: so many that a compressor does not know them all, within a mebibyte.
pub(crate) fn variety(size: usize) -> usize {
    (1024 * 1024 / size).clamp(4, 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_the_size_and_differ() {
        for size in [1, 64, 1000] {
            assert!(message(1, size).len() == size && message(1, size).is_ascii());
        }
        assert!(message(1, 64) == message(1, 64) && message(1, 64) != message(2, 64));
        assert_eq!((variety(64), variety(64 * 1024), variety(1 << 30)), (1024, 16, 4));
    }
}
