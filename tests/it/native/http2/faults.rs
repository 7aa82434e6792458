//! Servers of HTTP/2 that break off, and how it looks to a program.

use std::{sync::atomic::Ordering, time::Duration};

use bytes::Bytes;
use h2::{Reason, RecvStream, server::SendResponse};
use http::Response;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio_tungstenite::tungstenite::http;
use websocket_anywhere::{CloseCode, ErrorKind, HttpVersion, MessageWebSocket, ReceiveMode};

use super::server::{Options, Seen, Server};
use crate::support::{
    soon, test,
    wire::{BINARY, CLOSE, TEXT, frame},
};

/// What the server does at paths that are faults: it says something, waits for the signal, and then breaks off.
pub(super) async fn answer(path: &str, mut body: RecvStream, mut respond: SendResponse<Bytes>, seen: &Seen) {
    let path = path.trim_start_matches('/');
    let (what, then) = path.split_once('?').unwrap_or((path, "END"));
    if what == "reset-unanswered" {
        respond.send_reset(reason(then));
        return;
    }
    let mut sender = respond.send_response(Response::new(()), false).unwrap();
    let says = match what {
        "nothing" => Vec::new(),
        "half-a-frame" => frame(true, BINARY, &[7; 100])[..50].to_vec(),
        "half-a-message" => frame(false, BINARY, &[7; 100]),
        "a-message" => frame(true, TEXT, b"one"),
        "a-close" => [frame(true, TEXT, b"one"), frame(true, CLOSE, b"\x0f\xa1bye")].concat(),
        "flood" => {
            let message: Bytes = frame(true, BINARY, &[7; 1 << 14]).into();
            loop {
                let mut rest = message.clone();
                while !rest.is_empty() {
                    sender.reserve_capacity(rest.len());
                    let room = std::future::poll_fn(|cx| sender.poll_capacity(cx)).await;
                    let Some(Ok(room)) = room else { return };
                    sender.send_data(rest.split_to(room.min(rest.len())), false).unwrap();
                }
                seen.sent.fetch_add(1 << 14, Ordering::SeqCst);
            }
        }
        unknown => panic!("no fault is called {unknown}"),
    };
    sender.send_data(says.into(), false).unwrap();
    if what == "a-close" {
        // Until the client has answered the Close.
        while let Some(Ok(bytes)) = body.data().await {
            if bytes.windows(1).any(|byte| byte == [0x88]) {
                break;
            }
        }
    } else {
        seen.signal.notified().await;
    }
    match then {
        "END" => sender.send_data(Bytes::new(), true).unwrap(),
        then => sender.send_reset(reason(then)),
    }
}

/// Settings with WebSockets, answers to pings, and a GOAWAY in the place of the first answer: all of it by hand, for h2 takes a
/// request that it has read for one that it has looked at (RFC 9113 section 6.8).
pub(super) async fn go_away<T: AsyncRead + AsyncWrite + Unpin>(mut transport: T) {
    const HEADERS: u8 = 1;
    const SETTINGS: u8 = 4;
    const PING: u8 = 6;
    const GOAWAY: u8 = 7;
    let frame = |kind: u8, flags: u8, payload: &[u8]| {
        [&[0, 0, payload.len() as u8, kind, flags, 0, 0, 0, 0][..], payload].concat()
    };
    let mut preface = [0; 24];
    transport.read_exact(&mut preface).await.unwrap();
    // SETTINGS_ENABLE_CONNECT_PROTOCOL is 8.
    transport.write_all(&frame(SETTINGS, 0, &[0, 8, 0, 0, 0, 1])).await.unwrap();
    loop {
        let mut head = [0; 9];
        transport.read_exact(&mut head).await.unwrap();
        let mut payload = vec![0; usize::from(head[1]) << 8 | usize::from(head[2])];
        transport.read_exact(&mut payload).await.unwrap();
        match head[3] {
            PING => transport.write_all(&frame(PING, 1, &payload)).await.unwrap(),
            HEADERS => break,
            _ => {}
        }
    }
    // The last stream is 0, the error none.
    transport.write_all(&frame(GOAWAY, 0, &[0; 8])).await.unwrap();
    let _ = transport.read_to_end(&mut Vec::new()).await;
}

fn reason(name: &str) -> Reason {
    match name {
        "NO_ERROR" => Reason::NO_ERROR,
        "CANCEL" => Reason::CANCEL,
        "INTERNAL_ERROR" => Reason::INTERNAL_ERROR,
        "REFUSED_STREAM" => Reason::REFUSED_STREAM,
        unknown => panic!("no reason is called {unknown}"),
    }
}

const REASONS: [&str; 4] = ["NO_ERROR", "CANCEL", "INTERNAL_ERROR", "REFUSED_STREAM"];
const ENDS: [&str; 4] = ["NO_ERROR", "CANCEL", "INTERNAL_ERROR", "END"];

async fn server() -> Server {
    Server::start(Options::default()).await
}

#[test]
async fn a_stream_that_is_reset_before_the_answer_is_no_connection() {
    let server = server().await;
    for reason in REASONS {
        let url = server.url(&format!("/reset-unanswered?{reason}"));
        let error = soon(MessageWebSocket::connect_with(&url, server.control(HttpVersion::Http2))).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CannotConnect, "{reason}: {error:?}");
    }
}

