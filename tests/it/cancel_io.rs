//! A future of a `StreamWebSocket` that is dropped before it is ready loses nothing.

use std::task::Poll;

use futures::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use websocket_anywhere::{CloseCode, StreamWebSocket};

use crate::support::{
    impatiently, poll_once,
    pressure::{assert_sunk, release},
    report, soon, stream_socket, test, unique_id,
    wire::{BINARY, CLOSE, CONTINUATION, PING, frame, pattern, script},
    yield_now,
};

/// 6,001 bytes of the pattern in messages and fragments, delivered byte by byte, and the end.
async fn source() -> StreamWebSocket {
    let frames = [
        frame(true, BINARY, &pattern(0, 1)),
        frame(true, BINARY, b""),
        frame(false, BINARY, &pattern(1, 2000)),
        frame(true, PING, b"between"),
        frame(false, CONTINUATION, b""),
        frame(true, CONTINUATION, &pattern(2001, 1000)),
        frame(true, BINARY, &pattern(3001, 3000)),
        frame(true, CLOSE, b"\x03\xe8"),
    ];
    stream_socket(&script(&frames.concat(), "mode=bytes&then=closed")).await.unwrap()
}

#[test]
async fn read_chunk_dropped_at_every_await_loses_nothing() {
    let mut stream = source().await;
    let mut bytes = Vec::new();
    while let Some(chunk) = impatiently(async || stream.read_chunk().await).await.unwrap() {
        bytes.extend(chunk);
    }
    assert!(bytes == pattern(0, 6001));

    let (mut input, _output) = source().await.split();
    bytes.clear();
    while let Some(chunk) = impatiently(async || input.read_chunk().await).await.unwrap() {
        bytes.extend(chunk);
    }
    assert!(bytes == pattern(0, 6001));
}

#[test]
async fn read_dropped_at_every_await_loses_nothing() {
    let (mut by_futures, mut by_tokio) = (source().await, source().await);
    let (mut bytes, mut buffer) = (Vec::<u8>::new(), [0; 100]);
    loop {
        let read = impatiently(async || AsyncReadExt::read(&mut by_futures, &mut buffer).await).await.unwrap();
        bytes.extend(&buffer[..read]);
        if read == 0 {
            break;
        }
    }
    assert!(bytes == pattern(0, 6001));
    bytes.clear();
    loop {
        let read = impatiently(async || tokio::io::AsyncReadExt::read(&mut by_tokio, &mut buffer).await).await.unwrap();
        bytes.extend(&buffer[..read]);
        if read == 0 {
            break;
        }
    }
    assert!(bytes == pattern(0, 6001));
}

#[test]
async fn fill_buf_dropped_at_every_await_loses_nothing() {
    let mut stream = source().await;
    let mut bytes = Vec::<u8>::new();
    loop {
        let piece = impatiently(async || AsyncBufReadExt::fill_buf(&mut stream).await.unwrap().to_vec()).await;
        // It gives the same until it is consumed.
        assert!(poll_once(AsyncBufReadExt::fill_buf(&mut stream)).map(Result::unwrap).is_ready());
        let consumed = piece.len().min(7);
        stream.consume_unpin(consumed);
        bytes.extend(&piece[..consumed]);
        if piece.is_empty() {
            break;
        }
    }
    assert!(bytes == pattern(0, 6001));
}

#[test]
async fn a_dropped_write_writes_nothing() {
    let id = unique_id();
    let mut stream = stream_socket(&format!("/slow-reader?id={id}")).await.unwrap();
    let (kept, lost) = (pattern(0, 60_000), vec![255; 60_000]);
    let (mut count, mut pending) = (0, 0);
    while pending < 100 {
        match poll_once(AsyncWriteExt::write(&mut stream, &kept)) {
            Poll::Ready(written) => {
                assert_eq!(written.unwrap(), kept.len());
                (count, pending) = (count + 1, 0);
                assert!(count < 1000, "writes do not wait");
            }
            Poll::Pending => {
                pending += 1;
                // After the last, nothing may happen before the next line.
                if pending < 100 {
                    yield_now().await;
                }
            }
        }
    }
    assert!(poll_once(AsyncWriteExt::write(&mut stream, &lost)).is_pending());
    assert!(poll_once(tokio::io::AsyncWriteExt::write(&mut stream, &lost)).is_pending());
    assert!(poll_once(stream.flush()).is_pending());
    release(&id).await;
    let written = impatiently(async || AsyncWriteExt::write(&mut stream, b"last").await).await.unwrap();
    assert_eq!(written, 4);
    impatiently(async || stream.flush().await).await.unwrap();
    impatiently(async || tokio::io::AsyncWriteExt::shutdown(&mut stream).await).await.unwrap();
    assert_sunk(&id, std::iter::repeat_n(&kept[..], count).chain([&b"last"[..]])).await;
}

#[test]
async fn a_dropped_shutdown_goes_on() {
    let id = unique_id();
    let (mut input, mut output) = stream_socket(&format!("/echo?id={id}")).await.unwrap().split();
    AsyncWriteExt::write_all(&mut output, b"before").await.unwrap();
    assert!(poll_once(AsyncWriteExt::close(&mut output)).is_pending());
    let record = report(&id, "close 1000").await;
    assert!(record.contains("\nmessage binary 6\n"), "{record}");
    soon(AsyncWriteExt::close(&mut output)).await.unwrap();
    let closed = soon(input.close(4000_u16, "later")).await.unwrap();
    assert_eq!((closed.code(), closed.was_clean()), (CloseCode::NORMAL, true));
}
