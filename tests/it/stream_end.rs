//! How a stream of bytes ends: cleanly, with a code that says otherwise, abruptly, or by our own hand.

use std::{io, time::Duration};

use futures::{AsyncReadExt, AsyncWriteExt};
use websocket_anywhere::{CloseCode, Control, Error, ErrorKind, StreamWebSocket};

use crate::support::{
    BROWSER, peer, report, soon, stream_socket, test, unique_id,
    wire::{BINARY, CLOSE, TEXT, frame, script},
};

/// Reads to the end: the bytes, and the error if there was one; after it there is nothing for ever.
async fn read_to_end(stream: &mut StreamWebSocket) -> (Vec<u8>, Option<io::Error>) {
    let mut bytes = Vec::new();
    let error = soon(AsyncReadExt::read_to_end(stream, &mut bytes)).await.err();
    for _ in 0..3 {
        assert_eq!(soon(AsyncReadExt::read(stream, &mut [0; 8])).await.unwrap(), 0, "after the end");
        assert_eq!(soon(stream.read_chunk()).await.unwrap(), None, "after the end");
    }
    (bytes, error)
}

fn inner(error: &io::Error) -> &Error {
    error.get_ref().unwrap().downcast_ref().unwrap()
}

fn bytes_then_close(payload: &[u8], rest: &str) -> String {
    let frames = [frame(true, BINARY, b"abc"), frame(true, BINARY, b"def"), frame(true, CLOSE, payload)];
    script(&frames.concat(), &format!("then=closed&{rest}"))
}

#[test]
async fn a_close_that_says_all_is_well_is_the_end_of_the_stream() {
    for (payload, code) in [(&b"\x03\xe8"[..], 1000), (b"\x03\xe9bye", 1001), (b"", 1005)] {
        let mut stream = stream_socket(&bytes_then_close(payload, "")).await.unwrap();
        let (bytes, error) = read_to_end(&mut stream).await;
        assert_eq!(bytes, b"abcdef");
        assert!(error.is_none(), "{code}: {error:?}");
        let closed = stream.closed().unwrap();
        assert_eq!((u16::from(closed.code()), closed.was_clean()), (code, true));
    }
}

#[test]
async fn a_close_that_says_something_went_wrong_is_an_error_after_the_bytes() {
    for code in [1002_u16, 1003, 1011, 3000, 4000] {
        let payload = [&code.to_be_bytes()[..], b"why"].concat();
        let mut stream = stream_socket(&bytes_then_close(&payload, "")).await.unwrap();
        let (bytes, error) = read_to_end(&mut stream).await;
        assert_eq!(bytes, b"abcdef");
        let error = error.unwrap();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
        assert_eq!(inner(&error).kind(), ErrorKind::ClosedByPeer);
        let closed = inner(&error).close().unwrap();
        assert_eq!((u16::from(closed.code()), closed.reason(), closed.was_clean()), (code, "why", true));
        assert_eq!(stream.closed().as_ref(), Some(closed));
    }
}

#[test]
async fn read_chunk_carries_the_code_once() {
    let mut stream = stream_socket(&bytes_then_close(b"\x0f\xa0", "")).await.unwrap();
    let mut bytes = Vec::new();
    let error = loop {
        match soon(stream.read_chunk()).await {
            Ok(chunk) => bytes.extend(chunk.expect("an error comes before the end")),
            Err(error) => break error,
        }
    };
    assert_eq!(bytes, b"abcdef");
    assert_eq!(error.close().map(|closed| u16::from(closed.code())), Some(4000));
    assert_eq!(soon(stream.read_chunk()).await.unwrap(), None);
}

#[test]
async fn a_lost_connection_is_an_error_once_after_the_bytes() {
    let mut stream = stream_socket(&script(&frame(true, BINARY, b"abc"), "then=drop")).await.unwrap();
    let (bytes, error) = read_to_end(&mut stream).await;
    assert_eq!(bytes, b"abc");
    let error = error.unwrap();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
    assert_eq!(inner(&error).kind(), ErrorKind::ConnectionAborted);
    assert_eq!(inner(&error).close(), None);
    let closed = stream.closed().unwrap();
    assert_eq!((closed.code(), closed.was_clean()), (CloseCode::ABNORMAL, false));
    let error = soon(AsyncWriteExt::write(&mut stream, b"late")).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
}

