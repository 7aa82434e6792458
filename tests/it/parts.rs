//! Messages in parts: how they are cut, what a target can tell, and that nothing mixes.

use futures::{FutureExt, SinkExt, StreamExt, channel::mpsc::unbounded};
use websocket_anywhere::{
    CloseCode, Control, ErrorKind, Event, HResult, Message, MessageWebSocket, Part, ReceiveMode, SocketMessageType,
};

use crate::support::{
    BROWSER, lines, message_socket, message_socket_with, report, soon, test, unique_id,
    wire::{BINARY, CONTINUATION, TEXT, frame, pattern, script},
    yield_now,
};

fn partial() -> Control {
    Control::new().receive_mode(ReceiveMode::Partial)
}

async fn next(socket: &mut MessageWebSocket) -> Part {
    soon(socket.receive_part()).await.unwrap().unwrap()
}

/// All parts of one message; only the last may be empty.
async fn parts_of_one(socket: &mut MessageWebSocket) -> Vec<Part> {
    let mut parts = Vec::new();
    loop {
        let part = next(socket).await;
        let is_last = part.is_message_complete;
        assert!(is_last || !part.bytes.is_empty());
        parts.push(part);
        if is_last {
            return parts;
        }
    }
}

#[test]
async fn a_text_is_cut_between_characters_only() {
    let text = "aé日🦀".repeat(20);
    let half = text.len() / 2 + 1;
    let bytes = [frame(false, TEXT, &text.as_bytes()[..half]), frame(true, CONTINUATION, &text.as_bytes()[half..])];
    let path = script(&bytes.concat(), "mode=bytes");
    let mut socket = message_socket_with(&path, partial()).await.unwrap();
    let parts = parts_of_one(&mut socket).await;
    assert_eq!(parts.iter().map(|part| part.as_text().unwrap()).collect::<String>(), text);
    assert!(parts.iter().all(|part| part.kind == SocketMessageType::Utf8));
    // Even where the bytes arrive together, the two frames are two parts; a browser puts them together.
    assert!(if BROWSER { parts.len() == 1 } else { parts.len() >= 2 }, "{}", parts.len());
}

#[test]
async fn every_cut_of_a_text_moves_to_the_end_of_a_character() {
    let text = "aé日🦀";
    for cut in 0..=text.len() {
        let bytes = [frame(false, TEXT, &text.as_bytes()[..cut]), frame(true, CONTINUATION, &text.as_bytes()[cut..])];
        let mut socket = message_socket_with(&script(&bytes.concat(), ""), partial()).await.unwrap();
        let parts = parts_of_one(&mut socket).await;
        let texts: Vec<&str> = parts.iter().map(|part| part.as_text().unwrap()).collect();
        assert_eq!(texts.concat(), text, "{cut}");
        let whole = (0..=cut).rev().find(|cut| text.is_char_boundary(*cut)).unwrap();
        let expected: &[&str] = if BROWSER || whole == 0 { &[text] } else { &[&text[..whole], &text[whole..]] };
        assert_eq!(texts, expected, "{cut}");
    }
}

#[test]
async fn a_part_arrives_before_its_message_is_complete() {
    let id = unique_id();
    let bytes = &frame(true, BINARY, &[1, 2, 3, 4, 5])[..5];
    let mut socket = message_socket_with(&script(bytes, &format!("id={id}")), partial()).await.unwrap();
    if BROWSER {
        // A browser delivers nothing of it.
        return assert!(socket.receive_part().now_or_never().is_none());
    }
    let mut received = Vec::new();
    while received.len() < 3 {
        let part = next(&mut socket).await;
        assert_eq!((part.kind, part.is_message_complete), (SocketMessageType::Binary, false));
        assert_eq!(part.as_text(), None);
        received.extend_from_slice(&part.bytes);
    }
    assert_eq!(received, [1, 2, 3]);
}

#[test]
async fn a_message_far_over_all_buffers_is_received_in_small_parts() {
    let len = 8 << 20;
    let path = format!("/big-frame?bytes={len}&fragments=3");
    let mut socket = message_socket_with(&path, partial().max_message_size(None)).await.unwrap();
    let mut received = 0;
    for part in parts_of_one(&mut socket).await {
        assert!(BROWSER || part.bytes.len() <= 64 << 10, "{}", part.bytes.len());
        assert!(part.bytes == pattern(received, part.bytes.len()), "after {received} bytes");
        received += part.bytes.len();
    }
    assert_eq!(received, len);
    assert_eq!(socket.information().received().messages, 1);
}

