//! Connecting: refusals, answers that are none, subprotocols, and frames that come with the answer.

use std::{pin::pin, time::Duration};

use futures::future::{Either, select};
use websocket_anywhere::{Control, Error, ErrorKind, HResult, MessageWebSocket, WebErrorStatus};

use crate::support::{
    BROWSER, ended, lines, message_socket, message_socket_with, peer, reads_connection_as_list, receive_to_end, report,
    soon, stream_socket, test, unique_id, watch,
};

#[test]
async fn a_port_where_nobody_listens_cannot_be_connected_to() {
    // Above the ports that systems give out by themselves.
    let error = soon(MessageWebSocket::connect("ws://127.0.0.1:65534/")).await.unwrap_err();
    assert_error(&error, ErrorKind::CannotConnect, 0x8007_2EFD, WebErrorStatus::CannotConnect);
}

#[test]
async fn a_host_without_an_address_is_not_resolved() {
    let error = soon(MessageWebSocket::connect("ws://nobody.invalid/")).await.unwrap_err();
    match BROWSER {
        true => assert_error(&error, ErrorKind::CannotConnect, 0x8007_2EFD, WebErrorStatus::CannotConnect),
        false => assert_error(&error, ErrorKind::HostNameNotResolved, 0x8007_2EE7, WebErrorStatus::HostNameNotResolved),
    }
}

#[test]
async fn http_refusals_keep_their_number() {
    let statuses = [
        (400, WebErrorStatus::BadRequest),
        (401, WebErrorStatus::Unauthorized),
        (403, WebErrorStatus::Forbidden),
        (404, WebErrorStatus::NotFound),
        (418, WebErrorStatus::UnexpectedClientError),
        (426, WebErrorStatus::UnexpectedClientError),
        (500, WebErrorStatus::InternalServerError),
        (503, WebErrorStatus::ServiceUnavailable),
        (599, WebErrorStatus::UnexpectedServerError),
        (200, WebErrorStatus::UnexpectedStatusCode),
    ];
    for (number, status) in statuses {
        let id = unique_id();
        let error = message_socket(&format!("/reject/{number}?id={id}")).await.unwrap_err();
        assert_refused(&error, number, status);
        assert_eq!(lines(&report(&id, "end").await, "frame").len(), 0);
    }
}

#[test]
async fn a_stream_is_refused_likewise() {
    assert_refused(&stream_socket("/reject/404").await.unwrap_err(), 404, WebErrorStatus::NotFound);
}

#[test]
async fn redirects_are_refusals() {
    assert_refused(&message_socket("/redirect").await.unwrap_err(), 302, WebErrorStatus::Found);
    let error = message_socket("/reject/308?header=Location:/echo").await.unwrap_err();
    assert_refused(&error, 308, WebErrorStatus::UnexpectedRedirection);
}

#[test]
async fn answers_that_are_no_upgrade_are_refused() {
    for path in ["/not-http", "/bad-accept", "/no-upgrade", "/endless-header"] {
        let error = message_socket(path).await.unwrap_err();
        if BROWSER {
            assert_eq!(error.kind(), ErrorKind::CannotConnect, "{path}: {error:?}");
        } else {
            let status = WebErrorStatus::ErrorHttpInvalidServerResponse;
            assert_error(&error, ErrorKind::InvalidResponse, 0x8007_2F78, status);
        }
        // A browser makes the next attempt wait after a failure, unless one succeeds in between.
        drop(message_socket("/echo").await.unwrap());
    }
}

#[test]
async fn an_upgrade_in_any_case_and_among_other_options_is_one() {
    for headers in ["connection=upgrade&upgrade=WebSocket", "connection=keep-alive,%20Upgrade"] {
        let path = format!("/raw?{headers}&mode=glued&then=close&hex={}", text("open"));
        match message_socket(&path).await {
            Ok(mut socket) => assert_eq!(receive_to_end(&mut socket).await.0, ["open"], "{headers}"),
            Err(error) => assert!(headers.contains(',') && !reads_connection_as_list(), "{headers}: {error:?}"),
        }
    }
}

#[test]
async fn an_extension_that_was_not_offered_is_refused() {
    let connected = message_socket("/extension").await;
    if BROWSER {
        // Browsers offer it.
        assert_eq!(connected.unwrap().information().extensions(), Some("permessage-deflate"));
    } else {
        let status = WebErrorStatus::ErrorHttpInvalidServerResponse;
        assert_error(&connected.unwrap_err(), ErrorKind::InvalidResponse, 0x8007_2F78, status);
    }
}

