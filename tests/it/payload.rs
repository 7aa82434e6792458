//! What can be sent, and what a message shows of itself.

use bytes::Bytes;
use websocket_anywhere::{Message, MessageWebSocket, Part, Payload, SocketMessageType, Text};

use crate::support::{message_socket, soon, test};

async fn echo<'a>(socket: &mut MessageWebSocket, payload: impl Into<Payload<'a>>) -> Message {
    socket.send(payload).await.unwrap();
    soon(socket.receive()).await.unwrap().unwrap()
}

#[test]
async fn whatever_holds_text_is_sent_as_text() {
    let mut socket = message_socket("/echo").await.unwrap();
    let message = Message::from("grüße");
    let string = String::from("grüße");
    assert_eq!(echo(&mut socket, "grüße").await, message);
    assert_eq!(echo(&mut socket, &string).await, message);
    assert_eq!(echo(&mut socket, string).await, message);
    assert_eq!(echo(&mut socket, Text::from("grüße")).await, message);
    assert_eq!(echo(&mut socket, &message).await, message);
    assert_eq!(echo(&mut socket, message.clone()).await, message);
    assert_eq!(echo(&mut socket, Payload::Str("grüße")).await, message);
}

#[test]
async fn whatever_holds_bytes_is_sent_as_binary() {
    let mut socket = message_socket("/echo").await.unwrap();
    // Also valid UTF-8: the type decides, not the content.
    let array = *b"abc";
    let message = Message::from(array);
    let vec = array.to_vec();
    assert_eq!(echo(&mut socket, array).await, message);
    assert_eq!(echo(&mut socket, &array).await, message);
    assert_eq!(echo(&mut socket, &array[..]).await, message);
    assert_eq!(echo(&mut socket, &vec).await, message);
    assert_eq!(echo(&mut socket, vec).await, message);
    assert_eq!(echo(&mut socket, Bytes::from_static(b"abc")).await, message);
    assert_eq!(echo(&mut socket, &message).await, message);
    assert_eq!(echo(&mut socket, message.clone()).await, message);
    assert_eq!(echo(&mut socket, Payload::Slice(b"abc")).await, message);
}

#[test]
async fn messages_tell_text_from_binary() {
    let text = Message::from(String::from("abc"));
    let binary = Message::from(vec![97, 98, 99]);
    assert_ne!(text, binary);
    assert_eq!((text.as_text(), binary.as_text()), (Some("abc"), None));
    assert_eq!((text.as_bytes(), binary.as_bytes()), (&b"abc"[..], &b"abc"[..]));
    assert_eq!(text.clone().into_bytes(), binary.clone().into_bytes());
    assert_eq!(text, Message::Text("abc".into()));
    assert_eq!(binary, Message::Binary(Bytes::from_static(b"abc")));
    let (text, binary) = (Payload::from(&text), Payload::from(&binary));
    assert_eq!((text.as_text(), binary.as_text()), (Some("abc"), None));
    assert_eq!(text.as_bytes(), binary.as_bytes());
}

#[test]
async fn text_is_utf_8_and_reads_like_a_str() {
    let text = Text::try_from(Bytes::from_static("grüße".as_bytes())).unwrap();
    assert_eq!((text.as_str(), text.len(), &text[..2]), ("grüße", 7, "gr"));
    assert!(text == "grüße" && text == *"grüße" && text == Text::from(String::from("grüße")));
    assert_eq!((format!("{text}"), format!("{text:?}")), ("grüße".into(), "\"grüße\"".into()));
    assert_eq!(text.clone().into_bytes(), "grüße");
    assert_eq!(Text::default(), "");
    for bad in [&b"\xff"[..], b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf"] {
        assert!(Text::try_from(Bytes::from_static(bad)).is_err(), "{bad:x?}");
    }
}

#[test]
async fn a_received_message_shares_its_memory() {
    let mut socket = message_socket("/text?body=shared").await.unwrap();
    let message = soon(socket.receive()).await.unwrap().unwrap();
    let start = message.as_bytes().as_ptr();
    assert_eq!(message.clone().as_bytes().as_ptr(), start);
    assert_eq!(message.into_bytes().as_ptr(), start);
}

/// Messages, parts of them and what is sent say the same of themselves.
#[test]
async fn messages_parts_and_payloads_have_the_same_accessors() {
    for message in [Message::from("gr\u{fc}n"), Message::from(vec![0, 255])] {
        let part = Part::from(message.clone());
        let payload = Payload::from(&message);
        let is_text = message.message_type() == SocketMessageType::Utf8;
        assert_eq!((message.as_text().is_some(), message.as_text()), (is_text, part.as_text()));
        assert_eq!(payload.as_text(), part.as_text());
        assert_eq!([part.message_type(), payload.message_type()], [message.message_type(); 2]);
        assert_eq!([part.as_bytes(), payload.as_bytes()], [message.as_bytes(); 2]);
        assert_eq!(part.clone().into_bytes(), message.clone().into_bytes());
        let (owned, own) = (part.clone().into_owned(), message.clone().into_owned());
        assert_eq!((&owned, own), (&part, message));
        assert_ne!(owned.bytes.as_ptr(), part.bytes.as_ptr(), "it has memory of its own");
    }
}
