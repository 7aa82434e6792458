//! Sockets whose other side is the client: requests, refusals, and the wire in the other direction.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    task::yield_now,
};
use tokio_tungstenite::{
    client_async,
    tungstenite::{self, protocol::Role},
};
use websocket_anywhere::{
    CloseCode, Control, Error, ErrorKind, Message, MessageWebSocket, ServerControl, ServerDecision,
    ServerMessageWebSocket, ServerStreamWebSocket, StreamWebSocket,
};

use super::memory_pipe::{CAPACITY, URL};
use crate::support::{
    soon,
    wire::{BINARY, CLOSE, TEXT, frame, pattern},
};

/// Both sides of a connection, of one crate.
async fn pair(client: Control, server: ServerControl) -> (MessageWebSocket, MessageWebSocket) {
    let (near, far) = duplex(CAPACITY);
    let both = async {
        tokio::join!(MessageWebSocket::handshake(near, URL, client), ServerMessageWebSocket::accept(far, server))
    };
    let (client, server) = soon(both).await;
    (client.unwrap(), server.unwrap())
}

/// Gives a request to a server: what it made of it, and what it answered.
async fn ask(control: ServerControl, request: &str) -> (Result<MessageWebSocket, Error>, String) {
    let (mut client, far) = duplex(CAPACITY * 4);
    client.write_all(request.as_bytes()).await.unwrap();
    let outcome = soon(ServerMessageWebSocket::accept(far, control)).await;
    let mut answer = vec![0; 4096];
    let len = soon(client.read(&mut answer)).await.unwrap();
    (outcome, String::from_utf8_lossy(&answer[..len]).into_owned())
}

/// An open socket, and the client's end of its transport.
async fn raw_client(early: &[u8]) -> (MessageWebSocket, DuplexStream) {
    let (mut client, far) = duplex(CAPACITY);
    client.write_all(&[REQUEST.as_bytes(), early].concat()).await.unwrap();
    let socket = soon(ServerMessageWebSocket::accept(far, ServerControl::new())).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.unwrap());
    }
    assert!(String::from_utf8(head).unwrap().starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
    (socket, client)
}

/// A frame as a client writes it.
fn masked(fin: bool, opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = frame(fin, opcode, payload);
    let head = bytes.len() - payload.len();
    bytes[1] |= 0x80;
    let key = [0x12, 0x34, 0x56, 0x78];
    bytes[head..].iter_mut().zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
    bytes.splice(head..head, key);
    bytes
}

#[tokio::test]
async fn both_sides_of_this_crate_talk_and_close() {
    let (mut client, mut server) = pair(Control::new(), ServerControl::new()).await;
    for message in [Message::from("text"), Message::from(pattern(0, 100_000)), Message::from("")] {
        soon(client.send(&message)).await.unwrap();
        let received = soon(server.receive()).await.unwrap().unwrap();
        assert!(received == message);
        soon(server.send(received)).await.unwrap();
        assert!(soon(client.receive()).await.unwrap().unwrap() == message);
    }
    let (closed, end) = tokio::join!(soon(server.close(4000, "served")), soon(client.receive()));
    assert!(closed.unwrap().was_clean() && end.unwrap().is_none());
    assert_eq!((client.closed().unwrap().code(), client.closed().unwrap().reason()), (4000.into(), "served"));
}

#[tokio::test]
async fn a_client_of_another_crate_is_served() {
    let (near, far) = duplex(CAPACITY);
    let accept = ServerMessageWebSocket::accept(far, ServerControl::new());
    let (client, server) = tokio::join!(client_async(URL, near), accept);
    let (mut client, mut server) = (client.unwrap().0, server.unwrap());
    for len in [0, 1, 125, 126, 65_535, 65_536, 1 << 20] {
        let sent = tungstenite::Message::binary(pattern(0, len));
        let exchange = async {
            let message = server.receive().await.unwrap().unwrap();
            server.send(message).await.unwrap();
        };
        let (_, sent_and_back) = tokio::join!(exchange, async {
            client.send(sent.clone()).await.unwrap();
            client.next().await.unwrap().unwrap()
        });
        assert!(sent_and_back == sent, "{len}");
    }
    client.close(None).await.unwrap();
    let (end, rest) = tokio::join!(soon(server.receive()), client.next());
    assert!(end.unwrap().is_none() && matches!(rest, Some(Ok(tungstenite::Message::Close(_)))));
    // The server ends TCP, for which a client waits.
    assert!(soon(client.next()).await.is_none());
}

