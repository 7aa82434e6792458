//! Subprotocols: what is offered, what is chosen, and what happens if the two do not agree (RFC 6455 section 1.9).

use websocket_anywhere::{Control, Error, ErrorKind, HResult, StreamWebSocket, WebErrorStatus};

use crate::support::{BROWSER, message_socket, message_socket_with, peer, report, soon, test, unique_id};

#[test]
async fn subprotocols_are_offered_in_order() {
    let id = unique_id();
    let control = Control::new().supported_protocol("mqtt").supported_protocols(["v2.chat", "v1.chat"]);
    let socket = message_socket_with(&format!("/protocol?id={id}&answer=v2.chat"), control).await.unwrap();
    assert_eq!(socket.information().protocol(), Some("v2.chat"));
    let record = report(&id, "open").await;
    let offers: Vec<_> = record
        .lines()
        .filter(|line| line.to_ascii_lowercase().starts_with("request sec-websocket-protocol:"))
        .collect();
    assert_eq!(offers.len(), 1, "{record}");
    assert!(offers[0].ends_with(": mqtt, v2.chat, v1.chat"), "{offers:?}");
}

#[test]
async fn without_subprotocols_none_is_offered() {
    let mut socket = message_socket("/request").await.unwrap();
    let head = soon(socket.receive()).await.unwrap().unwrap();
    let head = head.as_text().unwrap().to_ascii_lowercase();
    assert!(head.starts_with("get /request http/1.1\n"), "{head}");
    assert!(!head.contains("sec-websocket-protocol"), "{head}");
    for header in ["upgrade: websocket", "sec-websocket-version: 13", "sec-websocket-key: ", "host: 127.0.0.1:"] {
        assert!(head.contains(&format!("\n{header}")), "no {header:?} in {head}");
    }
    assert_eq!(socket.information().protocol(), None);
}

#[test]
async fn each_of_the_offered_subprotocols_may_be_chosen() {
    for chosen in ["first", "second", "third"] {
        let control = Control::new().supported_protocols(["first", "second", "third"]);
        let socket = message_socket_with(&format!("/protocol?answer={chosen}"), control).await.unwrap();
        assert_eq!(socket.information().protocol(), Some(chosen));
    }
}

#[test]
async fn a_server_that_chooses_no_subprotocol_though_some_were_offered_is_refused() {
    let control = Control::new().supported_protocol("chat");
    for path in ["/echo", "/protocol?answer="] {
        assert_refused(&message_socket_with(path, control.clone()).await.unwrap_err());
        drop(message_socket("/echo").await.unwrap());
    }
    let error = soon(StreamWebSocket::connect_with(&peer("/echo"), control)).await.unwrap_err();
    assert_refused(&error);
}

#[test]
async fn a_server_that_chooses_a_subprotocol_that_was_not_offered_is_refused() {
    // Subprotocols are compared as they are written, and there is one answer.
    for answer in ["other", "Chat", "chat, other", "chat,chat", "chat&answer=chat", "chat&answer=other"] {
        let control = Control::new().supported_protocols(["chat", "superchat"]);
        let path = format!("/protocol?answer={answer}").replace(' ', "%20");
        let error = message_socket_with(&path, control).await.err().unwrap_or_else(|| panic!("{answer}"));
        assert_refused(&error);
        // A browser makes the next attempt wait after a failure, unless one succeeds in between.
        drop(message_socket("/echo").await.unwrap());
    }
}

#[test]
async fn a_server_that_chooses_a_subprotocol_though_none_was_offered_is_refused() {
    match message_socket("/protocol?answer=chat").await {
        Err(error) => assert_refused(&error),
        // Firefox overlooks the header.
        Ok(socket) => assert!(BROWSER && socket.information().protocol().is_none()),
    }
}

#[test]
async fn a_refused_server_is_left() {
    let id = unique_id();
    let control = Control::new().supported_protocol("chat");
    message_socket_with(&format!("/echo?id={id}"), control).await.unwrap_err();
    report(&id, "end").await;
}

/// A browser tells no reason for a failure to connect; the error is the same everywhere.
#[track_caller]
fn assert_refused(error: &Error) {
    let expected = (ErrorKind::CannotConnect, HResult::WININET_E_CANNOT_CONNECT, WebErrorStatus::CannotConnect);
    assert_eq!((error.kind(), error.hresult(), error.status()), expected, "{error:?}");
    assert!(BROWSER || error.to_string().contains("subprotocol"), "{error}");
}
