//! A `DataReader` on a `StreamWebSocket`: how much a load loads.

use futures::AsyncReadExt;
use websocket_anywhere::{DataReader, ErrorKind, InputStreamOptions};

use super::{assert_closed, assert_out_of_bounds};
use crate::support::{
    BROWSER, impatiently, lines, poll_once, report, soon, stream_socket, test, unique_id,
    wire::{BINARY, CLOSE, PING, frame, script},
    yield_now,
};

/// Messages `abc`, `defg` and `h`; then the peer closes.
fn three_messages() -> String {
    let frames = [
        frame(true, BINARY, b"abc"),
        frame(true, BINARY, b"defg"),
        frame(true, BINARY, b"h"),
        frame(true, CLOSE, b"\x03\xe8"),
    ];
    script(&frames.concat(), "mode=glued&then=closed")
}

#[test]
async fn a_load_waits_for_all_and_takes_no_more() {
    let mut stream = stream_socket(&three_messages()).await.unwrap();
    let mut reader = DataReader::new(stream.input_stream());
    assert_eq!(soon(reader.load(5)).await.unwrap(), 5);
    assert_eq!(reader.unconsumed_buffer_length(), 5);
    // Behind what is unread.
    assert_eq!(soon(reader.load(2)).await.unwrap(), 2);
    assert_eq!(reader.read_string(7).unwrap(), "abcdefg");
    assert_out_of_bounds(reader.read_byte());
    assert_eq!(soon(reader.load(0)).await.unwrap(), 0);
    // The end: less than was asked for, then nothing.
    assert_eq!(soon(reader.load(100)).await.unwrap(), 1);
    assert_eq!(soon(reader.load(100)).await.unwrap(), 0);
    assert_eq!(reader.read_string(1).unwrap(), "h");
}

#[test]
async fn values_are_read_across_loads() {
    let mut stream = stream_socket(&three_messages()).await.unwrap();
    let mut reader = DataReader::new(stream.input_stream());
    for loaded in 1..=5 {
        assert_eq!(soon(reader.load(1)).await.unwrap(), 1);
        assert_eq!(reader.unconsumed_buffer_length(), loaded);
    }
    assert_eq!(reader.read_byte().unwrap(), b'a');
    assert_eq!(reader.read_uint32().unwrap(), u32::from_be_bytes(*b"bcde"));
    // Two bytes in the one piece, and one in the next.
    assert_eq!(soon(reader.load(2)).await.unwrap(), 2);
    assert_eq!(soon(reader.load(1)).await.unwrap(), 1);
    assert_eq!(reader.read_string(3).unwrap(), "fgh");
}

#[test]
async fn a_partial_load_is_complete_with_the_first_bytes() {
    let mut stream = stream_socket(&three_messages()).await.unwrap();
    let mut reader = DataReader::new(stream.input_stream());
    reader.set_input_stream_options(InputStreamOptions::Partial);
    assert_eq!(soon(reader.load(2)).await.unwrap(), 2);
    let mut all = reader.read_string(2).unwrap();
    while let loaded @ 1.. = soon(reader.load(256)).await.unwrap() {
        assert!(loaded <= 6 && loaded == reader.unconsumed_buffer_length());
        all += &reader.read_string(loaded).unwrap();
    }
    assert_eq!(all, "abcdefgh");
}

#[test]
async fn a_partial_load_does_not_wait_for_more() {
    let mut stream = stream_socket(&script(&frame(true, BINARY, b"ab"), "then=hold")).await.unwrap();
    let mut reader = DataReader::new(stream.input_stream());
    reader.set_input_stream_options(InputStreamOptions::Partial);
    assert_eq!(soon(reader.load(256)).await.unwrap(), 2);
    reader.set_input_stream_options(InputStreamOptions::None);
    assert!(poll_once(reader.load(1)).is_pending());
    assert_eq!(reader.read_string(2).unwrap(), "ab");
}

#[test]
async fn reading_ahead_loads_what_is_there() {
    let mut stream = stream_socket(&three_messages()).await.unwrap();
    let mut reader = DataReader::new(stream.input_stream());
    reader.set_input_stream_options(InputStreamOptions::ReadAhead);
    // The rest of the message that the last byte is in.
    let loaded = soon(reader.load(4)).await.unwrap();
    assert!((4..=8).contains(&loaded) && (!BROWSER || loaded == 7), "{loaded}");
    assert_eq!(reader.unconsumed_buffer_length(), loaded);
    assert_eq!(soon(reader.load(usize::MAX)).await.unwrap(), 8 - loaded);
    assert_eq!(reader.detach_buffer(), "abcdefgh");
}

