//! A stream of bytes: what is written comes back, however it was cut.

use futures::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, StreamExt};
use websocket_anywhere::{CloseCode, InputStream};

use crate::support::{
    BROWSER, report, soon, spawn, stream_socket, test, unique_id,
    wire::{BINARY, CLOSE, CONTINUATION, frame, pattern, script},
};

/// A browser runs everything in one thread, without optimisation.
const LARGE: usize = if BROWSER { 8 << 20 } else { 32 << 20 };

/// Reads `len` bytes of the pattern.
async fn assert_pattern(input: &mut InputStream, len: usize) {
    let expected = pattern(0, 251 + (64 << 10));
    let mut read = 0;
    while read < len {
        let chunk = soon(input.read_chunk()).await.unwrap().unwrap();
        assert!(!chunk.is_empty());
        for piece in chunk.chunks(64 << 10) {
            let start = read % 251;
            assert!(*piece == expected[start..start + piece.len()], "damaged within {} bytes from {read}", piece.len());
            read += piece.len();
        }
    }
    assert_eq!(read, len);
}

#[test]
async fn large_data_are_copied_by_tokio() {
    let (mut input, mut output) = stream_socket("/echo").await.unwrap().split();
    let copying = spawn(async move {
        let data = pattern(0, LARGE);
        assert_eq!(tokio::io::copy(&mut &data[..], &mut output).await.unwrap(), LARGE as u64);
        output
    });
    assert_pattern(&mut input, LARGE).await;
    let output = copying.await;
    assert_eq!(output.buffered_amount(), 0, "a copy ends with a flush");
    let information = output.information();
    assert_eq!((information.sent().bytes, information.received().bytes), (LARGE as u64, LARGE as u64));
}

#[test]
async fn large_data_are_copied_by_futures() {
    let (mut input, mut output) = stream_socket("/echo").await.unwrap().split();
    let copying = spawn(async move {
        let data = pattern(0, LARGE);
        assert_eq!(futures::io::copy(&data[..], &mut output).await.unwrap(), LARGE as u64);
        output
    });
    assert_pattern(&mut input, LARGE).await;
    assert_eq!(copying.await.buffered_amount(), 0, "a copy ends with a flush");
}

#[test]
async fn data_are_copied_out_of_the_stream_by_both() {
    let bytes = pattern(0, 200_000);
    let path = "/big-frame?bytes=200000&fragments=3";
    let mut copied = Vec::new();
    let stream = stream_socket(path).await.unwrap();
    assert_eq!(
        soon(tokio::io::copy(&mut tokio::io::AsyncReadExt::take(stream, 200_000), &mut copied)).await.unwrap(),
        200_000
    );
    assert!(copied == bytes);
    copied.clear();
    let stream = stream_socket(path).await.unwrap();
    assert_eq!(soon(futures::io::copy(AsyncReadExt::take(stream, 200_000), &mut copied)).await.unwrap(), 200_000);
    assert!(copied == bytes);
}

#[test]
async fn chunks_are_never_empty_and_none_is_the_end() {
    let frames = [
        frame(true, BINARY, b""),
        frame(true, BINARY, b"ab"),
        frame(false, BINARY, b""),
        frame(false, CONTINUATION, b""),
        frame(true, CONTINUATION, b"c"),
        frame(true, BINARY, b""),
        frame(true, CLOSE, b"\x03\xe8"),
    ];
    for mode in ["whole", "bytes", "glued"] {
        let mut stream = stream_socket(&script(&frames.concat(), &format!("mode={mode}&then=closed"))).await.unwrap();
        let mut bytes = Vec::new();
        while let Some(chunk) = soon(stream.read_chunk()).await.unwrap() {
            assert!(!chunk.is_empty());
            bytes.extend(chunk);
        }
        assert_eq!(bytes, b"abc");
        assert_eq!(soon(stream.read_chunk()).await.unwrap(), None);
        assert_eq!(soon(AsyncReadExt::read(&mut stream, &mut [0; 8])).await.unwrap(), 0);
    }
}

