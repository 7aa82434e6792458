//! Opening a WebSocket over HTTP/2, and what goes over it.

use std::sync::{Arc, atomic::Ordering};
use std::time::Duration;

use futures::{AsyncReadExt as _, AsyncWriteExt as _, future::join};
use h2::ext::Protocol;
use http::Method;
use peer::Peer;
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::http;
use websocket_anywhere::{
    CloseCode, Compression, Control, ErrorKind, HttpVersion, Message, MessageWebSocket, StreamWebSocket,
};

use super::server::{Options, Server};
use crate::support::{known, poll_once, soon, test, wire::pattern};

const BOTH: &[&str] = &["h2", "http/1.1"];

async fn echo(socket: &mut MessageWebSocket, message: Message) {
    soon(socket.send(&message)).await.unwrap();
    assert!(soon(socket.receive()).await.unwrap() == Some(message), "another message came back");
}

async fn plain() -> Server {
    Server::start(Options::default()).await
}

#[test]
#[cfg_attr(not(feature = "tls"), ignore = "it needs the feature tls")]
async fn a_socket_works_over_a_stream_by_tls_and_by_prior_knowledge() {
    for protocols in [BOTH, &["h2"], &[]] {
        let server = Server::start(Options { protocols, ..Options::default() }).await;
        let control = server.control(HttpVersion::Http2);
        let mut socket = soon(MessageWebSocket::connect_with(&server.url("/echo"), control)).await.unwrap();
        for len in [0, 1, 125, 126, 65_535, 65_536, 1_000_000] {
            echo(&mut socket, pattern(len, len).into()).await;
            echo(&mut socket, "\u{fc}".repeat(len).into()).await;
        }
        let information = socket.information();
        assert_eq!(information.http_version(), Some(HttpVersion::Http2));
        assert_eq!(information.remote_address(), Some(server.address));
        assert_eq!(information.server_certificate().is_some(), !protocols.is_empty());
        assert!(information.last_round_trip_time().is_some());
        let closed = soon(socket.close(4000_u16, "done")).await.unwrap();
        assert_eq!((u16::from(closed.code()), closed.reason(), closed.was_clean()), (4000, "done", true));
        assert_eq!(server.connections(), 1);
    }
}

#[test]
async fn the_request_is_an_extended_connect() {
    let server = plain().await;
    let control = server.control(HttpVersion::Http2).request_header("X-Own", "value").compression(Compression::new());
    soon(MessageWebSocket::connect_with(&server.url("/echo?a=b"), control)).await.unwrap();
    let request = server.seen.requests.lock().unwrap().pop().unwrap();
    assert_eq!((&request.method, request.version), (&Method::CONNECT, http::Version::HTTP_2));
    assert_eq!(request.uri.to_string(), format!("http://{}/echo?a=b", server.address));
    assert_eq!(request.extensions.get::<Protocol>().map(Protocol::as_str), Some("websocket"));
    let header = |name| request.headers.get(name).map(|value| value.to_str().unwrap());
    assert_eq!((header("sec-websocket-version"), header("x-own")), (Some("13"), Some("value")));
    assert!(header("sec-websocket-extensions").is_some_and(|offer| offer.starts_with("permessage-deflate")));
    assert!(header("user-agent").is_some_and(|agent| agent.starts_with("websocket-anywhere/")));
    for name in ["host", "connection", "upgrade", "sec-websocket-key"] {
        assert_eq!(header(name), None, "{name} has no place there");
    }
}

#[test]
async fn a_header_that_http_2_does_not_know_is_an_error() {
    let server = plain().await;
    let control = server.control(HttpVersion::Http2).request_header("Proxy-Connection", "keep-alive");
    let error = soon(MessageWebSocket::connect_with(&server.url("/echo"), control)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error:?}");
    assert!(server.seen.requests.lock().unwrap().is_empty());
}

