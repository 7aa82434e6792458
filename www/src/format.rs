//! Numbers, times and bytes as people read them. In integers: formatting of floating-point numbers is half as large as all
//! the rest of the page.

use std::error::Error;
use std::fmt::Write as _;
use std::iter;

/// "13 B", "1.5 KiB", "32.0 MiB".
pub(crate) fn size(bytes: u64) -> String {
    with_unit(bytes, 1024, ["B", "KiB", "MiB", "GiB", "TiB"])
}

/// "0 bit/s", "84.5 Mbit/s".
pub(crate) fn bit_rate(bits_per_second: u64) -> String {
    with_unit(bits_per_second, 1000, ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"])
}

/// "0.8 ms", "12.0 ms": of microseconds.
pub(crate) fn milliseconds(microseconds: u64) -> String {
    let tenths = (microseconds + 50) / 100;
    format!("{}.{} ms", tenths / 10, tenths % 10)
}

/// "09:05:00.042": a time of day.
pub(crate) fn time([hours, minutes, seconds, milliseconds]: [u32; 4]) -> String {
    format!("{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}")
}

/// "00 ff", or the beginning of it and an ellipsis.
pub(crate) fn hexadecimal(bytes: &[u8], at_most: usize) -> String {
    let mut text = String::with_capacity(3 * bytes.len().min(at_most));
    for byte in bytes.iter().take(at_most) {
        let gap = if text.is_empty() { "" } else { " " };
        // A string takes everything.
        let _ = write!(text, "{gap}{byte:02x}");
    }
    if bytes.len() > at_most {
        text.push_str(" …");
    }
    text
}

/// A hash, which is written without gaps.
pub(crate) fn hash(bytes: &[u8]) -> String {
    hexadecimal(bytes, bytes.len()).replace(' ', "")
}

/// A text, or the beginning of it and an ellipsis.
pub(crate) fn preview(text: &str, at_most: usize) -> String {
    match text.char_indices().nth(at_most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The bytes that somebody has typed: pairs of hexadecimal digits; gaps and commas are allowed between them, and `0x` before.
pub(crate) fn bytes(typed: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for word in typed.split([' ', ',', ':']).filter(|word| !word.is_empty()) {
        let digits = word.strip_prefix("0x").unwrap_or(word);
        if let Some(strange) = digits.chars().find(|digit| !digit.is_ascii_hexdigit()) {
            return Err(format!("“{strange}” is no hexadecimal digit: write bytes like 00 2a ff"));
        }
        if digits.len() % 2 == 1 {
            return Err(format!("“{word}” is half a byte too long: each byte has two digits"));
        }
        let digit = |position: usize| digits[position..=position].chars().next()?.to_digit(16);
        let pairs = (0..digits.len()).step_by(2);
        bytes.extend(pairs.filter_map(|first| Some((digit(first)? * 16 + digit(first + 1)?) as u8)));
    }
    Ok(bytes)
}

/// The error and what caused it, in one line.
pub(crate) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let causes = iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn with_unit(number: u64, base: u64, units: [&str; 5]) -> String {
    let mut divisor: u64 = 1;
    let mut unit = 0;
    while number / divisor >= base && unit + 1 < units.len() {
        divisor *= base;
        unit += 1;
    }
    if unit == 0 {
        return format!("{number} {}", units[0]);
    }
    let tenths = u128::from(number) * 10 / u128::from(divisor);
    format!("{}.{} {}", tenths / 10, tenths % 10, units[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_one_decimal_above_bytes() {
        let shown = [0, 1023, 1024, 1023 << 10, 32 << 20, u64::MAX].map(size);
        assert_eq!(shown, ["0 B", "1023 B", "1.0 KiB", "1023.0 KiB", "32.0 MiB", "16777215.9 TiB"]);
        assert_eq!([999, 1000, 84_560_000].map(bit_rate), ["999 bit/s", "1.0 kbit/s", "84.5 Mbit/s"]);
        assert_eq!([0, 849, 12_000].map(milliseconds), ["0.0 ms", "0.8 ms", "12.0 ms"]);
    }

    #[test]
    fn what_is_long_is_cut_between_characters() {
        assert_eq!(preview("äöü", 3), "äöü");
        assert_eq!(preview("äöü", 2), "äö…");
        assert_eq!(hexadecimal(&[0, 255], 2), "00 ff");
        assert_eq!(hexadecimal(&[0, 255, 1], 2), "00 ff …");
        assert_eq!(hash(&[0, 255]), "00ff");
    }

    #[test]
    fn bytes_are_typed_in_any_usual_way() {
        for typed in ["00 2a ff", "002AFF", "0x00, 0x2a, 0xff", "00:2a:ff", "  002a  ff "] {
            assert_eq!(bytes(typed), Ok(vec![0, 0x2a, 0xff]), "{typed:?}");
        }
        assert_eq!(bytes(""), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_byte_is_named() {
        assert!(bytes("00 zz").unwrap_err().contains("“z”"));
        assert!(bytes("00 é").unwrap_err().contains("“é”"));
        assert!(bytes("123").unwrap_err().contains("“123”"));
    }

    #[test]
    fn times_have_all_digits() {
        assert_eq!(time([9, 5, 0, 42]), "09:05:00.042");
    }
}