#[test]
async fn a_load_that_is_dropped_loses_nothing() {
    let frames: Vec<u8> = (0..100_u8).flat_map(|byte| frame(true, BINARY, &[byte])).collect();
    let mut stream = stream_socket(&script(&frames, "mode=bytes")).await.unwrap();
    let mut reader = DataReader::new(stream.input_stream());
    impatiently(async || {
        let missing = 100 - reader.unconsumed_buffer_length();
        reader.load(missing).await.unwrap()
    })
    .await;
    assert_eq!(reader.detach_buffer(), (0..100).collect::<Vec<u8>>());
}

#[test]
async fn what_was_loaded_before_an_error_can_be_read() {
    let frames = [frame(true, BINARY, b"ok"), frame(true, CLOSE, b"\x0f\xa1")];
    let mut stream = stream_socket(&script(&frames.concat(), "then=closed")).await.unwrap();
    let mut reader = DataReader::new(stream.input_stream());
    let error = soon(reader.load(10)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ClosedByPeer);
    assert_eq!(u16::from(error.close().unwrap().code()), 4001);
    assert_eq!(u16::from(reader.get_ref().closed().unwrap().code()), 4001);
    assert_eq!(reader.read_string(2).unwrap(), "ok");
    assert_eq!(soon(reader.load(1)).await.unwrap(), 0);
}

#[test]
async fn what_was_not_read_is_unread_again_when_the_stream_is_detached() {
    for ahead in [InputStreamOptions::None, InputStreamOptions::ReadAhead] {
        let mut stream = stream_socket(&three_messages()).await.unwrap();
        let mut reader = DataReader::new(stream.input_stream());
        reader.set_input_stream_options(ahead);
        soon(reader.load(5)).await.unwrap();
        assert_eq!(reader.read_byte().unwrap(), b'a');
        reader.detach_stream();
        let mut rest = String::new();
        soon(stream.read_to_string(&mut rest)).await.unwrap();
        assert_eq!(rest, "bcdefgh");
    }
}

#[test]
async fn a_detached_buffer_does_not_go_back_into_the_stream() {
    let (input, _output) = stream_socket(&three_messages()).await.unwrap().split();
    let mut reader = DataReader::new(input);
    soon(reader.load(5)).await.unwrap();
    assert_eq!(reader.detach_buffer(), "abcde");
    let mut input = reader.detach_stream();
    let mut rest = String::new();
    soon(input.read_to_string(&mut rest)).await.unwrap();
    assert_eq!(rest, "fgh");
}

#[test]
async fn a_stream_whose_reader_was_dropped_still_answers_pings_and_sees_the_close() {
    let id = unique_id();
    let frames = [frame(true, BINARY, &[7; 1000]), frame(true, PING, b"?"), frame(true, CLOSE, b"\x0f\xa1")];
    let path = script(&frames.concat(), &format!("then=closed&id={id}"));
    let mut stream = stream_socket(&path).await.unwrap();
    drop(DataReader::new(stream.input_stream()));
    let record = report(&id, "close").await;
    assert!(record.contains("\nframe opcode=10 fin=1 masked=1 len=1 hex=3f"), "{record}");
    assert_eq!(lines(&record, "close"), ["close 4001"]);
    soon(async {
        while stream.closed().is_none() {
            yield_now().await;
        }
    })
    .await;
    assert_eq!(u16::from(stream.closed().unwrap().code()), 4001);
    assert_closed(soon(stream.read_chunk()).await);
}

#[test]
async fn a_reader_that_is_dropped_closes_the_way_in_and_nothing_else() {
    let mut stream = stream_socket("/echo").await.unwrap();
    drop(DataReader::new(stream.input_stream()));
    assert_closed(soon(stream.read_chunk()).await);
    assert_closed(soon(DataReader::new(stream.input_stream()).load(1)).await);
    let error = soon(AsyncReadExt::read(&mut stream, &mut [0])).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
    let mut writer = websocket_anywhere::DataWriter::new(stream.output_stream());
    writer.write_byte(1);
    soon(writer.flush()).await.unwrap();
    writer.detach_stream();
    assert!(soon(stream.close(1000, "")).await.unwrap().was_clean());
}
