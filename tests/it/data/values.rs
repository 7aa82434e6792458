//! Values and their exact bytes, in both orders.

use uuid::{Uuid, uuid};
use websocket_anywhere::{ByteOrder, DataReader, DataWriter, DateTime, Error, TimeSpan};

use super::assert_out_of_bounds;
use crate::support::test;

/// Writes `value` in both orders, compares the bytes, reads it back, and reads it from too few bytes.
#[track_caller]
fn check<T: PartialEq + Copy + std::fmt::Debug>(
    value: T,
    write: impl Fn(&mut DataWriter, T),
    read: impl Fn(&mut DataReader) -> Result<T, Error>,
    big_endian: &[u8],
    little_endian: &[u8],
) {
    for (order, bytes) in [(ByteOrder::BigEndian, big_endian), (ByteOrder::LittleEndian, little_endian)] {
        let mut writer = DataWriter::in_memory();
        writer.set_byte_order(order);
        write(&mut writer, value);
        assert_eq!(writer.unstored_buffer_length(), bytes.len());
        assert_eq!(writer.detach_buffer(), bytes, "{value:?} in {order:?}");
        let mut reader = DataReader::from_buffer(bytes.to_vec());
        reader.set_byte_order(order);
        assert_eq!(read(&mut reader).unwrap(), value, "{order:?}");
        assert_eq!(reader.unconsumed_buffer_length(), 0);
        let mut short = DataReader::from_buffer(bytes[1..].to_vec());
        assert_out_of_bounds(read(&mut short));
        assert_eq!(short.detach_buffer(), bytes[1..], "nothing is consumed");
    }
}

fn reversed(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().rev().copied().collect()
}

/// A number: the one order is the other backwards.
macro_rules! check_number {
    ($value:expr, $write:ident, $read:ident, $big_endian:expr) => {
        check($value, DataWriter::$write, DataReader::$read, &$big_endian, &reversed(&$big_endian))
    };
}

#[test]
async fn bytes_and_booleans_are_one_byte() {
    check_number!(0xab, write_byte, read_byte, [0xab]);
    check_number!(true, write_boolean, read_boolean, [1]);
    check_number!(false, write_boolean, read_boolean, [0]);
}

#[test]
async fn every_byte_but_zero_is_true() {
    for byte in 0..=255 {
        assert_eq!(DataReader::from_buffer(vec![byte]).read_boolean().unwrap(), byte != 0);
    }
}

#[test]
async fn integers_are_big_endian_unless_told_otherwise() {
    check_number!(0x0102, write_int16, read_int16, [1, 2]);
    check_number!(-2, write_int16, read_int16, [0xff, 0xfe]);
    check_number!(0xfedc, write_uint16, read_uint16, [0xfe, 0xdc]);
    check_number!(0x0102_0304, write_int32, read_int32, [1, 2, 3, 4]);
    check_number!(i32::MIN, write_int32, read_int32, [0x80, 0, 0, 0]);
    check_number!(0xfedc_ba98, write_uint32, read_uint32, [0xfe, 0xdc, 0xba, 0x98]);
    check_number!(0x0102_0304_0506_0708, write_int64, read_int64, [1, 2, 3, 4, 5, 6, 7, 8]);
    check_number!(-2, write_int64, read_int64, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]);
    check_number!(u64::MAX - 1, write_uint64, read_uint64, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]);
}

#[test]
async fn floats_are_ieee_754() {
    check_number!(1.0, write_single, read_single, [0x3f, 0x80, 0, 0]);
    check_number!(-0.15625, write_single, read_single, [0xbe, 0x20, 0, 0]);
    check_number!(f32::NEG_INFINITY, write_single, read_single, [0xff, 0x80, 0, 0]);
    check_number!(1.5, write_double, read_double, [0x3f, 0xf8, 0, 0, 0, 0, 0, 0]);
    check_number!(f64::MIN_POSITIVE, write_double, read_double, [0, 0x10, 0, 0, 0, 0, 0, 0]);
}