#[test]
async fn subprotocols_and_headers_are_as_over_http_1() {
    let server = plain().await;
    let control = server.control(HttpVersion::Http2);
    let offering = control.clone().supported_protocols(["other", "chat"]);
    let socket = soon(MessageWebSocket::connect_with(&server.url("/chat"), offering)).await.unwrap();
    assert_eq!(socket.information().protocol(), Some("chat"));
    assert_eq!(socket.information().response_headers().unwrap().get("X-Who"), Some("h2"));
    for (path, control) in [("/chat", control.clone()), ("/echo", control.clone().supported_protocol("chat"))] {
        let error = soon(MessageWebSocket::connect_with(&server.url(path), control)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CannotConnect, "{path}: {error:?}");
        assert!(error.to_string().contains("subprotocol"), "{error}");
    }
    let error = soon(MessageWebSocket::connect_with(&server.url("/extension"), control)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{error:?}");
}

#[test]
async fn a_refusal_is_told_with_its_body() {
    let server = plain().await;
    let control = server.control(HttpVersion::Http2);
    let error = soon(MessageWebSocket::connect_with(&server.url("/refuse"), control)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HttpStatus(403));
    let response = error.response().unwrap();
    assert_eq!((&response.body()[..], response.headers().get("Retry-After")), (&b"not for you"[..], Some("7")));
}

#[test]
async fn a_challenge_is_answered_by_another_stream_of_the_connection() {
    let server = plain().await;
    let control = server.control(HttpVersion::Http2).server_credential("user", "pass");
    let mut socket = soon(MessageWebSocket::connect_with(&server.url("/login"), control)).await.unwrap();
    echo(&mut socket, "let in".into()).await;
    assert_eq!((server.connections(), server.seen.requests.lock().unwrap().len()), (1, 2));
    let control = server.control(HttpVersion::Http2).server_credential("user", "wrong");
    let error = soon(MessageWebSocket::connect_with(&server.url("/login"), control)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HttpStatus(401));
}

#[test]
#[cfg_attr(not(feature = "tls"), ignore = "it needs the feature tls")]
async fn the_version_is_what_both_sides_have() {
    use HttpVersion::{Auto, Http1, Http2};
    let kinds = [ErrorKind::Tls, ErrorKind::InvalidResponse];
    // What the server agrees to, whether it has WebSockets over HTTP/2, what is asked for, what comes of it, how often TCP.
    type Row = (&'static [&'static str], bool, HttpVersion, Result<HttpVersion, ErrorKind>, usize);
    let rows: [Row; 8] = [
        (BOTH, true, Http1, Ok(Http1), 1),
        (BOTH, true, Auto, Ok(Http2), 1),
        (BOTH, true, Http2, Ok(Http2), 1),
        (BOTH, false, Auto, Ok(Http1), 2),
        (BOTH, false, Http2, Err(kinds[1]), 1),
        (&["http/1.1"], true, Auto, Ok(Http1), 1),
        (&["http/1.1"], true, Http2, Err(kinds[0]), 1),
        (&["h2"], true, Auto, Ok(Http2), 1),
    ];
    for (protocols, has_websockets, version, expected, connections) in rows {
        let row = format!("{protocols:?} {has_websockets} {version:?}");
        let server = Server::start(Options { protocols, has_websockets, ..Options::default() }).await;
        let url = server.url("/echo");
        let connecting = MessageWebSocket::connect_with(&url, server.control(version));
        let outcome = match soon(connecting).await {
            Ok(mut socket) => {
                echo(&mut socket, "hello".into()).await;
                Ok(socket.information().http_version().unwrap())
            }
            Err(error) => Err(error.kind()),
        };
        assert_eq!((outcome, server.connections()), (expected, connections), "{row}");
    }
}

#[test]
async fn without_tls_auto_is_http_1() {
    let control = Control::new().http_version(HttpVersion::Auto);
    let mut socket = soon(MessageWebSocket::connect_with(&Peer::shared().url("/echo"), control)).await.unwrap();
    echo(&mut socket, "hello".into()).await;
    assert_eq!(socket.information().http_version(), Some(HttpVersion::Http1));
}