#[test]
async fn a_reset_is_an_error_once() {
    let mut stream = stream_socket("/raw?then=reset").await.unwrap();
    let (_, error) = read_to_end(&mut stream).await;
    assert_eq!(error.unwrap().kind(), io::ErrorKind::ConnectionAborted);
}

#[test]
async fn text_on_a_stream_is_an_error_after_the_bytes() {
    let id = unique_id();
    let frames = [frame(true, BINARY, b"abc"), frame(true, TEXT, b"text"), frame(true, BINARY, b"def")];
    let mut stream = stream_socket(&script(&frames.concat(), &format!("id={id}"))).await.unwrap();
    let (bytes, error) = read_to_end(&mut stream).await;
    assert_eq!(bytes, b"abc");
    let error = error.unwrap();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    assert_eq!(inner(&error).kind(), ErrorKind::UnexpectedText);
    report(&id, if BROWSER { "close 3003" } else { "close 1003" }).await;
}

#[test]
async fn after_shutdown_nothing_can_be_read_and_the_peer_got_what_was_written() {
    let id = unique_id();
    let path = format!("/echo?id={id}");
    let mut stream = stream_socket(&path).await.unwrap();
    AsyncWriteExt::write_all(&mut stream, b"never read").await.unwrap();
    soon(tokio::io::AsyncWriteExt::shutdown(&mut stream)).await.unwrap();
    let (bytes, error) = read_to_end(&mut stream).await;
    assert!(bytes.is_empty() && error.is_none(), "{bytes:?} {error:?}");
    let closed = stream.closed().unwrap();
    assert_eq!((closed.code(), closed.was_clean()), (CloseCode::NORMAL, true));
    let record = report(&id, "close 1000").await;
    assert!(record.contains("\nmessage binary 10\n"), "{record}");
    let error = soon(AsyncWriteExt::write(&mut stream, b"late")).await.unwrap_err();
    assert_eq!((error.kind(), inner(&error).kind()), (io::ErrorKind::BrokenPipe, ErrorKind::Closed));
    soon(tokio::io::AsyncWriteExt::shutdown(&mut stream)).await.unwrap();
}

#[test]
async fn after_a_close_by_futures_or_by_name_nothing_can_be_read() {
    // More unread bytes than one chunk, so that some lie in every buffer on the way.
    let mut stream = stream_socket("/flood?bytes=300000").await.unwrap();
    let mut first = [0];
    soon(AsyncReadExt::read_exact(&mut stream, &mut first)).await.unwrap();
    soon(AsyncWriteExt::close(&mut stream)).await.unwrap();
    assert!(read_to_end(&mut stream).await.0.is_empty());

    let mut stream = stream_socket("/flood?bytes=300000").await.unwrap();
    soon(AsyncReadExt::read_exact(&mut stream, &mut first)).await.unwrap();
    let closed = soon(stream.close(4242_u16, "enough")).await.unwrap();
    assert_eq!((u16::from(closed.code()), closed.reason(), closed.was_clean()), (4242, "enough", true));
    let (bytes, error) = read_to_end(&mut stream).await;
    assert!(bytes.is_empty() && error.is_none(), "{bytes:?} {error:?}");
}

#[test]
async fn closing_by_one_half_ends_the_other() {
    let (mut input, mut output) = stream_socket("/flood?bytes=300000").await.unwrap().split();
    let mut first = [0];
    soon(AsyncReadExt::read_exact(&mut input, &mut first)).await.unwrap();
    let closed = soon(output.close(CloseCode::NORMAL, "")).await.unwrap();
    assert_eq!(soon(AsyncReadExt::read(&mut input, &mut first)).await.unwrap(), 0);
    assert_eq!(soon(input.close(CloseCode::NORMAL, "")).await.unwrap(), closed);

    let (mut input, mut output) = stream_socket("/echo").await.unwrap().split();
    soon(input.close(CloseCode::NORMAL, "")).await.unwrap();
    let error = soon(AsyncWriteExt::write(&mut output, b"late")).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
}

#[test]
async fn a_shutdown_that_the_peer_does_not_answer_is_an_error() {
    let control = Control::new().close_timeout(Duration::from_millis(300));
    let mut stream = soon(StreamWebSocket::connect_with(&peer("/never-close"), control)).await.unwrap();
    AsyncWriteExt::write_all(&mut stream, b"delivered?").await.unwrap();
    let error = soon(tokio::io::AsyncWriteExt::shutdown(&mut stream)).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
    assert!(!stream.closed().unwrap().was_clean());
}
