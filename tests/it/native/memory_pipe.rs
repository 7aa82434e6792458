//! A server at the other end of a pipe in memory: nothing but the test moves the clock or the bytes.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use websocket_anywhere::{Control, Error, ErrorKind, HResult, MessageWebSocket, StreamWebSocket, WebErrorStatus};

use crate::support::soon;

/// The URL of the server, whose host does not exist.
pub(crate) const URL: &str = "ws://server.invalid/path?query";

/// How much either direction of a pipe holds.
pub(crate) const CAPACITY: usize = 64 * 1024;

/// An open socket and the server's end of its transport, past the opening handshake.
pub(crate) async fn message_socket(control: Control) -> (MessageWebSocket, DuplexStream) {
    let (client, mut server) = duplex(CAPACITY);
    let (socket, _) = tokio::join!(MessageWebSocket::handshake(client, URL, control), accept(&mut server, ""));
    (socket.unwrap(), server)
}

/// An open stream and the server's end of its transport, past the opening handshake.
pub(crate) async fn stream_socket(control: Control) -> (StreamWebSocket, DuplexStream) {
    let (client, mut server) = duplex(CAPACITY);
    let (socket, _) = tokio::join!(StreamWebSocket::handshake(client, URL, control), accept(&mut server, ""));
    (socket.unwrap(), server)
}

/// Reads a request, answers it with 101 and these header lines, and gives its head.
pub(crate) async fn accept(server: &mut (impl AsyncRead + AsyncWrite + Unpin), headers: &str) -> String {
    let head = read_head(server).await;
    server.write_all(switching_protocols(&head, headers).as_bytes()).await.unwrap();
    head
}

/// The 101 for a request with this head, with these header lines more.
pub(crate) fn switching_protocols(head: &str, headers: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n{headers}\r\n",
        accept_value(head)
    )
}

/// The digest of the key in this head.
pub(crate) fn accept_value(head: &str) -> String {
    let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
    derive_accept_key(key.as_bytes())
}

/// Reads the head of a request.
pub(crate) async fn read_head(server: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(soon(server.read_u8()).await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// Reads a frame of the client: its first byte, and the payload without its mask.
pub(crate) async fn read_frame(server: &mut DuplexStream) -> (u8, Vec<u8>) {
    let first = server.read_u8().await.unwrap();
    let second = server.read_u8().await.unwrap();
    assert_eq!(second & 0x80, 0x80, "a client masks");
    let len = match second & 0x7f {
        126 => server.read_u16().await.unwrap().into(),
        127 => server.read_u64().await.unwrap(),
        len => len.into(),
    };
    let mut key = [0; 4];
    server.read_exact(&mut key).await.unwrap();
    let mut payload = vec![0; len as usize];
    server.read_exact(&mut payload).await.unwrap();
    payload.iter_mut().zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
    (first, payload)
}

#[track_caller]
pub(crate) fn assert_error(error: &Error, kind: ErrorKind, hresult: HResult, status: WebErrorStatus) {
    assert_eq!((error.kind(), error.hresult(), error.status()), (kind, hresult, status), "{error:?}");
}
