//! Sockets over a transport that the program brings.

use std::time::Duration;

use futures::executor::block_on;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, duplex},
    time::Instant,
};
use websocket_anywhere::{
    CloseCode, Control, Error, ErrorKind, HResult, MessageWebSocket, StreamWebSocket, WebErrorStatus,
};

use super::memory_pipe::{URL, accept, assert_error, read_frame, read_head};
use crate::support::{poll_once, soon};

#[tokio::test]
async fn messages_travel_over_a_pipe_in_memory() {
    let (client, mut server) = duplex(100);
    let server = tokio::spawn(async move {
        accept(&mut server, "").await;
        let (first, payload) = read_frame(&mut server).await;
        assert_eq!((first, &payload[..]), (0x81, &b"ping"[..]));
        server.write_all(b"\x81\x04pong").await.unwrap();
        assert_eq!(read_frame(&mut server).await, (0x88, [&1000_u16.to_be_bytes()[..], b"bye"].concat()));
        server.write_all(b"\x88\x02\x03\xe8").await.unwrap();
    });
    let mut socket = soon(MessageWebSocket::handshake(client, URL, Control::new())).await.unwrap();
    soon(socket.send("ping")).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("pong"));
    let closed = soon(socket.close(CloseCode::NORMAL, "bye")).await.unwrap();
    assert!(closed.was_clean());
    server.await.unwrap();
    let information = socket.information();
    assert_eq!((information.local_address(), information.remote_address()), (None, None));
}