#[test]
async fn an_empty_message_is_one_empty_part_and_empty_fragments_are_none() {
    let bytes = [
        frame(true, TEXT, b""),
        frame(false, BINARY, b""),
        frame(false, CONTINUATION, b""),
        frame(true, CONTINUATION, b"x"),
        frame(false, BINARY, b"y"),
        frame(true, CONTINUATION, b""),
    ];
    let mut socket = message_socket_with(&script(&bytes.concat(), "then=close"), partial()).await.unwrap();
    for expected in [&[""][..], &["x"], if BROWSER { &["y"] } else { &["y", ""] }] {
        let parts = parts_of_one(&mut socket).await;
        let parts: Vec<&[u8]> = parts.iter().map(|part| &*part.bytes).collect();
        assert_eq!(parts, expected.iter().map(|part| part.as_bytes()).collect::<Vec<_>>());
    }
    assert_eq!(soon(socket.receive_part()).await.unwrap(), None);
    assert_eq!(soon(socket.receive_part()).await.unwrap(), None);
    assert_eq!(socket.closed().unwrap().code(), CloseCode::NORMAL);
}

#[test]
async fn in_full_mode_each_part_is_a_message() {
    let bytes = [frame(false, TEXT, b"one "), frame(true, CONTINUATION, b"two"), frame(true, BINARY, b"three")];
    let mut socket = message_socket(&script(&bytes.concat(), "mode=bytes")).await.unwrap();
    let part = next(&mut socket).await;
    assert_eq!((part.as_text(), part.is_message_complete), (Some("one two"), true));
    let part = next(&mut socket).await;
    assert_eq!((part.kind, &part.bytes[..]), (SocketMessageType::Binary, &b"three"[..]));
}

#[test]
async fn a_whole_message_cannot_be_received_inside_of_one() {
    let bytes = [frame(false, TEXT, b"a"), frame(true, CONTINUATION, b"b"), frame(true, TEXT, b"c")];
    let mut socket = message_socket_with(&script(&bytes.concat(), ""), partial()).await.unwrap();
    let mut text = String::new();
    loop {
        let part = next(&mut socket).await;
        text.push_str(part.as_text().unwrap());
        if part.is_message_complete {
            break;
        }
        let error = soon(socket.receive()).await.unwrap_err();
        assert_eq!((error.kind(), error.hresult()), (ErrorKind::MessageIncomplete, HResult::E_ILLEGAL_METHOD_CALL));
        assert_eq!(socket.try_receive().unwrap_err().kind(), ErrorKind::MessageIncomplete);
        assert_eq!(soon(socket.next()).await.unwrap().unwrap_err().kind(), ErrorKind::MessageIncomplete);
    }
    assert_eq!(text, "ab", "nothing was lost");
    assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from("c")));
}

#[test]
async fn whole_messages_are_put_together_in_partial_mode() {
    let bytes = [frame(false, TEXT, b"one "), frame(true, CONTINUATION, b"two"), frame(true, BINARY, b"three")];
    let path = script(&bytes.concat(), "mode=bytes&then=close");
    let mut socket = message_socket_with(&path, partial()).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from("one two")));
    assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from(b"three")));
    let (events, received) = unbounded();
    let socket = message_socket_with(&path, partial()).await.unwrap();
    let _sender = socket.listen(move |event| drop(events.unbounded_send(event)));
    let events: Vec<Event> = soon(received.collect()).await;
    let messages: Vec<&Message> = events.iter().filter_map(message_of).collect();
    assert_eq!(messages, [&Message::from("one two"), &Message::from(b"three")]);
}

fn message_of(event: &Event) -> Option<&Message> {
    if let Event::MessageReceived(message) = event { Some(message) } else { None }
}

#[test]
async fn what_a_dropped_receive_had_put_together_is_the_next_part() {
    let id = unique_id();
    let bytes = frame(false, TEXT, "ab\u{e9}".as_bytes());
    let path = script(&bytes[..bytes.len() - 1], &format!("id={id}&then=hold"));
    let mut socket = message_socket_with(&path, partial()).await.unwrap();
    if BROWSER {
        return;
    }
    // The bytes are there once the counter has them.
    while socket.information().received().bytes < 3 {
        assert!(socket.receive().now_or_never().is_none());
        yield_now().await;
    }
    let part = next(&mut socket).await;
    assert_eq!((part.as_text(), part.is_message_complete), (Some("ab"), false));
}

