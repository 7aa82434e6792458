//! Headers that the program adds to the request.

use tokio::io::duplex;
use websocket_anywhere::{Control, ErrorKind, HResult, MessageWebSocket, StreamWebSocket, WebErrorStatus};

use super::memory_pipe::{URL, accept, assert_error};
use crate::support::{lines, message_socket_with, peer, report, soon, unique_id};

#[tokio::test]
async fn headers_are_sent_in_order_with_their_values_as_they_are() {
    let id = unique_id();
    let control = Control::new()
        .request_header("Authorization", "Bearer 0123456789")
        .request_header("Cookie", "a=1; b=\"2\"")
        .request_header("Origin", "https://example.com")
        .request_header("X-Empty", "")
        .request_header("X-Odd!#$%&'*+-.^_`|~", "tab\there, \u{fc}ml\u{e4}ut, :;,\"")
        .request_header("X-Twice", "first")
        .request_header("x-twice", "second");
    let socket = message_socket_with(&format!("/raw?id={id}"), control).await.unwrap();
    let record = report(&id, "open").await;
    for line in [
        "Authorization: Bearer 0123456789",
        "Cookie: a=1; b=\"2\"",
        "Origin: https://example.com",
        "X-Empty: ",
        "X-Odd!#$%&'*+-.^_`|~: tab\there, \u{fc}ml\u{e4}ut, :;,\"",
    ] {
        assert_eq!(lines(&record, &format!("request {line}")), [format!("request {line}")], "{record}");
    }
    let twice = record.lines().filter(|line| line.to_ascii_lowercase().starts_with("request x-twice"));
    assert_eq!(twice.collect::<Vec<_>>(), ["request X-Twice: first", "request x-twice: second"]);
    drop(socket);
}

#[tokio::test]
async fn the_library_names_itself_unless_the_program_does_otherwise() {
    let ours = concat!("User-Agent: websocket-anywhere/", env!("CARGO_PKG_VERSION"));
    for (control, expected) in [
        (Control::new(), &[ours][..]),
        (Control::new().request_header("user-agent", "mine/1"), &["user-agent: mine/1"]),
        (
            Control::new().request_header("User-Agent", "a").request_header("User-Agent", "b"),
            &["User-Agent: a", "User-Agent: b"],
        ),
        (Control::new().request_header("USER-AGENT", ""), &[]),
    ] {
        let (client, mut server) = duplex(10_000);
        let (socket, head) = tokio::join!(MessageWebSocket::handshake(client, URL, control), accept(&mut server, ""));
        socket.unwrap();
        let sent = head.lines().filter(|line| line.to_ascii_lowercase().starts_with("user-agent:"));
        assert_eq!(sent.collect::<Vec<_>>(), expected);
    }
}

#[tokio::test]
async fn headers_that_would_make_another_request_are_refused() {
    let own = [
        "Host",
        "connection",
        "UPGRADE",
        "Sec-WebSocket-Key",
        "sec-websocket-version",
        "Sec-WebSocket-Extensions",
        "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Accept",
        "Sec-WebSocket-New",
        "Content-Length",
        "Transfer-Encoding",
        "TE",
        "Trailer",
        "Expect",
        "Keep-Alive",
    ];
    for name in own {
        refuse(name, "value", name).await;
    }
    for name in ["", " ", "a b", "a:b", "a\r\nb", "\u{e9}", "a\0", "(a)"] {
        refuse(name, "value", &format!("{name:?}")).await;
    }
    for value in ["a\r\nX: y", "a\n", "\ra", "a\0b", "\x7f", "\x1b", " a", "a\t"] {
        refuse("X-Name", value, "X-Name").await;
    }
}

#[tokio::test]
async fn credentials_that_cannot_be_told_apart_are_refused() {
    for (user, password) in [("a:b", "c"), ("a\n", "c"), ("a", "c\0")] {
        let control = Control::new().server_credential(user, password);
        let error = message_socket_with("/echo", control).await.unwrap_err();
        assert_error(&error, ErrorKind::InvalidArgument, HResult::E_INVALIDARG, WebErrorStatus::Unknown);
    }
    let control = Control::new().server_credential("a", "b").request_header("authorization", "Basic YTpi");
    let error = message_socket_with("/echo", control).await.unwrap_err();
    assert_error(&error, ErrorKind::InvalidArgument, HResult::E_INVALIDARG, WebErrorStatus::Unknown);
    assert!(error.to_string().contains("server_credential"), "{error}");
}

#[tokio::test]
async fn credentials_in_the_url_and_in_the_settings_exclude_each_other() {
    let url = peer("/echo").replace("ws://", "ws://a:b@");
    for control in
        [Control::new().server_credential("a", "b"), Control::new().request_header("Authorization", "Basic YTpi")]
    {
        let error = soon(MessageWebSocket::connect_with(&url, control)).await.unwrap_err();
        assert_error(&error, ErrorKind::InvalidArgument, HResult::E_INVALIDARG, WebErrorStatus::Unknown);
    }
    for (user_info, kind) in [("a%3ab:c", ErrorKind::InvalidArgument), ("%ff:c", ErrorKind::InvalidUrl)] {
        let url = peer("/echo").replace("ws://", &format!("ws://{user_info}@"));
        let error = soon(MessageWebSocket::connect(&url)).await.unwrap_err();
        assert_error(&error, kind, HResult::E_INVALIDARG, WebErrorStatus::Unknown);
    }
}

#[tokio::test]
async fn more_headers_than_fit_are_refused() {
    let control = (0..40_000).fold(Control::new(), |control, n| control.request_header(format!("X-{n}"), "1"));
    let error = message_socket_with("/echo", control).await.unwrap_err();
    assert_error(&error, ErrorKind::InvalidArgument, HResult::E_INVALIDARG, WebErrorStatus::Unknown);
    let control = Control::new().request_header("X", "1".repeat(300_000));
    let error = message_socket_with("/echo", control).await.unwrap_err();
    assert_error(&error, ErrorKind::InvalidArgument, HResult::E_INVALIDARG, WebErrorStatus::Unknown);
}

/// Nothing is sent, and the error names what is wrong, but not the value, which may be a secret.
async fn refuse(name: &str, value: &str, named: &str) {
    let id = unique_id();
    let control = Control::new().request_header(name, value);
    let url = peer(&format!("/echo?id={id}"));
    let error = soon(MessageWebSocket::connect_with(&url, control.clone())).await.unwrap_err();
    assert_error(&error, ErrorKind::InvalidArgument, HResult::E_INVALIDARG, WebErrorStatus::Unknown);
    assert!(error.to_string().contains(named), "{name:?}: {error}");
    assert!(!error.to_string().contains(&format!("{value:?}")), "{error}");
    let error = soon(StreamWebSocket::connect_with(&url, control)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}
