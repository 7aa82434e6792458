//! Sending without waiting: what is taken, what is given back, and why.

use std::error::Error as _;

use websocket_anywhere::{Control, ErrorKind, Message, PreparedMessage};

use crate::support::{
    message_socket, message_socket_with, message_socket_without_backpressure, pressure::release, report, soon, test,
    unique_id,
};

#[test]
async fn what_is_taken_arrives_in_order_with_what_is_sent() {
    let mut socket = message_socket("/echo").await.unwrap();
    socket.try_send("one").unwrap();
    soon(socket.send("two")).await.unwrap();
    socket.try_send(vec![3]).unwrap();
    let (mut sender, mut receiver) = socket.split();
    sender.try_send(Message::from("four")).unwrap();
    for expected in [Message::from("one"), "two".into(), vec![3].into(), "four".into()] {
        assert_eq!(soon(receiver.receive()).await.unwrap(), Some(expected));
    }
}

#[test]
async fn a_prepared_message_goes_wherever_a_message_does() {
    let (text, binary) = (PreparedMessage::new("to many"), PreparedMessage::new(vec![7; 20_000]));
    assert!(text == text.clone() && text != binary);
    let mut sockets = [message_socket("/echo").await.unwrap(), message_socket("/echo").await.unwrap()];
    for socket in &mut sockets {
        socket.try_send(&text).unwrap();
        soon(socket.send(&binary)).await.unwrap();
        soon(socket.feed(&text)).await.unwrap();
    }
    for socket in &mut sockets {
        for expected in [&text, &binary, &text] {
            assert_eq!(soon(socket.receive()).await.unwrap().as_ref(), Some(expected.message()));
        }
        soon(socket.close(1000_u16, "")).await.unwrap();
        let error = socket.try_send(&text).unwrap_err();
        assert_eq!((error.error().unwrap().kind(), error.into_message()), (ErrorKind::Closed, text.message().clone()));
    }
}

#[test]
async fn a_socket_that_is_full_gives_the_message_back_and_takes_it_when_there_is_room() {
    let id = unique_id();
    let control = Control::new().outbound_buffer_size(64 * 1024);
    let mut socket = message_socket_with(&format!("/slow-reader?id={id}"), control).await.unwrap();
    let message = Message::from(vec![7; 32 * 1024]);
    let mut taken = 0_u32;
    let full = loop {
        match socket.try_send(message.clone()) {
            Ok(()) => taken += 1,
            Err(full) => break full,
        }
        assert!(taken < 10_000, "{} bytes are unsent", socket.buffered_amount());
    };
    assert!(full.is_full() && full.error().is_none() && full.source().is_none(), "{full:?}");
    assert!(!full.to_string().is_empty() && !format!("{full:?}").contains('7'), "{full:?}");
    // What waits is the buffer and one message, and its header.
    assert!(socket.buffered_amount() <= 64 * 1024 + 32 * 1024 + 1024, "{}", socket.buffered_amount());
    let again = full.into_message();
    assert_eq!(again, message);

    release(&id).await;
    soon(socket.send(again)).await.unwrap();
    soon(socket.flush()).await.unwrap();
    socket.try_send("last").unwrap();
    soon(socket.close(1000_u16, "")).await.unwrap();
    let record = report(&id, "sink").await;
    assert!(record.contains(&format!("messages={}", taken + 2)), "nothing is lost, nothing sent twice: {record}");
}

#[test]
async fn a_message_that_is_longer_than_the_buffer_is_taken_when_nothing_is_unsent() {
    let control = Control::new().outbound_buffer_size(1);
    let mut socket = message_socket_with("/echo", control).await.unwrap();
    soon(socket.flush()).await.unwrap();
    let long = Message::from(vec![7; 300_000]);
    socket.try_send(long.clone()).unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap(), Some(long));
}

#[test]
async fn after_the_end_the_message_comes_back_with_the_reason() {
    let mut socket = message_socket_without_backpressure("/close?code=4000").await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap(), None);
    let error = socket.try_send("late").unwrap_err();
    assert!(!error.is_full());
    assert_eq!(error.error().unwrap().kind(), ErrorKind::Closed);
    assert!(error.source().is_some());
    assert_eq!(error.into_message(), Message::from("late"));
}

#[test]
async fn inside_of_a_message_in_parts_nothing_is_taken() {
    let mut socket = message_socket("/echo").await.unwrap();
    soon(socket.send_part("be", false)).await.unwrap();
    let error = socket.try_send("between").unwrap_err();
    assert_eq!(error.error().unwrap().kind(), ErrorKind::MessageIncomplete);
    soon(socket.send_part("gun", true)).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from("begun")));
}