#[test]
async fn the_limit_of_a_message_holds_for_its_parts_together() {
    let bytes = [frame(false, BINARY, b"123"), frame(true, CONTINUATION, b"456")];
    let control = partial().max_message_size(Some(5));
    let mut socket = message_socket_with(&script(&bytes.concat(), ""), control).await.unwrap();
    if !BROWSER {
        assert_eq!(next(&mut socket).await.bytes, "123");
    }
    assert_eq!(soon(socket.receive_part()).await.unwrap_err().kind(), ErrorKind::MessageTooBig);
    assert_eq!(soon(socket.receive_part()).await.unwrap(), None);
}

#[test]
async fn parts_that_are_sent_arrive_as_one_message() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/raw?id={id}")).await.unwrap();
    soon(socket.send_part("a\u{e9}", false)).await.unwrap();
    soon(socket.send_part("", false)).await.unwrap();
    soon(socket.send_part("z", true)).await.unwrap();
    soon(socket.send_part(&[7], true)).await.unwrap();
    soon(socket.send("whole")).await.unwrap();
    let sent = socket.information().sent();
    assert_eq!((sent.messages, sent.bytes), (3, 4 + 1 + 5));
    soon(socket.close(CloseCode::NORMAL, "")).await.unwrap();
    let record = report(&id, "end").await;
    let frames: Vec<&str> = lines(&record, "frame").iter().map(|line| line.split(" key=").next().unwrap()).collect();
    let parts = [
        "frame opcode=1 fin=0 masked=1 len=3 hex=61c3a9",
        "frame opcode=0 fin=0 masked=1 len=0 hex=",
        "frame opcode=0 fin=1 masked=1 len=1 hex=7a",
    ];
    let parts = if BROWSER { &["frame opcode=1 fin=1 masked=1 len=4 hex=61c3a97a"][..] } else { &parts };
    assert_eq!(frames[..parts.len()], *parts, "{record}");
    let rest = ["frame opcode=2 fin=1 masked=1 len=1 hex=07", "frame opcode=1 fin=1 masked=1 len=5 hex=77686f6c65"];
    assert_eq!(frames[parts.len()..][..2], rest, "{record}");
}

#[test]
async fn a_large_message_in_parts_comes_back_whole() {
    let mut socket = message_socket("/echo").await.unwrap();
    let all = pattern(0, 1 << 20);
    for (index, part) in all.chunks(100_000).enumerate() {
        soon(socket.send_part(part, index == 10)).await.unwrap();
    }
    let echo = soon(socket.receive()).await.unwrap().unwrap();
    assert!(echo.as_bytes() == all);
}

#[test]
async fn a_whole_message_inside_of_parts_is_refused_and_not_sent() {
    let mut socket = message_socket("/echo").await.unwrap();
    soon(socket.send_part("one ", false)).await.unwrap();
    let error = soon(socket.send("inside")).await.unwrap_err();
    assert_eq!((error.kind(), error.hresult()), (ErrorKind::MessageIncomplete, HResult::E_ILLEGAL_METHOD_CALL));
    let error = SinkExt::send(&mut socket, Message::from("inside")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MessageIncomplete);
    let error = soon(socket.send_part(b"bytes", false)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    // A socket taken apart and put together goes on.
    let (sender, receiver) = socket.split();
    let mut socket = sender.reunite(receiver).unwrap();
    soon(socket.send_part("two", true)).await.unwrap();
    soon(socket.send("after")).await.unwrap();
    for expected in ["one two", "after"] {
        assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from(expected)));
    }
}

#[test]
async fn a_close_inside_of_a_message_in_parts_is_fine() {
    let mut socket = message_socket("/echo").await.unwrap();
    soon(socket.send_part("never ended", false)).await.unwrap();
    assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
    assert_eq!(soon(socket.send_part("late", true)).await.unwrap_err().kind(), ErrorKind::Closed);
}

#[test]
async fn what_a_browser_keeps_of_a_message_in_parts_is_bounded() {
    let mut socket = message_socket("/echo").await.unwrap();
    let part = vec![0; 40 << 20];
    soon(socket.send_part(&part, false)).await.unwrap();
    let second = soon(socket.send_part(&part, false)).await;
    if BROWSER {
        assert_eq!(second.unwrap_err().kind(), ErrorKind::InvalidArgument);
        assert_eq!(socket.buffered_amount(), part.len());
    } else {
        second.unwrap();
    }
}