#[test]
async fn a_connection_that_ends_inside_the_answer_is_no_connection() {
    let error = message_socket("/truncated-upgrade").await.unwrap_err();
    assert_error(&error, ErrorKind::CannotConnect, 0x8007_2EFD, WebErrorStatus::CannotConnect);
}

#[test]
async fn an_answer_that_never_comes_is_a_timeout_that_names_the_stage() {
    let id = unique_id();
    let record = watch(&id, "end").await;
    let control = Control::new().connect_timeout(Duration::from_millis(300));
    let error = message_socket_with(&format!("/stall-upgrade?id={id}"), control).await.unwrap_err();
    assert_error(&error, ErrorKind::Timeout, 0x8007_2EE2, WebErrorStatus::Timeout);
    let stage = if BROWSER { "connecting" } else { "the opening handshake" };
    assert!(error.to_string().contains(stage), "{error}");
    ended(record).await;
}

#[test]
async fn connecting_that_is_dropped_half_way_ends_the_connection() {
    let id = unique_id();
    let (opened, end) = (watch(&id, "request").await, watch(&id, "end").await);
    let url = peer(&format!("/stall-upgrade?id={id}"));
    {
        let connect = pin!(MessageWebSocket::connect(&url));
        match soon(select(connect, pin!(opened))).await {
            Either::Left((outcome, _)) => panic!("nobody answered: {outcome:?}"),
            Either::Right((record, _)) => assert!(record.contains("GET /stall-upgrade"), "{record}"),
        }
    }
    ended(end).await;
}

#[test]
async fn frames_that_come_with_the_answer_are_delivered() {
    // The text grows over all that a handshake may read at once, so that it is cut where the answer's last read ends.
    for length in [0, 1, 125, 126, 3900, 4096, 5000, 20_000] {
        let long = "g".repeat(length);
        let script = [text("first"), text(&long), text("last")].concat();
        let mut socket = message_socket(&format!("/raw?mode=glued&then=close&hex={script}")).await.unwrap();
        let (texts, error) = receive_to_end(&mut socket).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!(texts, ["first", &long, "last"], "{length}");
    }
}

#[test]
async fn a_fragmented_message_that_comes_with_the_answer_is_delivered() {
    let script = ["010161", "8900", "000162", "8900", "800163", "81026f6b"].concat();
    let mut socket = message_socket(&format!("/raw?mode=glued&then=close&hex={script}")).await.unwrap();
    assert_eq!(receive_to_end(&mut socket).await.0, ["abc", "ok"]);
}

#[test]
async fn a_close_that_comes_with_the_answer_is_seen() {
    let script = format!("{}8805{}{}", text("only"), "0fa1", "627965");
    let mut socket = message_socket(&format!("/raw?mode=glued&then=closed&hex={script}")).await.unwrap();
    assert_eq!(receive_to_end(&mut socket).await.0, ["only"]);
    let closed = socket.closed().unwrap();
    assert_eq!((u16::from(closed.code()), closed.reason()), (4001, "bye"));
}

#[test]
async fn many_frames_that_come_with_the_answer_are_delivered_in_order() {
    let script: String = (0..4000).map(|number| text(&(number % 10).to_string())).collect();
    let mut socket = message_socket(&format!("/raw?mode=glued&then=close&hex={script}")).await.unwrap();
    let (texts, error) = receive_to_end(&mut socket).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(texts, (0..4000).map(|number| (number % 10).to_string()).collect::<Vec<_>>());
}

#[test]
async fn many_frames_after_the_answer_are_delivered_in_order() {
    let mut socket = message_socket("/close?messages=20000&code=1000").await.unwrap();
    let (texts, error) = receive_to_end(&mut socket).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(texts.len(), 20_000);
    assert!(texts.iter().enumerate().all(|(number, text)| *text == number.to_string()));
}

/// A text frame in hex.
fn text(text: &str) -> String {
    let header = match text.len() {
        length @ ..126 => format!("81{length:02x}"),
        length => format!("817e{length:04x}"),
    };
    text.bytes().fold(header, |hex, byte| format!("{hex}{byte:02x}"))
}

#[track_caller]
fn assert_error(error: &Error, kind: ErrorKind, hresult: u32, status: WebErrorStatus) {
    assert_eq!((error.kind(), error.hresult(), error.status()), (kind, HResult::new(hresult), status), "{error:?}");
}

#[track_caller]
fn assert_refused(error: &Error, number: u16, status: WebErrorStatus) {
    if BROWSER {
        assert_error(error, ErrorKind::CannotConnect, 0x8007_2EFD, WebErrorStatus::CannotConnect);
    } else {
        assert_error(error, ErrorKind::HttpStatus(number), 0x8019_0000 + u32::from(number), status);
        assert!(error.to_string().contains(&number.to_string()), "{error}");
    }
}
