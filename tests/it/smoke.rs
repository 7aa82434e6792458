//! What every place that runs code must be able to do: the tests for where the whole suite is not run.

use futures::{AsyncReadExt, AsyncWriteExt};
use websocket_anywhere::{CloseCode, ErrorKind};

use crate::support::{message_socket, report, soon, stream_socket, test, unique_id, wire::pattern};

#[test]
async fn a_socket_sends_receives_and_closes() {
    let mut socket = message_socket("/echo").await.unwrap();
    for _ in 0..100 {
        socket.send("text, grüße").await.unwrap();
        socket.send(&pattern(0, 5000)).await.unwrap();
    }
    for _ in 0..100 {
        assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("text, grüße"));
        assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_bytes(), pattern(0, 5000));
    }
    let closed = soon(socket.close(CloseCode::NORMAL, "bye")).await.unwrap();
    assert_eq!((closed.code(), closed.reason(), closed.was_clean()), (CloseCode::NORMAL, "bye", true));
}

#[test]
async fn a_stream_sends_and_receives() {
    let mut stream = stream_socket("/echo").await.unwrap();
    let bytes = pattern(0, 100_000);
    soon(stream.write_all(&bytes)).await.unwrap();
    let mut echo = vec![0; bytes.len()];
    soon(stream.read_exact(&mut echo)).await.unwrap();
    assert!(echo == bytes);
    soon(AsyncWriteExt::close(&mut stream)).await.unwrap();
}

#[test]
async fn a_dropped_socket_closes_and_a_refused_one_says_so() {
    let id = unique_id();
    drop(message_socket(&format!("/raw?id={id}")).await.unwrap());
    report(&id, "close empty").await;
    let error = message_socket("/reject/403").await.unwrap_err();
    assert!([ErrorKind::CannotConnect, ErrorKind::HttpStatus(403)].contains(&error.kind()), "{error:?}");
}
