//! Whole messages: every type and length, their order, and when they leave.

use futures::{SinkExt, StreamExt};
use websocket_anywhere::{CloseCode, ErrorKind, Message, MessageWebSocket};

use crate::support::{message_socket, report, soon, test, unique_id, wire::pattern, yield_now};

async fn assert_echo(socket: &mut MessageWebSocket, message: Message) {
    socket.send(&message).await.unwrap();
    let echo = soon(socket.receive()).await.unwrap().unwrap();
    assert!(echo == message, "a message of {} bytes came back changed", message.as_bytes().len());
}

#[test]
async fn text_and_binary_come_back_as_they_were() {
    let mut socket = message_socket("/echo").await.unwrap();
    for message in [
        Message::from("Hello, World!"),
        Message::from(&[0, 1, 2, 253, 254, 255]),
        Message::from(""),
        Message::from(&[]),
        Message::from("\0 \u{7f} \u{80} \u{7ff} \u{800} \u{ffff} \u{10000} \u{10ffff} 👩‍👩‍👧‍👦 \r\n"),
    ] {
        assert_echo(&mut socket, message).await;
    }
}

#[test]
async fn messages_of_every_form_of_the_length_come_back() {
    let mut socket = message_socket("/echo").await.unwrap();
    for len in [0, 1, 125, 126, 127, 65_535, 65_536, 1 << 20, 16 << 20] {
        assert_echo(&mut socket, pattern(0, len).into()).await;
        // Four bytes a character, so that no length of a chunk fits all of them; the rest is ASCII.
        let text = "x".repeat(len % 4) + &"🦀".repeat(len / 4);
        assert_echo(&mut socket, text.into()).await;
    }
}

#[test]
async fn text_comes_back_wherever_its_characters_take_more_bytes() {
    let mut socket = message_socket("/echo").await.unwrap();
    for len in [383, 384, 385, 70_000] {
        for (head, tail) in [("x", "é"), ("x", "€"), ("x", "🦀"), ("é", "€"), ("€", "x"), ("🦀", "x"), ("🦀", "€")]
        {
            for at in [1, len / 2, len - 1] {
                assert_echo(&mut socket, (head.repeat(at) + &tail.repeat(len - at)).into()).await;
            }
        }
    }
}

#[test]
async fn small_messages_sent_without_waiting_keep_their_order() {
    let mut socket = message_socket("/echo").await.unwrap();
    for number in 0..10_000 {
        socket.send(number.to_string()).await.unwrap();
    }
    for number in 0..10_000 {
        let message = soon(socket.receive()).await.unwrap().unwrap();
        assert_eq!(message.as_text(), Some(&*number.to_string()));
    }
    let information = socket.information();
    assert_eq!((information.sent().messages, information.received().messages), (10_000, 10_000));
    assert_eq!((information.sent().bytes, information.received().bytes), (38_890, 38_890));
}

#[test]
async fn messages_that_are_fed_leave_in_their_order() {
    let (mut sender, mut receiver) = message_socket("/echo").await.unwrap().split();
    let text = String::from("borrowed");
    sender.feed(&text).await.unwrap();
    sender.feed(&[1, 2, 3]).await.unwrap();
    sender.feed(Message::from(vec![4; 70_000])).await.unwrap();
    sender.feed("").await.unwrap();
    sender.flush().await.unwrap();
    assert_eq!(sender.buffered_amount(), 0, "a flush hands over what was fed");
    sender.feed("before").await.unwrap();
    sender.send("behind").await.unwrap();
    sender.feed("by itself").await.unwrap();
    let expected = [
        Message::from(text),
        Message::from(&[1, 2, 3]),
        Message::from(vec![4; 70_000]),
        Message::from(""),
        Message::from("before"),
        Message::from("behind"),
        Message::from("by itself"),
    ];
    for message in &expected {
        assert_eq!(soon(receiver.receive()).await.unwrap().as_ref(), Some(message));
    }
    assert_eq!(receiver.information().sent().messages, expected.len() as u64);
    sender.close(CloseCode::NORMAL, "").await.unwrap();
    assert_eq!(sender.feed("late").await.unwrap_err().kind(), ErrorKind::Closed);
}

#[test]
async fn nothing_is_fed_between_the_parts_of_a_message() {
    let mut socket = message_socket("/echo").await.unwrap();
    socket.send_part("one ", false).await.unwrap();
    assert_eq!(socket.feed("message").await.unwrap_err().kind(), ErrorKind::MessageIncomplete);
    socket.send_part("message", true).await.unwrap();
    socket.feed("another").await.unwrap();
    for text in ["one message", "another"] {
        assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some(text));
    }
}

