//! Counts the kinds of errors: each is produced on each target that can produce it, and on no other.

use std::{collections::BTreeSet, time::Duration};

use websocket_anywhere::{Control, DataReader, DataWriter, Error, ErrorKind, MessageWebSocket, SocketMessageType};

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
#[path = "native/error_kinds.rs"]
mod own;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
#[path = "error_kinds/browser.rs"]
mod own;

use crate::{
    events::{PANIC, quietly},
    support::{
        BROWSER, message_socket, message_socket_with, soon, stream_socket, test,
        wire::{CLOSE, TEXT, frame, script},
        yield_now,
    },
};

/// The page that is written from the table of kinds.
const PAGE: &str = include_str!("../../src/docs/errors.md");

/// How many kinds need more than a local peer: wasm threads, and a browser that does not check subprotocols.
const CONDITIONAL: usize = if BROWSER { 2 } else { 0 };

#[test]
#[cfg_attr(not(all(feature = "proxy", feature = "tls")), ignore = "it needs the features proxy and tls")]
async fn every_kind_is_produced_where_it_can_be_and_nowhere_else() {
    let mut errors = both().await;
    errors.extend(own::errors().await);
    let produced: BTreeSet<String> = errors.iter().map(|error| name(error.kind())).collect();
    let (expected, conditional) = kinds_of_this_target();
    assert_eq!(produced, expected, "produced, and listed with \"yes\"");
    assert_eq!(conditional, CONDITIONAL, "kinds with a condition");
    assert_eq!(produced.len(), errors.len(), "each once");
}

/// The kinds whose cell is "yes", and how many have a condition.
fn kinds_of_this_target() -> (BTreeSet<String>, usize) {
    let column = if BROWSER { 7 } else { 6 };
    let rows = PAGE.lines().filter(|line| line.starts_with("| [`") && line.contains("crate::ErrorKind::"));
    let cells = rows.map(|row| {
        let cells: Vec<_> = row.split(" | ").collect();
        assert_eq!(cells.len(), 7, "{row}");
        let name = cells[0].trim_start_matches("| [`").split('`').next().unwrap();
        (name.to_owned(), cells[column - 1].trim_end_matches(" |").to_owned())
    });
    let cells: Vec<(String, String)> = cells.collect();
    let conditional = cells.iter().filter(|(_, cell)| cell.starts_with("yes, ")).count();
    (cells.into_iter().filter(|(_, cell)| cell == "yes").map(|(name, _)| name).collect(), conditional)
}

/// Without the number of an HTTP status.
fn name(kind: ErrorKind) -> String {
    format!("{kind:?}").split('(').next().unwrap().to_owned()
}

/// What programs on both targets meet.
async fn both() -> Vec<Error> {
    vec![
        soon(MessageWebSocket::connect("ws://127.0.0.1:1/")).await.unwrap_err(),
        closed().await,
        stream_error(&frame(true, CLOSE, b"\x0f\xa1")).await,
        handler_panicked().await,
        soon(message_socket("/drop").await.unwrap().receive()).await.unwrap_err(),
        message_socket_with("/echo", Control::new().supported_protocol("")).await.unwrap_err(),
        no_text().await,
        soon(MessageWebSocket::connect("ftp://127.0.0.1/")).await.unwrap_err(),
        incomplete().await,
        too_big().await,
        DataReader::from_buffer("").read_byte().unwrap_err(),
        timeout().await,
        stream_error(&frame(true, TEXT, b"text")).await,
    ]
}

async fn closed() -> Error {
    let mut socket = message_socket("/raw").await.unwrap();
    soon(socket.close(1000, "")).await.unwrap();
    soon(socket.send("late")).await.unwrap_err()
}

async fn handler_panicked() -> Error {
    let socket = message_socket("/text?body=once").await.unwrap();
    let failed = quietly(async {
        let mut sender = socket.listen(|_| panic!("{PANIC}"));
        loop {
            if let Err(error) = sender.send("again").await {
                return error;
            }
            yield_now().await;
        }
    });
    soon(failed).await
}

async fn incomplete() -> Error {
    let mut socket = message_socket("/echo").await.unwrap();
    soon(socket.send_part("a part", false)).await.unwrap();
    soon(socket.send("whole")).await.unwrap_err()
}

async fn no_text() -> Error {
    let control = Control::new().message_type(SocketMessageType::Utf8);
    let mut socket = message_socket_with("/echo", control).await.unwrap();
    let mut writer = DataWriter::new(socket.output_stream());
    writer.write_byte(0xff);
    soon(writer.store()).await.unwrap_err()
}

async fn too_big() -> Error {
    let control = Control::new().max_message_size(Some(1));
    soon(message_socket_with("/text?body=long", control).await.unwrap().receive()).await.unwrap_err()
}

async fn timeout() -> Error {
    let control = Control::new().connect_timeout(Duration::from_millis(100));
    message_socket_with("/stall-upgrade", control).await.unwrap_err()
}

/// What a stream makes of these bytes.
async fn stream_error(bytes: &[u8]) -> Error {
    let mut stream = stream_socket(&script(bytes, "then=closed")).await.unwrap();
    soon(stream.read_chunk()).await.unwrap_err()
}