#[cfg(unix)]
#[tokio::test]
async fn a_unix_socket_may_be_the_transport_of_a_stream() {
    let (client, server) = tokio::net::UnixStream::pair().unwrap();
    let echo = tokio::spawn(async move {
        let mut server = tokio_tungstenite::accept_async(server).await.unwrap();
        let (sink, stream) = futures::StreamExt::split(&mut server);
        let data = futures::TryStreamExt::try_filter(stream, |message| std::future::ready(message.is_binary()));
        futures::StreamExt::forward(data, sink).await.unwrap();
    });
    let mut stream = soon(StreamWebSocket::handshake(client, URL, Control::new())).await.unwrap();
    let sent: Vec<u8> = (0..300_000_u32).map(|i| i as u8).collect();
    let mut received = vec![0; sent.len()];
    let (mut input, mut output) = stream.split();
    let writing = tokio::spawn({
        let sent = sent.clone();
        async move {
            AsyncWriteExt::write_all(&mut output, &sent).await.unwrap();
            output
        }
    });
    soon(AsyncReadExt::read_exact(&mut input, &mut received)).await.unwrap();
    assert_eq!(received, sent);
    stream = writing.await.unwrap().reunite(input).unwrap();
    assert!(soon(stream.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
    soon(echo).await.unwrap();
}

#[tokio::test]
async fn the_request_is_that_of_the_url_and_the_transport_is_used_as_it_is() {
    for (url, target, host) in [
        ("ws://Example.com:81/a b?c", "/a%20b?c", "example.com:81"),
        ("wss://example.com", "/", "example.com"),
        ("ws://[::1]:80/", "/", "[::1]"),
    ] {
        let (client, mut server) = duplex(10_000);
        let (socket, head) =
            tokio::join!(MessageWebSocket::handshake(client, url, Control::new()), accept(&mut server, ""));
        socket.unwrap();
        assert!(head.starts_with(&format!("GET {target} HTTP/1.1\r\n")), "{url}: {head}");
        assert!(head.contains(&format!("\r\nHost: {host}\r\n")), "{url}: {head}");
    }
}

#[tokio::test]
async fn frames_that_come_with_the_answer_over_a_pipe_are_delivered() {
    let (client, mut server) = duplex(10_000);
    // What follows the empty line of the head is the first frame.
    let (socket, _) = tokio::join!(MessageWebSocket::handshake(client, URL, Control::new()), async {
        accept(&mut server, "X-More: 1\r\n").await;
        server.write_all(b"\x81\x05early").await.unwrap();
    });
    assert_eq!(soon(socket.unwrap().receive()).await.unwrap().unwrap().as_text(), Some("early"));
}

#[tokio::test]
async fn settings_about_what_is_below_http_are_refused_by_name() {
    let control = Control::new().root_certificate(&b"unused"[..]);
    let (client, mut server) = duplex(10_000);
    let error = soon(MessageWebSocket::handshake(client, "wss://example.com", control.clone())).await.unwrap_err();
    assert_error(&error, ErrorKind::NotSupported, HResult::E_NOTIMPL, WebErrorStatus::Unknown);
    assert!(error.to_string().contains("root_certificate"), "{error}");
    assert_eq!(server.read(&mut [0; 1]).await.unwrap(), 0, "nothing was sent, and the transport is gone");
    let (client, _server) = duplex(10_000);
    let error = soon(StreamWebSocket::handshake(client, "wss://example.com", control)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSupported);
}

#[tokio::test]
async fn bad_urls_are_refused_before_anything_is_sent() {
    for url in ["ftp://example.com", "ws://example.com/#fragment", "no url", "ws://user@/"] {
        let (client, mut server) = duplex(10_000);
        let error = soon(MessageWebSocket::handshake(client, url, Control::new())).await.unwrap_err();
        assert_error(&error, ErrorKind::InvalidUrl, HResult::E_INVALIDARG, WebErrorStatus::Unknown);
        assert_eq!(server.read(&mut [0; 1]).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_refusal_over_a_pipe_keeps_its_number() {
    let error = replied("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await;
    assert_error(&error, ErrorKind::HttpStatus(404), HResult::new(0x8019_0194), WebErrorStatus::NotFound);
}

#[tokio::test]
async fn an_answer_that_says_something_twice_is_refused() {
    for header in ["Sec-WebSocket-Accept: x", "Upgrade: websocket", "Upgrade: h2c"] {
        let error = answered(&format!("{header}\r\n")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{header}: {error:?}");
    }
    // This one is a list.
    answered("Connection: keep-alive\r\n").await.unwrap();
}

#[tokio::test]
async fn what_is_no_answer_is_refused_though_it_never_ends() {
    for words in ["SSH-2.0-OpenSSH_10.0\r\n", "HTTP/1.1 10x\r\n"] {
        assert_eq!(replied(words).await.kind(), ErrorKind::InvalidResponse, "{words}");
    }
}

/// Why these words in answer to the request are no connection; the transport stays open.
async fn replied(words: &str) -> Error {
    let (client, mut server) = duplex(10_000);
    let (socket, ()) = tokio::join!(soon(MessageWebSocket::handshake(client, URL, Control::new())), async {
        read_head(&mut server).await;
        server.write_all(words.as_bytes()).await.unwrap();
    });
    socket.unwrap_err()
}

#[tokio::test]
async fn an_answer_may_have_64_kib_and_no_more() {
    let rest = answer_len("X: \r\n").await;
    for (len, is_short) in [(MAX_HEAD - rest, true), (MAX_HEAD - rest + 1, false)] {
        let outcome = answered(&format!("X: {}\r\n", "x".repeat(len))).await;
        assert_eq!(outcome.is_ok(), is_short, "{len}: {outcome:?}");
        assert!(outcome.err().is_none_or(|error| error.kind() == ErrorKind::InvalidResponse));
    }
}

/// How long an answer with these header lines is.
async fn answer_len(headers: &str) -> usize {
    let (mut client, mut server) = duplex(MAX_HEAD);
    client.write_all(b"GET / HTTP/1.1\r\nSec-WebSocket-Key: x\r\n\r\n").await.unwrap();
    accept(&mut server, headers).await;
    drop(server);
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.unwrap()
}

/// What comes of an answer that is right but for these header lines.
async fn answered(headers: &str) -> Result<MessageWebSocket, Error> {
    let (client, mut server) = duplex(2 * MAX_HEAD);
    tokio::join!(soon(MessageWebSocket::handshake(client, URL, Control::new())), accept(&mut server, headers)).0
}

#[tokio::test]
async fn a_transport_that_ends_before_the_answer_is_no_connection() {
    let (client, mut server) = duplex(10_000);
    let (socket, _) = tokio::join!(MessageWebSocket::handshake(client, URL, Control::new()), async move {
        read_head(&mut server).await;
    });
    let (hresult, status) = (HResult::WININET_E_CANNOT_CONNECT, WebErrorStatus::CannotConnect);
    assert_error(&socket.unwrap_err(), ErrorKind::CannotConnect, hresult, status);
}

#[tokio::test(start_paused = true)]
async fn a_silent_transport_times_out_and_the_stage_is_named() {
    let (client, mut server) = duplex(10_000);
    let start = Instant::now();
    let control = Control::new().connect_timeout(Duration::from_secs(7));
    let error = MessageWebSocket::handshake(client, URL, control).await.unwrap_err();
    assert_error(&error, ErrorKind::Timeout, HResult::WININET_E_TIMEOUT, WebErrorStatus::Timeout);
    assert!(error.to_string().contains("the opening handshake"), "{error}");
    let took = start.elapsed();
    assert!((Duration::from_secs(7)..Duration::from_millis(7100)).contains(&took), "{took:?}");
    read_head(&mut server).await;
    assert_eq!(server.read(&mut [0; 1]).await.unwrap(), 0, "the transport is gone");
}

#[tokio::test]
async fn dropping_the_handshake_drops_the_transport() {
    let (client, mut server) = duplex(10_000);
    assert!(poll_once(MessageWebSocket::handshake(client, URL, Control::new())).is_pending());
    read_head(&mut server).await;
    assert_eq!(soon(server.read(&mut [0; 1])).await.unwrap(), 0);
}

#[test]
fn a_handshake_outside_a_runtime_is_an_error() {
    let (client, _server) = duplex(10_000);
    let error = block_on(MessageWebSocket::handshake(client, URL, Control::new())).unwrap_err();
    assert_error(&error, ErrorKind::NoRuntime, HResult::E_ILLEGAL_METHOD_CALL, WebErrorStatus::Unknown);
}

/// The longest head of an answer that is read.
const MAX_HEAD: usize = 64 * 1024;
