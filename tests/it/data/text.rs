//! Strings in three encodings.

use websocket_anywhere::{DataReader, DataWriter, UnicodeEncoding};

use super::{assert_no_text, assert_out_of_bounds};
use crate::support::test;

/// Text with characters of 1 to 4 bytes: 10 bytes of UTF-8, 5 units of UTF-16.
const TEXT: &str = "a\u{e9}\u{20ac}\u{1f980}";

const UTF_8: &[u8] = &[0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0xa6, 0x80];
const UTF_16_LE: &[u8] = &[0x61, 0, 0xe9, 0, 0xac, 0x20, 0x3e, 0xd8, 0x80, 0xdd];
const UTF_16_BE: &[u8] = &[0, 0x61, 0, 0xe9, 0x20, 0xac, 0xd8, 0x3e, 0xdd, 0x80];

const ALL: [(UnicodeEncoding, &[u8], usize); 3] = [
    (UnicodeEncoding::Utf8, UTF_8, 10),
    (UnicodeEncoding::Utf16Le, UTF_16_LE, 5),
    (UnicodeEncoding::Utf16Be, UTF_16_BE, 5),
];

fn reader(bytes: &[u8], encoding: UnicodeEncoding) -> DataReader {
    let mut reader = DataReader::from_buffer(bytes.to_vec());
    reader.set_unicode_encoding(encoding);
    reader
}

#[test]
async fn a_string_is_measured_in_bytes_and_read_in_code_units() {
    for (encoding, bytes, units) in ALL {
        let mut writer = DataWriter::in_memory();
        writer.set_unicode_encoding(encoding);
        assert_eq!(writer.measure_string(TEXT), bytes.len(), "{encoding:?}");
        assert_eq!(writer.write_string(TEXT), bytes.len(), "{encoding:?}");
        assert_eq!(writer.write_string(""), 0);
        assert_eq!(writer.detach_buffer(), bytes, "{encoding:?}");
        let mut reader = reader(bytes, encoding);
        assert_eq!(reader.read_string(0).unwrap(), "");
        assert_eq!(reader.read_string(units).unwrap(), TEXT, "{encoding:?}");
        assert_eq!(reader.unconsumed_buffer_length(), 0);
    }
}

#[test]
async fn the_order_of_numbers_is_not_that_of_strings() {
    let mut writer = DataWriter::in_memory();
    writer.set_byte_order(websocket_anywhere::ByteOrder::LittleEndian);
    writer.set_unicode_encoding(UnicodeEncoding::Utf16Be);
    writer.write_string("a");
    assert_eq!(writer.detach_buffer(), [0, 0x61][..]);
}

#[test]
async fn a_string_that_is_cut_in_a_character_is_refused_and_consumes_nothing() {
    for cut in [2, 4, 5, 7, 8, 9] {
        let mut reader = reader(UTF_8, UnicodeEncoding::Utf8);
        assert_no_text(reader.read_string(cut));
        assert_eq!(reader.read_string(10).unwrap(), TEXT);
    }
    for (encoding, bytes) in [(UnicodeEncoding::Utf16Le, UTF_16_LE), (UnicodeEncoding::Utf16Be, UTF_16_BE)] {
        let mut reader = reader(bytes, encoding);
        assert_no_text(reader.read_string(4));
        assert_eq!(reader.read_string(5).unwrap(), TEXT);
    }
}

#[test]
async fn bytes_that_are_no_text_are_refused() {
    for bytes in [&b"\xff"[..], b"a\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"] {
        let mut reader = reader(bytes, UnicodeEncoding::Utf8);
        assert_no_text(reader.read_string(bytes.len()));
        assert_eq!(reader.detach_buffer(), bytes);
    }
    // A second half of a pair alone, and two first halves.
    assert_no_text(reader(&[0xdd, 0x80], UnicodeEncoding::Utf16Be).read_string(1));
    assert_no_text(reader(&[0xd8, 0x3e, 0xd8, 0x3e], UnicodeEncoding::Utf16Be).read_string(2));
}

#[test]
async fn a_byte_order_mark_is_a_character() {
    assert_eq!(reader(b"\xef\xbb\xbfa", UnicodeEncoding::Utf8).read_string(4).unwrap(), "\u{feff}a");
    assert_eq!(reader(&[0xff, 0xfe, 0x61, 0], UnicodeEncoding::Utf16Le).read_string(2).unwrap(), "\u{feff}a");
}

#[test]
async fn more_code_units_than_are_loaded_are_out_of_bounds() {
    for (encoding, bytes, units) in ALL {
        for count in [units + 1, usize::MAX, usize::MAX / 2 + 1] {
            let mut reader = reader(bytes, encoding);
            assert_out_of_bounds(reader.read_string(count));
            assert_eq!(reader.unconsumed_buffer_length(), bytes.len());
        }
        // Half a unit is none.
        let odd = bytes.len() - 1;
        if units == 5 {
            assert_out_of_bounds(reader(&bytes[..odd], encoding).read_string(5));
        }
    }
}