#[tokio::test]
async fn what_a_server_sends_has_no_mask() {
    let (mut server, mut client) = raw_client(b"").await;
    soon(server.send("plain")).await.unwrap();
    soon(server.send_part("a", false)).await.unwrap();
    soon(server.send_part("b", true)).await.unwrap();
    let expected = [frame(true, TEXT, b"plain"), frame(false, TEXT, b"a"), frame(true, 0, b"b")].concat();
    let mut bytes = vec![0; expected.len()];
    soon(client.read_exact(&mut bytes)).await.unwrap();
    assert_eq!(bytes, expected);
    drop(server);
    let mut close = [0; 2];
    soon(client.read_exact(&mut close)).await.unwrap();
    assert_eq!(close, frame(true, CLOSE, b"")[..]);
}

#[tokio::test]
async fn frames_of_a_client_may_come_in_any_pieces() {
    let long = pattern(0, 70_000);
    let bytes = [
        masked(true, TEXT, "\u{e9}t\u{e9}".as_bytes()),
        masked(true, BINARY, &long[..126]),
        masked(false, BINARY, &long[..300]),
        masked(true, 9, b"ping"),
        masked(true, 0, &long[300..]),
    ];
    // With the request, byte by byte, and around each head.
    for size in [usize::MAX, 1, 3, 7, 4096] {
        let bytes = bytes.concat();
        let (early, late) = bytes.split_at(bytes.len().min(size).min(5));
        let (mut server, mut client) = raw_client(early).await;
        let late = late.to_vec();
        let writing = tokio::spawn(async move {
            for piece in late.chunks(size) {
                client.write_all(piece).await.unwrap();
                yield_now().await;
            }
            client
        });
        assert_eq!(soon(server.receive()).await.unwrap(), Some(Message::from("\u{e9}t\u{e9}")));
        assert!(soon(server.receive()).await.unwrap().unwrap() == Message::from(&long[..126]), "{size}");
        assert!(soon(server.receive()).await.unwrap().unwrap() == Message::from(long.clone()), "{size}");
        let mut client = writing.await.unwrap();
        let mut pong = [0; 6];
        soon(client.read_exact(&mut pong)).await.unwrap();
        assert_eq!(pong, frame(true, 10, b"ping")[..]);
    }
}