#[test]
async fn reads_do_not_see_where_messages_end() {
    let frames: Vec<u8> = (0..100_u8).flat_map(|byte| frame(true, BINARY, &[byte; 3])).collect();
    let mut stream = stream_socket(&script(&frames, "")).await.unwrap();
    let expected: Vec<u8> = (0..100).flat_map(|byte| [byte; 3]).collect();
    let mut read = vec![0; 200];
    soon(AsyncReadExt::read_exact(&mut stream, &mut read)).await.unwrap();
    assert_eq!(read, expected[..200]);
    // A piece of a message, then the rest of it as a chunk.
    let mut one = [0];
    assert_eq!(soon(AsyncReadExt::read(&mut stream, &mut one)).await.unwrap(), 1);
    assert_eq!(one, expected[200..201]);
    let mut rest = Vec::new();
    while rest.len() < 99 {
        rest.extend(soon(stream.read_chunk()).await.unwrap().unwrap());
    }
    assert_eq!(rest, expected[201..]);
}

#[test]
async fn lines_are_read_across_messages() {
    let frames = [
        frame(true, BINARY, b"first li"),
        frame(true, BINARY, b"ne\nsecond line\nthi"),
        frame(true, BINARY, "rd, gr\u{fc}n".as_bytes()),
        frame(true, CLOSE, b"\x03\xe8"),
    ];
    let path = script(&frames.concat(), "mode=bytes&then=closed");
    let stream = stream_socket(&path).await.unwrap();
    let lines: Vec<_> = soon(AsyncBufReadExt::lines(stream).map(Result::unwrap).collect()).await;
    assert_eq!(lines, ["first line", "second line", "third, grün"]);

    let mut stream = stream_socket(&path).await.unwrap();
    let mut bytes = Vec::new();
    soon(tokio::io::AsyncBufReadExt::read_until(&mut stream, b'c', &mut bytes)).await.unwrap();
    assert_eq!(bytes, b"first line\nsec");
    soon(tokio::io::AsyncBufReadExt::read_until(&mut stream, b'!', &mut bytes)).await.unwrap();
    assert_eq!(bytes, "first line\nsecond line\nthird, grün".as_bytes());
}

#[test]
async fn a_large_write_is_cut_into_messages_of_64_kib() {
    let id = unique_id();
    let mut stream = stream_socket(&format!("/raw?id={id}")).await.unwrap();
    AsyncWriteExt::write_all(&mut stream, &pattern(0, 200_000)).await.unwrap();
    soon(stream.close(CloseCode::NORMAL, "")).await.unwrap();
    let record = report(&id, "close 1000").await;
    let frames: Vec<_> = record.lines().filter(|line| line.starts_with("frame opcode=2 fin=1 ")).collect();
    assert_eq!(frames.len(), 4, "{record}");
    for frame in &frames[..3] {
        assert!(frame.contains(" len=65536 "), "{frame}");
    }
    assert!(frames[3].contains(&format!(" len={} ", 200_000 - 3 * 65_536)), "{}", frames[3]);
}

#[test]
async fn an_empty_write_sends_nothing() {
    let id = unique_id();
    let mut stream = stream_socket(&format!("/raw?id={id}")).await.unwrap();
    assert_eq!(AsyncWriteExt::write(&mut stream, b"").await.unwrap(), 0);
    assert_eq!(tokio::io::AsyncWriteExt::write(&mut stream, b"").await.unwrap(), 0);
    AsyncWriteExt::write_all(&mut stream, b"x").await.unwrap();
    soon(stream.close(CloseCode::NORMAL, "")).await.unwrap();
    let record = report(&id, "close 1000").await;
    assert_eq!(record.lines().filter(|line| line.starts_with("frame opcode=2 ")).count(), 1, "{record}");
}

#[test]
async fn a_write_leaves_without_a_flush() {
    let id = unique_id();
    let mut stream = stream_socket(&format!("/raw?id={id}")).await.unwrap();
    assert_eq!(AsyncWriteExt::write(&mut stream, b"now").await.unwrap(), 3);
    report(&id, "frame opcode=2 fin=1 masked=1 len=3 hex=6e6f77").await;
}

#[test]
async fn an_empty_buffer_reads_nothing_and_does_not_wait() {
    let mut stream = stream_socket("/echo").await.unwrap();
    assert_eq!(soon(AsyncReadExt::read(&mut stream, &mut [])).await.unwrap(), 0);
    assert_eq!(soon(tokio::io::AsyncReadExt::read(&mut stream, &mut [])).await.unwrap(), 0);
    assert_eq!(stream.closed(), None);
}
