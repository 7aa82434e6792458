//! A `DataWriter` on a `MessageWebSocket`: one store is one message.

use futures::SinkExt;
use websocket_anywhere::{
    Control, DataWriter, ErrorKind, Message, MessageWebSocket, SocketMessageType, UnicodeEncoding,
};

use super::{assert_closed, assert_no_text};
use crate::support::{
    BROWSER, lines, message_socket, message_socket_with, poll_once, pressure, report, soon, test, unique_id, wire::hex,
};

/// The frames that the peer of `id` saw before the Close.
async fn frames(mut socket: MessageWebSocket, id: &str) -> Vec<String> {
    soon(socket.close(1000, "")).await.unwrap();
    let record = report(id, "end").await;
    let frames = lines(&record, "frame").into_iter().filter(|frame| !frame.starts_with("frame opcode=8"));
    frames.map(str::to_owned).collect()
}

#[track_caller]
fn assert_frame(frame: &str, opcode: u8, payload: &[u8]) {
    let expected = format!("frame opcode={opcode} fin=1 masked=1 len={} hex={}", payload.len(), hex(payload));
    assert!(frame.starts_with(&expected), "{frame}\nis not\n{expected}");
}

#[test]
async fn each_store_is_one_message_of_the_current_type() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/raw?id={id}")).await.unwrap();
    assert_eq!(socket.message_type(), SocketMessageType::Binary);
    let mut writer = DataWriter::new(socket.output_stream());
    writer.write_uint16(7);
    writer.write_string("sieben");
    assert_eq!(writer.unstored_buffer_length(), 8);
    assert_eq!(soon(writer.store()).await.unwrap(), 8);
    assert_eq!(writer.unstored_buffer_length(), 0);
    writer.get_mut().set_message_type(SocketMessageType::Utf8);
    writer.write_string("gr\u{fc}n");
    assert_eq!(soon(writer.store()).await.unwrap(), 5);
    writer.detach_stream();
    assert_eq!(socket.message_type(), SocketMessageType::Utf8);
    socket.set_message_type(SocketMessageType::Binary);
    let mut writer = DataWriter::new(socket.output_stream());
    writer.write_string("gr\u{fc}n");
    soon(writer.store()).await.unwrap();
    writer.detach_stream();
    let frames = frames(socket, &id).await;
    assert_eq!(frames.len(), 3, "{frames:?}");
    assert_frame(&frames[0], 2, b"\0\x07sieben");
    assert_frame(&frames[1], 1, "gr\u{fc}n".as_bytes());
    assert_frame(&frames[2], 2, "gr\u{fc}n".as_bytes());
}

#[test]
async fn an_empty_store_is_an_empty_message() {
    let id = unique_id();
    let control = Control::new().message_type(SocketMessageType::Utf8);
    let mut socket = message_socket_with(&format!("/raw?id={id}"), control).await.unwrap();
    assert_eq!(socket.message_type(), SocketMessageType::Utf8);
    let mut writer = DataWriter::new(socket.output_stream());
    assert_eq!(soon(writer.store()).await.unwrap(), 0);
    writer.detach_stream();
    let frames = frames(socket, &id).await;
    assert_eq!(frames.len(), 1);
    assert_frame(&frames[0], 1, b"");
}

#[test]
async fn a_flush_stores_what_was_written_and_nothing_else() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/raw?id={id}")).await.unwrap();
    let mut writer = DataWriter::new(socket.output_stream());
    soon(writer.flush()).await.unwrap();
    writer.write_bytes(b"once");
    soon(writer.flush()).await.unwrap();
    assert_eq!((writer.unstored_buffer_length(), writer.get_ref().buffered_amount()), (0, 0));
    soon(writer.flush()).await.unwrap();
    writer.detach_stream();
    let frames = frames(socket, &id).await;
    assert_eq!(frames.len(), 1, "{frames:?}");
    assert_frame(&frames[0], 2, b"once");
}

#[test]
async fn text_that_is_not_utf_8_is_not_sent() {
    let id = unique_id();
    let control = Control::new().message_type(SocketMessageType::Utf8);
    let mut socket = message_socket_with(&format!("/raw?id={id}"), control).await.unwrap();
    let mut writer = DataWriter::new(socket.output_stream());
    writer.write_bytes(b"caf\xe9");
    assert_no_text(soon(writer.store()).await);
    assert_no_text(soon(writer.flush()).await);
    // Nothing is lost: it can be taken, or sent as what it is.
    assert_eq!(writer.unstored_buffer_length(), 4);
    writer.get_mut().set_message_type(SocketMessageType::Binary);
    soon(writer.store()).await.unwrap();
    writer.get_mut().set_message_type(SocketMessageType::Utf8);
    writer.set_unicode_encoding(UnicodeEncoding::Utf16Be);
    writer.write_string("\u{20ac}");
    assert_no_text(soon(writer.store()).await);
    assert_eq!(writer.detach_buffer(), [0x20, 0xac][..]);
    writer.detach_stream();
    let frames = frames(socket, &id).await;
    assert_eq!(frames.len(), 1, "{frames:?}");
    assert_frame(&frames[0], 2, b"caf\xe9");
}