#[test]
async fn the_last_part_of_a_guid_is_reversed_in_big_endian() {
    let guid = uuid!("661f4a60-4ada-463e-938a-ce91bfcf4ea3");
    let big = [0x66, 0x1f, 0x4a, 0x60, 0x4a, 0xda, 0x46, 0x3e, 0xa3, 0x4e, 0xcf, 0xbf, 0x91, 0xce, 0x8a, 0x93];
    let little = [0x60, 0x4a, 0x1f, 0x66, 0xda, 0x4a, 0x3e, 0x46, 0x93, 0x8a, 0xce, 0x91, 0xbf, 0xcf, 0x4e, 0xa3];
    check(guid, DataWriter::write_guid, DataReader::read_guid, &big, &little);
    check(Uuid::nil(), DataWriter::write_guid, DataReader::read_guid, &[0; 16], &[0; 16]);
}

#[test]
async fn times_are_64_bit_numbers_of_100_ns() {
    // 2026-11-23 00:00 UTC.
    let time = DateTime { universal_time: 134_398_656_000_000_000 };
    let bytes = 134_398_656_000_000_000_i64.to_be_bytes();
    check_number!(time, write_date_time, read_date_time, bytes);
    check_number!(DateTime { universal_time: -1 }, write_date_time, read_date_time, [0xff; 8]);
    check_number!(
        TimeSpan { duration: 10_000_000 },
        write_time_span,
        read_time_span,
        [0, 0, 0, 0, 0, 0x98, 0x96, 0x80]
    );
    check_number!(TimeSpan { duration: i64::MIN }, write_time_span, read_time_span, [0x80, 0, 0, 0, 0, 0, 0, 0]);
}

#[test]
async fn bytes_and_buffers_know_no_order() {
    let mut writer = DataWriter::default();
    writer.set_byte_order(ByteOrder::LittleEndian);
    writer.write_bytes(&[1, 2, 3]);
    writer.write_buffer(vec![4, 5]);
    writer.write_buffer_range([0, 6, 7, 0], 1, 2).unwrap();
    let bytes = writer.detach_buffer();
    assert_eq!(bytes, [1, 2, 3, 4, 5, 6, 7][..]);
    let mut reader = DataReader::from_buffer(bytes);
    reader.set_byte_order(ByteOrder::LittleEndian);
    let mut three = [0; 3];
    reader.read_bytes(&mut three).unwrap();
    assert_eq!((three, reader.read_buffer(4).unwrap()), ([1, 2, 3], bytes::Bytes::from_static(&[4, 5, 6, 7])));
}

#[test]
async fn a_range_outside_of_the_buffer_writes_nothing() {
    let mut writer = DataWriter::in_memory();
    for (start, count) in [(0, 4), (3, 1), (4, 0), (1, usize::MAX), (usize::MAX, 1)] {
        assert_out_of_bounds(writer.write_buffer_range("abc", start, count));
    }
    writer.write_buffer_range("abc", 3, 0).unwrap();
    assert_eq!(writer.unstored_buffer_length(), 0);
}

#[test]
async fn the_numbers_of_the_enums_are_those_of_uwp() {
    use websocket_anywhere::{InputStreamOptions, SocketMessageType, UnicodeEncoding};
    assert_eq!((ByteOrder::LittleEndian as i32, ByteOrder::BigEndian as i32), (0, 1));
    assert_eq!(
        (UnicodeEncoding::Utf8 as i32, UnicodeEncoding::Utf16Le as i32, UnicodeEncoding::Utf16Be as i32),
        (0, 1, 2)
    );
    let options = [InputStreamOptions::None, InputStreamOptions::Partial, InputStreamOptions::ReadAhead];
    assert_eq!(options.map(|option| option as u32), [0, 1, 2]);
    assert_eq!((SocketMessageType::Binary as i32, SocketMessageType::Utf8 as i32), (0, 1));
}
