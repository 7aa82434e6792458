//! A `DataWriter` on a `StreamWebSocket`: bytes, in messages of at most 64 KiB.

use futures::AsyncWriteExt;
use websocket_anywhere::{Control, DataReader, DataWriter, ErrorKind, SocketMessageType, StreamWebSocket};

use super::assert_closed;
use crate::support::{lines, peer, report, soon, spawn, stream_socket, test, unique_id, wire::pattern};

#[test]
async fn values_go_out_and_come_back() {
    let (input, output) = stream_socket("/echo").await.unwrap().split();
    let mut writer = DataWriter::new(output);
    writer.write_uint32(writer.measure_string("gr\u{fc}n") as u32);
    writer.write_string("gr\u{fc}n");
    writer.write_double(0.5);
    assert_eq!(soon(writer.store()).await.unwrap(), 4 + 5 + 8);
    let mut reader = DataReader::new(input);
    assert_eq!(soon(reader.load(4)).await.unwrap(), 4);
    let length = reader.read_uint32().unwrap() as usize;
    assert_eq!(soon(reader.load(length + 8)).await.unwrap(), 13);
    assert_eq!(reader.read_string(length).unwrap(), "gr\u{fc}n");
    assert_eq!(reader.read_double().unwrap(), 0.5);
    let mut stream = writer.detach_stream().reunite(reader.detach_stream()).unwrap();
    assert!(soon(stream.close(1000, "")).await.unwrap().was_clean());
}

#[test]
async fn an_empty_store_sends_nothing() {
    let id = unique_id();
    let mut stream = stream_socket(&format!("/raw?id={id}")).await.unwrap();
    let mut writer = DataWriter::new(stream.output_stream());
    assert_eq!(soon(writer.store()).await.unwrap(), 0);
    soon(writer.flush()).await.unwrap();
    writer.write_byte(1);
    soon(writer.flush()).await.unwrap();
    assert_eq!(writer.detach_stream().buffered_amount(), 0);
    soon(stream.close(1000, "")).await.unwrap();
    let record = report(&id, "end").await;
    assert_eq!(lines(&record, "frame opcode=2").len(), 1, "{record}");
}

#[test]
async fn a_large_store_comes_back_whole() {
    const LEN: usize = 3 << 20;
    let (input, output) = stream_socket("/echo").await.unwrap().split();
    let writing = spawn(async move {
        let mut writer = DataWriter::new(output);
        writer.write_bytes(&pattern(0, LEN));
        assert_eq!(writer.store().await.unwrap(), LEN);
        writer.detach_stream()
    });
    let mut reader = DataReader::new(input);
    assert_eq!(soon(reader.load(LEN)).await.unwrap(), LEN);
    assert!(reader.read_buffer(LEN).unwrap() == pattern(0, LEN));
    writing.await.reunite(reader.detach_stream()).unwrap();
}

#[test]
async fn a_writer_that_is_dropped_closes_the_way_out_and_nothing_else() {
    let mut stream = stream_socket("/binary?size=3").await.unwrap();
    drop(DataWriter::new(stream.output_stream()));
    let error = soon(AsyncWriteExt::write(&mut stream, b"late")).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
    assert_closed(soon(stream.flush()).await);
    let mut writer = DataWriter::new(stream.output_stream());
    writer.write_byte(1);
    assert_closed(soon(writer.store()).await);
    writer.detach_stream();
    assert_eq!(soon(stream.read_chunk()).await.unwrap().unwrap(), [0, 1, 2][..]);
    assert!(soon(stream.close(1000, "")).await.unwrap().was_clean());
}

#[test]
async fn a_stream_refuses_to_send_text() {
    let control = Control::new().message_type(SocketMessageType::Utf8);
    let error = soon(StreamWebSocket::connect_with(&peer("/echo"), control)).await.unwrap_err();
    assert_eq!((error.kind(), error.hresult().code()), (ErrorKind::InvalidArgument, 0x8007_0057), "{error:?}");
}