#[test]
async fn a_stream_that_ends_without_a_close_is_a_loss_behind_what_came_before() {
    let server = server().await;
    for what in ["nothing", "half-a-frame", "half-a-message", "a-message"] {
        for then in ENDS {
            let row = format!("{what}?{then}");
            let control = server.control(HttpVersion::Http2).receive_mode(ReceiveMode::Partial);
            let url = server.url(&format!("/{row}"));
            let mut socket = soon(MessageWebSocket::connect_with(&url, control)).await.unwrap();
            let expected = match what {
                "nothing" => None,
                "half-a-frame" => Some(48),
                "half-a-message" => Some(100),
                _ => Some(3),
            };
            if let Some(expected) = expected {
                let part = soon(socket.receive_part()).await.unwrap().unwrap();
                assert_eq!(part.bytes.len(), expected, "{row}");
            }
            server.seen.signal.notify_one();
            let error = soon(socket.receive_part()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionAborted, "{row}: {error:?}");
            assert!(soon(socket.receive_part()).await.unwrap().is_none(), "{row}");
            let closed = socket.closed().unwrap();
            assert_eq!((closed.code(), closed.was_clean()), (CloseCode::ABNORMAL, false), "{row}");
            assert_eq!(soon(socket.send("late")).await.unwrap_err().kind(), ErrorKind::ConnectionAborted, "{row}");
        }
    }
}

#[test]
async fn a_stream_that_ends_in_any_way_after_both_closes_has_ended_cleanly() {
    let server = server().await;
    for then in ENDS {
        let url = server.url(&format!("/a-close?{then}"));
        let mut socket = soon(MessageWebSocket::connect_with(&url, server.control(HttpVersion::Http2))).await.unwrap();
        assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("one"), "{then}");
        assert_eq!(soon(socket.receive()).await.unwrap(), None, "{then}");
        let closed = socket.closed().unwrap();
        assert_eq!((u16::from(closed.code()), closed.reason(), closed.was_clean()), (4001, "bye", true), "{then}");
    }
}

#[test]
async fn a_stream_that_ends_instead_of_answering_a_close_was_not_closed_cleanly() {
    let server = server().await;
    for then in ENDS {
        let url = server.url(&format!("/nothing?{then}"));
        let mut socket = soon(MessageWebSocket::connect_with(&url, server.control(HttpVersion::Http2))).await.unwrap();
        let closing = socket.close(CloseCode::NORMAL, "");
        server.seen.signal.notify_one();
        let closed = soon(closing).await.unwrap();
        assert_eq!((closed.code(), closed.was_clean()), (CloseCode::ABNORMAL, false), "{then}");
    }
}

#[test]
async fn a_window_that_is_never_given_is_a_peer_that_takes_nothing() {
    for window in [0, 1000] {
        let server = Server::start(Options { window, ..Options::default() }).await;
        let control =
            server.control(HttpVersion::Http2).send_timeout(Duration::from_millis(200)).outbound_buffer_size(0);
        let mut socket = soon(MessageWebSocket::connect_with(&server.url("/deaf"), control)).await.unwrap();
        let sending = async {
            loop {
                socket.send(vec![0; 1000]).await?;
            }
        };
        let outcome: Result<(), websocket_anywhere::Error> = soon(sending).await;
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout, "{window}");
    }
}

#[test]
async fn a_server_that_never_answers_takes_too_long() {
    let server = server().await;
    let control = server.control(HttpVersion::Http2).connect_timeout(Duration::from_millis(200));
    let error = soon(MessageWebSocket::connect_with(&server.url("/silent"), control)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
}

#[test]
async fn a_request_that_the_server_has_not_looked_at_is_made_on_another_connection() {
    for (goes_away, path) in [(true, "/echo"), (false, "/refuse-once")] {
        let server = Server::start(Options { goes_away, ..Options::default() }).await;
        let control = server.control(HttpVersion::Http2);
        let mut socket = soon(MessageWebSocket::connect_with(&server.url(path), control)).await.unwrap();
        soon(socket.send("again")).await.unwrap();
        assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("again"), "{path}");
        assert_eq!(server.connections(), 2, "{path}");
    }
}

#[test]
async fn a_server_that_goes_away_lets_the_sockets_it_has_live() {
    let server = server().await;
    let control = server.control(HttpVersion::Http2);
    let mut socket = soon(MessageWebSocket::connect_with(&server.url("/goaway"), control)).await.unwrap();
    for text in ["still", "there"] {
        soon(socket.send(text)).await.unwrap();
        assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some(text));
    }
    assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
}

#[test]
async fn a_connection_that_ends_by_an_error_is_a_loss() {
    let server = server().await;
    let control = server.control(HttpVersion::Http2);
    // Whether or not the answer came first.
    let error = match soon(MessageWebSocket::connect_with(&server.url("/abort"), control)).await {
        Ok(mut socket) => soon(socket.receive()).await.unwrap_err(),
        Err(error) => error,
    };
    assert!(matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::CannotConnect), "{error:?}");
}