#[test]
async fn after_detaching_the_socket_sends_as_before() {
    let mut socket = message_socket("/echo").await.unwrap();
    let mut writer = DataWriter::new(socket.output_stream());
    writer.write_string("unstored");
    writer.detach_stream();
    soon(socket.send("as before")).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from("as before")));
}

#[test]
async fn a_writer_that_is_dropped_closes_the_way_out_and_nothing_else() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/text?body=still+here&id={id}")).await.unwrap();
    drop(DataWriter::new(socket.output_stream()));
    assert_closed(soon(socket.send("late")).await);
    assert_closed(soon(socket.flush()).await);
    assert_closed(soon(SinkExt::send(&mut socket, Message::from("late"))).await);
    let mut writer = DataWriter::new(socket.output_stream());
    writer.write_byte(1);
    assert_closed(soon(writer.store()).await);
    assert_closed(soon(writer.flush()).await);
    assert_eq!(writer.detach_buffer(), [1][..]);
    writer.detach_stream();
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("still here"));
    assert!(soon(socket.close(3000, "closing works")).await.unwrap().was_clean());
    assert_eq!(lines(&report(&id, "end").await, "close"), ["close 3000 closing works"]);
}

#[test]
async fn a_store_in_the_middle_of_a_message_in_parts_sends_nothing() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/raw?id={id}")).await.unwrap();
    soon(socket.send_part(&[1], false)).await.unwrap();
    let mut writer = DataWriter::new(socket.output_stream());
    writer.write_byte(7);
    assert_eq!(soon(writer.store()).await.unwrap_err().kind(), ErrorKind::MessageIncomplete);
    soon(writer.get_mut().send_part(&[2], true)).await.unwrap();
    soon(writer.store()).await.unwrap();
    drop(writer);
    assert_closed(soon(socket.send_part(&[3], true)).await);
    let payloads = frames(socket, &id).await;
    assert_frame(payloads.last().unwrap(), 2, &[7]);
    assert!(payloads[0].contains("opcode=2") && payloads.len() == if BROWSER { 2 } else { 3 }, "{payloads:?}");
}

#[test]
async fn a_writer_that_owns_its_half_takes_it_away() {
    let id = unique_id();
    let (sender, mut receiver) = message_socket(&format!("/text?body=still+here&id={id}")).await.unwrap().split();
    drop(DataWriter::new(sender));
    assert_eq!(soon(receiver.receive()).await.unwrap().unwrap().as_text(), Some("still here"));
    drop(receiver);
    assert_eq!(lines(&report(&id, "close").await, "close"), ["close empty"]);
}

#[test]
async fn a_closed_socket_keeps_what_could_not_be_stored() {
    let mut socket = message_socket("/raw").await.unwrap();
    soon(socket.close(1000, "")).await.unwrap();
    let mut writer = DataWriter::new(socket.output_stream());
    writer.write_string("late");
    assert_eq!(soon(writer.store()).await.unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(writer.detach_buffer(), "late");
}

#[test]
async fn a_store_that_waits_and_is_dropped_has_sent_nothing() {
    let id = unique_id();
    let control = Control::new().outbound_buffer_size(SMALL);
    let socket = message_socket_with(&format!("/slow-reader?id={id}"), control).await.unwrap();
    let (mut sender, receiver) = socket.split();
    let filler = vec![7; 64 << 10];
    let accepted = pressure::fill(&mut sender, &filler, SMALL).await;
    let mut writer = DataWriter::new(sender);
    writer.write_bytes(b"the last");
    for _ in 0..3 {
        assert!(poll_once(writer.store()).is_pending());
        assert_eq!(writer.unstored_buffer_length(), 8);
    }
    pressure::release(&id).await;
    assert_eq!(soon(writer.store()).await.unwrap(), 8);
    let mut socket = writer.detach_stream().reunite(receiver).unwrap();
    soon(socket.close(1000, "")).await.unwrap();
    let messages = std::iter::repeat_n(&filler[..], accepted).chain([&b"the last"[..]]);
    pressure::assert_sunk(&id, messages).await;
}

const SMALL: usize = 64 << 10;