#[test]
async fn a_burst_leaves_without_a_flush() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/raw?id={id}")).await.unwrap();
    for number in 100..200 {
        socket.send(number.to_string()).await.unwrap();
    }
    let record = report(&id, "frame opcode=1 fin=1 masked=1 len=3 hex=313939").await;
    let payloads: Vec<_> = field(&record, "hex=").collect();
    let sent: Vec<_> = (100..200).map(|number: u8| crate::support::wire::hex(number.to_string().as_bytes())).collect();
    assert_eq!(payloads, sent);
}

#[test]
async fn flush_waits_until_all_is_handed_over() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/sink?id={id}")).await.unwrap();
    socket.flush().await.unwrap();
    socket.send(pattern(0, 8 << 20)).await.unwrap();
    assert!(socket.buffered_amount() > 0, "more than any platform takes at once");
    soon(socket.flush()).await.unwrap();
    assert_eq!(socket.buffered_amount(), 0);
}

#[test]
async fn frames_are_masked_with_keys_that_differ() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/raw?id={id}")).await.unwrap();
    for _ in 0..64 {
        socket.send("same").await.unwrap();
    }
    socket.close(CloseCode::NORMAL, "").await.unwrap();
    let record = report(&id, "close 1000").await;
    let frames = record.lines().filter(|line| line.starts_with("frame"));
    assert!(frames.clone().all(|line| line.contains(" masked=1 ")), "{record}");
    assert_eq!(frames.filter(|line| line.contains(" hex=73616d65 ")).count(), 64, "{record}");
    let mut keys: Vec<_> = field(&record, "key=").collect();
    assert_eq!(keys.len(), 65);
    keys.sort_unstable();
    keys.dedup();
    // Two of 65 random keys are alike once in two million runs.
    assert!(keys.len() >= 64, "{record}");
}

#[test]
async fn try_receive_gives_what_is_there_and_never_waits() {
    let mut socket = message_socket("/echo").await.unwrap();
    assert_eq!(socket.try_receive().unwrap(), None, "nothing was sent");
    socket.send("one").await.unwrap();
    socket.send("two").await.unwrap();
    let mut received = Vec::new();
    soon(async {
        while received.len() < 2 {
            match socket.try_receive().unwrap() {
                Some(message) => received.push(message),
                None => yield_now().await,
            }
        }
    })
    .await;
    assert_eq!(received, [Message::from("one"), Message::from("two")]);
    assert_eq!(socket.try_receive().unwrap(), None);
    socket.close(CloseCode::NORMAL, "").await.unwrap();
    assert_eq!(socket.try_receive().unwrap(), None);
}

#[test]
async fn a_socket_is_a_stream_and_a_sink() {
    let mut socket = message_socket("/echo").await.unwrap();
    let messages: Vec<Message> = (0..100).map(|number| number.to_string().into()).collect();
    let mut source = futures::stream::iter(messages.clone()).map(Ok);
    soon(socket.send_all(&mut source)).await.unwrap();
    let echoes: Vec<Message> = soon(socket.by_ref().take(100).map(Result::unwrap).collect()).await;
    assert_eq!(echoes, messages);

    SinkExt::feed(&mut socket, Message::from("fed")).await.unwrap();
    SinkExt::flush(&mut socket).await.unwrap();
    assert_eq!(soon(socket.next()).await.unwrap().unwrap(), Message::from("fed"));

    soon(SinkExt::close(&mut socket)).await.unwrap();
    let closed = socket.closed().unwrap();
    assert_eq!((closed.code(), closed.was_clean()), (CloseCode::NORMAL, true));
    assert!(soon(socket.next()).await.is_none());
}

#[test]
async fn forward_sends_the_stream_and_closes() {
    let id = unique_id();
    let (sender, mut receiver) = message_socket(&format!("/sink?id={id}")).await.unwrap().split();
    let messages = (0..100_u8).map(|number| Ok(Message::from([number])));
    soon(futures::stream::iter(messages).forward(sender)).await.unwrap();
    assert!(soon(receiver.next()).await.is_none());
    let record = report(&id, "close 1000").await;
    assert!(record.contains("\nsink messages=100 text=0 binary=100 bytes=100 "), "{record}");
}

/// The values of a field in the lines about frames.
fn field<'a>(record: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let frames = record.lines().filter(|line| line.starts_with("frame"));
    frames.flat_map(move |line| line.split(' ').filter_map(move |word| word.strip_prefix(name)))
}
