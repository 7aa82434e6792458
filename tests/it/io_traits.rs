//! Both families of I/O traits, on the stream and on its halves, do the same.

use websocket_anywhere::{InputStream, OutputStream, StreamWebSocket};

use crate::support::{
    report, soon, stream_socket, test, unique_id,
    wire::{BINARY, CLOSE, frame, script},
};

/// Reads in every way that futures-io has; buffered reading includes the other: `one\n`, `two\n`, the rest.
async fn read_by_futures(mut input: impl futures::AsyncBufRead + Unpin) {
    use futures::{AsyncBufReadExt, AsyncReadExt};
    let mut four = [0; 4];
    input.read_exact(&mut four).await.unwrap();
    assert_eq!(&four, b"one\n");
    let mut line = String::new();
    assert_eq!(input.read_line(&mut line).await.unwrap(), 4);
    assert_eq!(line, "two\n");
    assert!(b"three\n".starts_with(input.fill_buf().await.unwrap()));
    input.consume_unpin(1);
    let mut rest = Vec::new();
    assert_eq!(input.read_to_end(&mut rest).await.unwrap(), 5);
    assert_eq!(rest, b"hree\n");
    assert!(input.fill_buf().await.unwrap().is_empty());
}

/// The same with tokio.
async fn read_by_tokio(mut input: impl tokio::io::AsyncBufRead + Unpin) {
    use tokio::io::{AsyncBufReadExt, AsyncReadExt};
    let mut four = [0; 4];
    input.read_exact(&mut four).await.unwrap();
    assert_eq!(&four, b"one\n");
    let mut line = String::new();
    assert_eq!(input.read_line(&mut line).await.unwrap(), 4);
    assert_eq!(line, "two\n");
    assert!(b"three\n".starts_with(input.fill_buf().await.unwrap()));
    input.consume(1);
    let mut rest = Vec::new();
    assert_eq!(input.read_to_end(&mut rest).await.unwrap(), 5);
    assert_eq!(rest, b"hree\n");
    assert!(input.fill_buf().await.unwrap().is_empty());
}

/// Writes in every way that futures-io has, and closes.
async fn write_by_futures(mut output: impl futures::AsyncWrite + Unpin) {
    use futures::AsyncWriteExt;
    assert_eq!(output.write(b"one").await.unwrap(), 3);
    output.write_all(b"two").await.unwrap();
    output.flush().await.unwrap();
    output.close().await.unwrap();
    assert_eq!(output.write(b"late").await.unwrap_err().kind(), std::io::ErrorKind::BrokenPipe);
}

/// The same with tokio.
async fn write_by_tokio(mut output: impl tokio::io::AsyncWrite + Unpin) {
    use tokio::io::AsyncWriteExt;
    assert_eq!(output.write(b"one").await.unwrap(), 3);
    output.write_all(b"two").await.unwrap();
    output.flush().await.unwrap();
    output.shutdown().await.unwrap();
    assert_eq!(output.write(b"late").await.unwrap_err().kind(), std::io::ErrorKind::BrokenPipe);
}

async fn source() -> StreamWebSocket {
    let frames = [frame(true, BINARY, b"one\ntw"), frame(true, BINARY, b"o\nthree\n"), frame(true, CLOSE, b"\x03\xe8")];
    stream_socket(&script(&frames.concat(), "then=closed")).await.unwrap()
}

async fn halves() -> (InputStream, OutputStream) {
    source().await.split()
}

async fn sink(id: &str) -> StreamWebSocket {
    stream_socket(&format!("/echo?id={id}")).await.unwrap()
}

async fn assert_written(id: &str) {
    let record = report(id, "close 1000").await;
    assert_eq!(record.lines().filter(|line| *line == "message binary 3").count(), 2, "{record}");
}

#[test]
async fn a_stream_reads_by_both() {
    soon(read_by_futures(source().await)).await;
    soon(read_by_tokio(source().await)).await;
    soon(read_by_futures(&mut source().await)).await;
    soon(read_by_tokio(&mut source().await)).await;
}

#[test]
async fn an_input_stream_reads_by_both() {
    let (input, _output) = halves().await;
    soon(read_by_futures(input)).await;
    let (input, _output) = halves().await;
    soon(read_by_tokio(input)).await;
}

#[test]
async fn a_stream_writes_by_both() {
    let id = unique_id();
    soon(write_by_futures(sink(&id).await)).await;
    assert_written(&id).await;
    let id = unique_id();
    soon(write_by_tokio(sink(&id).await)).await;
    assert_written(&id).await;
}

#[test]
async fn an_output_stream_writes_by_both() {
    let id = unique_id();
    let (_input, output) = sink(&id).await.split();
    soon(write_by_futures(output)).await;
    assert_written(&id).await;
    let id = unique_id();
    let (_input, output) = sink(&id).await.split();
    soon(write_by_tokio(output)).await;
    assert_written(&id).await;
}
