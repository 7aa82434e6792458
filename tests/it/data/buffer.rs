//! Readers and writers without a stream.

use bytes::Bytes;
use websocket_anywhere::{DataReader, DataWriter, Message};

use super::assert_out_of_bounds;
use crate::support::test;

#[test]
async fn a_detached_buffer_leaves_an_empty_one() {
    let mut writer = DataWriter::in_memory();
    writer.write_string("first");
    assert_eq!(writer.detach_buffer(), "first");
    assert_eq!(writer.unstored_buffer_length(), 0);
    writer.write_string("second");
    assert_eq!(writer.detach_buffer(), "second");

    let mut reader = DataReader::from_buffer("abcdef");
    assert_eq!(reader.read_buffer(2).unwrap(), "ab");
    assert_eq!(reader.detach_buffer(), "cdef");
    assert_eq!(reader.unconsumed_buffer_length(), 0);
    assert_out_of_bounds(reader.read_byte());
}

#[test]
async fn a_failed_read_consumes_nothing() {
    let mut reader = DataReader::from_buffer("abc");
    assert_out_of_bounds(reader.read_uint32());
    assert_out_of_bounds(reader.read_int64());
    assert_out_of_bounds(reader.read_guid());
    assert_out_of_bounds(reader.read_bytes(&mut [0; 4]));
    assert_out_of_bounds(reader.read_buffer(4));
    assert_out_of_bounds(reader.read_string(4));
    assert_eq!(reader.unconsumed_buffer_length(), 3);
    assert_eq!(reader.read_string(3).unwrap(), "abc");
    reader.read_bytes(&mut []).unwrap();
    assert_eq!(reader.read_buffer(0).unwrap(), "");
}

#[test]
async fn a_buffer_is_read_without_a_copy() {
    let bytes = Bytes::from(vec![7; 100]);
    let mut reader = DataReader::from_buffer(bytes.clone());
    assert_eq!(reader.read_buffer(60).unwrap().as_ptr(), bytes.as_ptr());
    assert_eq!(reader.detach_buffer().as_ptr(), bytes[60..].as_ptr());
}

#[test]
async fn a_message_is_read_as_often_as_one_likes() {
    for message in [Message::from("Hello, World!"), Message::from(b"Hello, World!")] {
        for _ in 0..2 {
            let mut reader = message.get_data_reader();
            assert_eq!(reader.unconsumed_buffer_length(), 13);
            assert_eq!(reader.read_string(reader.unconsumed_buffer_length()).unwrap(), "Hello, World!");
        }
    }
    assert_eq!(Message::from("").get_data_reader().unconsumed_buffer_length(), 0);
}