#[tokio::test]
async fn a_frame_without_a_mask_fails_the_connection() {
    for bad in [frame(true, TEXT, b"x"), [masked(true, TEXT, b"ok"), frame(true, BINARY, b"")].concat()] {
        let (mut server, mut client) = raw_client(&bad).await;
        let error = loop {
            match soon(server.receive()).await {
                Ok(message) => assert_eq!(message, Some(Message::from("ok"))),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::Protocol);
        let mut close = [0; 4];
        soon(client.read_exact(&mut close)).await.unwrap();
        assert_eq!((close[0], &close[2..]), (0x88, &1002_u16.to_be_bytes()[..]));
        let mut rest = Vec::new();
        soon(client.read_to_end(&mut rest)).await.unwrap();
    }
}

#[tokio::test]
async fn the_server_sees_the_request_and_chooses_the_subprotocol() {
    let offers = || Control::new().supported_protocols(["v1", "v2"]).request_header("X-Name", "value");
    let control = ServerControl::new().on_request(|request| {
        assert_eq!((request.path(), request.query()), ("/path", Some("query")));
        assert_eq!((request.header("host"), request.header("x-name")), (Some("server.invalid"), Some("value")));
        assert_eq!(request.protocols().collect::<Vec<_>>(), ["v1", "v2"]);
        assert!(request.headers().any(|(name, value)| (name, value) == ("x-name", b"value")));
        ServerDecision::accept_protocol("v2")
    });
    let (client, server) = pair(offers(), control).await;
    assert_eq!((client.information().protocol(), server.information().protocol()), (Some("v2"), Some("v2")));
    // Without a decision, the first of the server's that is offered.
    let settings = Control::new().supported_protocols(["v3", "v2", "v1"]);
    let (client, _server) = pair(offers(), ServerControl::new().settings(settings)).await;
    assert_eq!(client.information().protocol(), Some("v2"));
    // None is chosen that was not offered.
    let control = ServerControl::new().on_request(|_| ServerDecision::accept_protocol("v3"));
    assert!(ask(control, REQUEST).await.1.starts_with("HTTP/1.1 500 "));
}

#[tokio::test]
async fn a_request_can_be_refused_with_any_status() {
    for (status, sent) in [(301, 301), (403, 403), (404, 404), (503, 503), (101, 500), (200, 500), (999, 500)] {
        let control = ServerControl::new().on_request(move |_| ServerDecision::refuse(status));
        let (outcome, answer) = ask(control.clone(), REQUEST).await;
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::HttpStatus(sent));
        assert!(answer.starts_with(&format!("HTTP/1.1 {sent} ")), "{answer}");
        let (near, far) = duplex(CAPACITY);
        let client = MessageWebSocket::handshake(near, URL, Control::new());
        let (client, _) = tokio::join!(client, ServerMessageWebSocket::accept(far, control));
        assert_eq!(client.unwrap_err().kind(), ErrorKind::HttpStatus(sent));
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_asks_for_nothing_is_given_up() {
    let (_client, far) = duplex(CAPACITY);
    let control = ServerControl::new().settings(Control::new().connect_timeout(Duration::from_secs(5)));
    let error = ServerMessageWebSocket::accept(far, control).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let (client, far) = duplex(CAPACITY);
    drop(client);
    let error = ServerMessageWebSocket::accept(far, ServerControl::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionAborted);
}

#[tokio::test]
async fn settings_that_a_server_has_no_use_for_are_refused_by_name() {
    for (settings, name) in [
        (Control::new().request_header("X-Name", "value"), "request_header"),
        (Control::new().server_credential("user", "password"), "server_credential"),
        (Control::new().root_certificate(vec![0]), "root_certificate"),
        (Control::new().preemptive_credential(true), "preemptive_credential"),
    ] {
        let (_client, far) = duplex(CAPACITY);
        let accept = ServerMessageWebSocket::accept(far, ServerControl::new().settings(settings));
        let error = soon(accept).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotSupported);
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[tokio::test]
async fn the_limits_of_the_settings_hold_for_a_server() {
    let settings = Control::new().max_message_size(Some(3));
    let (mut client, mut server) = pair(Control::new(), ServerControl::new().settings(settings)).await;
    soon(client.send("four")).await.unwrap();
    assert_eq!(soon(server.receive()).await.unwrap_err().kind(), ErrorKind::MessageTooBig);
    assert_eq!(soon(client.receive()).await.unwrap(), None);
    assert_eq!(client.closed().unwrap().code(), CloseCode::MESSAGE_TOO_BIG);
}

#[tokio::test]
async fn a_stream_is_served_as_well() {
    let (near, far) = duplex(CAPACITY);
    let accept = ServerStreamWebSocket::accept(far, ServerControl::new());
    let (client, server) = tokio::join!(StreamWebSocket::handshake(near, URL, Control::new()), accept);
    let (mut client, mut server) = (client.unwrap(), server.unwrap());
    let all = pattern(0, 1 << 20);
    let sent = all.clone();
    let writing = tokio::spawn(async move {
        tokio::io::copy(&mut &sent[..], &mut client).await.unwrap();
        soon(client.close(CloseCode::NORMAL, "")).await.unwrap()
    });
    let mut received = Vec::new();
    soon(server.read_to_end(&mut received)).await.unwrap();
    assert!(received == all);
    assert!(writing.await.unwrap().was_clean());
}

/// A server that hands its transport on after its own answer; here it is the test that is the web server.
#[tokio::test]
async fn a_web_server_can_make_the_opening_handshake() {
    let control = ServerControl::new();
    let headers = REQUEST.lines().filter_map(|line| line.split_once(": "));
    let request = websocket_anywhere::ServerRequest::new("/path", headers).unwrap();
    let response = control.respond(&request);
    assert_eq!(response.status(), 101);
    let accept = response.headers().find(|(name, _)| *name == "sec-websocket-accept").unwrap().1;
    assert_eq!(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "RFC 6455 section 1.3");
    let (near, far) = duplex(CAPACITY);
    let mut socket = ServerMessageWebSocket::upgraded(far, &response, &control).unwrap();
    let mut client = tokio_tungstenite::WebSocketStream::from_raw_socket(near, Role::Client, None).await;
    client.send("hello".into()).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from("hello")));
    let refused = ServerControl::new().on_request(|_| ServerDecision::refuse(401)).respond(&request);
    let (_, far) = duplex(CAPACITY);
    let error = ServerMessageWebSocket::upgraded(far, &refused, &control).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HttpStatus(401));
}

/// The request of RFC 6455 section 1.2.
const REQUEST: &str = "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://example.com\r\nSec-WebSocket-Version: 13\r\n\r\n";
