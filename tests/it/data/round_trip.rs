//! What is written is read, whatever it is and however the bytes are cut on the way.

use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestRunner},
};
use uuid::Uuid;
use websocket_anywhere::{ByteOrder, DataReader, DataWriter, DateTime, Error, TimeSpan, UnicodeEncoding};

use crate::support::test;

/// A value of any type.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Boolean(bool),
    Byte(u8),
    Bytes(Vec<u8>),
    DateTime(i64),
    Double(u64),
    Guid(u128),
    Int16(i16),
    Int32(i32),
    Int64(i64),
    Single(u32),
    String(String),
    TimeSpan(i64),
    UInt16(u16),
    UInt32(u32),
    UInt64(u64),
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::Boolean),
        any::<u8>().prop_map(Value::Byte),
        vec(any::<u8>(), 0..50).prop_map(Value::Bytes),
        any::<i64>().prop_map(Value::DateTime),
        any::<u64>().prop_map(Value::Double),
        any::<u128>().prop_map(Value::Guid),
        any::<i16>().prop_map(Value::Int16),
        any::<i32>().prop_map(Value::Int32),
        any::<i64>().prop_map(Value::Int64),
        any::<u32>().prop_map(Value::Single),
        vec(any::<char>(), 0..20).prop_map(|characters| Value::String(characters.into_iter().collect())),
        any::<i64>().prop_map(Value::TimeSpan),
        any::<u16>().prop_map(Value::UInt16),
        any::<u32>().prop_map(Value::UInt32),
        any::<u64>().prop_map(Value::UInt64),
    ]
}

fn settings() -> impl Strategy<Value = (ByteOrder, UnicodeEncoding)> {
    let orders = prop_oneof![Just(ByteOrder::BigEndian), Just(ByteOrder::LittleEndian)];
    let encodings =
        prop_oneof![Just(UnicodeEncoding::Utf8), Just(UnicodeEncoding::Utf16Le), Just(UnicodeEncoding::Utf16Be)];
    (orders, encodings)
}

fn write(writer: &mut DataWriter, value: &Value) {
    match value {
        Value::Boolean(value) => writer.write_boolean(*value),
        Value::Byte(value) => writer.write_byte(*value),
        Value::Bytes(value) => writer.write_bytes(value),
        Value::DateTime(universal_time) => writer.write_date_time(DateTime { universal_time: *universal_time }),
        Value::Double(bits) => writer.write_double(f64::from_bits(*bits)),
        Value::Guid(value) => writer.write_guid(Uuid::from_u128(*value)),
        Value::Int16(value) => writer.write_int16(*value),
        Value::Int32(value) => writer.write_int32(*value),
        Value::Int64(value) => writer.write_int64(*value),
        Value::Single(bits) => writer.write_single(f32::from_bits(*bits)),
        Value::String(value) => assert_eq!(writer.write_string(value), writer.measure_string(value)),
        Value::TimeSpan(duration) => writer.write_time_span(TimeSpan { duration: *duration }),
        Value::UInt16(value) => writer.write_uint16(*value),
        Value::UInt32(value) => writer.write_uint32(*value),
        Value::UInt64(value) => writer.write_uint64(*value),
    }
}

/// Reads a value of the type of `like`.
fn read(reader: &mut DataReader, like: &Value) -> Result<Value, Error> {
    Ok(match like {
        Value::Boolean(_) => Value::Boolean(reader.read_boolean()?),
        Value::Byte(_) => Value::Byte(reader.read_byte()?),
        Value::Bytes(value) => Value::Bytes(reader.read_buffer(value.len())?.to_vec()),
        Value::DateTime(_) => Value::DateTime(reader.read_date_time()?.universal_time),
        Value::Double(_) => Value::Double(reader.read_double()?.to_bits()),
        Value::Guid(_) => Value::Guid(reader.read_guid()?.as_u128()),
        Value::Int16(_) => Value::Int16(reader.read_int16()?),
        Value::Int32(_) => Value::Int32(reader.read_int32()?),
        Value::Int64(_) => Value::Int64(reader.read_int64()?),
        Value::Single(_) => Value::Single(reader.read_single()?.to_bits()),
        Value::String(value) => {
            let units = match reader.unicode_encoding() {
                UnicodeEncoding::Utf8 => value.len(),
                UnicodeEncoding::Utf16Le | UnicodeEncoding::Utf16Be => value.encode_utf16().count(),
            };
            Value::String(reader.read_string(units)?)
        }
        Value::TimeSpan(_) => Value::TimeSpan(reader.read_time_span()?.duration),
        Value::UInt16(_) => Value::UInt16(reader.read_uint16()?),
        Value::UInt32(_) => Value::UInt32(reader.read_uint32()?),
        Value::UInt64(_) => Value::UInt64(reader.read_uint64()?),
    })
}

/// Writes the values, each with its own settings.
fn encode(values: &[((ByteOrder, UnicodeEncoding), Value)]) -> Vec<u8> {
    let mut writer = DataWriter::in_memory();
    for ((order, encoding), value) in values {
        writer.set_byte_order(*order);
        writer.set_unicode_encoding(*encoding);
        write(&mut writer, value);
    }
    writer.detach_buffer().to_vec()
}

/// Runs a property with the same values each time: a failure can be repeated, and no entropy is needed.
fn check<S: Strategy>(strategy: &S, property: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { failure_persistence: None, ..Config::with_cases(CASES) };
    let rng = proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, rng).run(strategy, property).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
async fn what_is_written_is_read() {
    check(&vec((settings(), value()), 0..20), |values| {
        let mut reader = DataReader::from_buffer(encode(&values));
        for ((order, encoding), value) in &values {
            reader.set_byte_order(*order);
            reader.set_unicode_encoding(*encoding);
            prop_assert_eq!(&read(&mut reader, value).unwrap(), value);
        }
        prop_assert_eq!(reader.unconsumed_buffer_length(), 0);
        Ok(())
    });
}

#[test]
async fn what_is_cut_short_is_refused_and_stays() {
    check(&((settings(), value()), any::<prop::sample::Index>()), |(with_settings, cut)| {
        let bytes = encode(std::slice::from_ref(&with_settings));
        let ((order, encoding), value) = with_settings;
        if bytes.is_empty() {
            return Ok(());
        }
        let short = bytes[..cut.index(bytes.len())].to_vec();
        let mut reader = DataReader::from_buffer(short.clone());
        reader.set_byte_order(order);
        reader.set_unicode_encoding(encoding);
        prop_assert!(read(&mut reader, &value).is_err());
        prop_assert_eq!(reader.detach_buffer(), short);
        Ok(())
    });
}

const CASES: u32 = 1_000;