#[test]
async fn a_server_that_does_not_speak_http_2_is_an_error() {
    let control = Control::new().http_version(HttpVersion::Http2);
    let error = soon(MessageWebSocket::connect_with(&Peer::shared().url("/echo"), control)).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidResponse | ErrorKind::CannotConnect), "{error:?}");
}

#[test]
async fn settings_that_come_late_are_waited_for_and_no_longer_than_may_be() {
    let gate = Arc::new(Notify::new());
    let server = Server::start(Options { gate: Some(gate.clone()), ..Options::default() }).await;
    let control = server.control(HttpVersion::Http2);
    let url = server.url("/echo");
    let brief = control.clone().connect_timeout(Duration::from_millis(200));
    let error = soon(MessageWebSocket::connect_with(&url, brief)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
    gate.notify_one();
    let mut connecting = Box::pin(MessageWebSocket::connect_with(&url, control));
    // The server has accepted, and says nothing.
    while server.connections() < 2 {
        tokio::task::yield_now().await;
        assert!(poll_once(&mut connecting).is_pending(), "it does not wait for the settings");
    }
    assert!(poll_once(&mut connecting).is_pending(), "it does not wait for the settings");
    assert!(server.seen.requests.lock().unwrap().is_empty(), "the request came before the settings");
    gate.notify_one();
    let mut socket = soon(connecting).await.unwrap();
    echo(&mut socket, "at last".into()).await;
}

#[test]
async fn a_stream_ends_as_tcp_does_whether_its_socket_closes_or_is_dropped() {
    for closes in [true, false] {
        let server = plain().await;
        let control = server.control(HttpVersion::Http2);
        let mut socket = soon(MessageWebSocket::connect_with(&server.url("/echo"), control)).await.unwrap();
        if closes {
            soon(socket.close(CloseCode::NORMAL, "")).await.unwrap();
        }
        drop(socket);
        let ends = known(|| server.seen.ends.lock().unwrap().pop()).await;
        assert_eq!(ends, "END_STREAM", "closes: {closes}");
        known(|| (server.ended() == 1).then_some(())).await;
    }
}

#[test]
async fn bytes_stream_both_ways_in_windows_of_64_kb() {
    const SIZE: usize = 8 << 20;
    let server = plain().await;
    let control = server.control(HttpVersion::Http2);
    let stream = soon(StreamWebSocket::connect_with(&server.url("/echo"), control)).await.unwrap();
    let (mut input, mut output) = stream.split();
    let sending = async {
        for at in (0..SIZE).step_by(1 << 16) {
            output.write_all(&pattern(at, 1 << 16)).await.unwrap();
        }
        output.flush().await.unwrap();
    };
    let receiving = async {
        let mut received = vec![0; 1 << 16];
        for at in (0..SIZE).step_by(1 << 16) {
            input.read_exact(&mut received).await.unwrap();
            assert!(received == pattern(at, 1 << 16), "other bytes at {at}");
        }
    };
    soon(join(sending, receiving)).await;
    assert!(soon(output.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
}

#[test]
async fn a_server_waits_for_a_program_that_does_not_receive() {
    const MESSAGE: usize = 1 << 14;
    // What may be unread in the socket, the window of a stream, and what is on its way in the server and here.
    const MOST: usize = (64 << 10) + (4 << 20) + (256 << 10);
    let server = plain().await;
    let control = server.control(HttpVersion::Http2).inbound_buffer_size(64 << 10);
    let mut socket = soon(MessageWebSocket::connect_with(&server.url("/flood"), control)).await.unwrap();
    let mut received = 0;
    let mut most = 0;
    while received < 16 << 20 {
        received += soon(socket.receive()).await.unwrap().unwrap().as_bytes().len();
        assert_eq!(received % MESSAGE, 0);
        tokio::task::yield_now().await;
        most = most.max(server.seen.sent.load(Ordering::SeqCst) - received);
    }
    assert!(most > 64 << 10 && most <= MOST, "{most} bytes were ahead of the program");
}
