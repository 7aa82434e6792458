//! Node's `http2` with `enableConnectProtocol`: a server of HTTP/2 that is neither ours nor that of the crate h2.

use futures::future::join_all;
use websocket_anywhere::{
    CloseCode, Control, ErrorKind, HttpVersion, MessageWebSocket, SharedConnections, StreamWebSocket,
};

use super::{Deflate, Library, Server, echo, text};
use crate::support::{soon, test, wire::pattern};

fn control() -> Control {
    Control::new().http_version(HttpVersion::Http2).supported_protocol("chat")
}

async fn server() -> Server {
    Server::start(Library::NodeHttp2, Deflate::Plain).await
}

#[test]
#[ignore = "cargo xtask test installs the servers"]
async fn messages_of_every_size_come_back_over_http_2() {
    let mut server = server().await;
    let mut socket = soon(MessageWebSocket::connect_with(&server.url("/echo"), control())).await.unwrap();
    assert_eq!(socket.information().http_version(), Some(HttpVersion::Http2));
    assert_eq!(socket.information().protocol(), Some("chat"));
    for len in [0, 1, 125, 126, 4096, 65_535, 65_536, 1 << 20] {
        echo(&mut socket, text(len).into()).await;
        echo(&mut socket, pattern(0, len).into()).await;
    }
    assert!(soon(socket.close(CloseCode::NORMAL, "done")).await.unwrap().was_clean());
    drop(socket);
    assert_eq!(server.line().await, "stream ends");
    assert_eq!(server.line().await, "session ends");
}

#[test]
#[ignore = "cargo xtask test installs the servers"]
async fn sockets_share_a_session_and_bytes_stream_over_it() {
    const SIZE: usize = 4 << 20;
    let mut server = server().await;
    let shared = SharedConnections::new();
    let control = control().shared_connections(&shared);
    let url = server.url("/echo");
    let connecting = (0..50).map(|_| soon(MessageWebSocket::connect_with(&url, control.clone())));
    let mut sockets: Vec<_> = join_all(connecting).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(shared.connections(), 1);
    join_all(sockets.iter_mut().map(|socket| echo(socket, "hello".into()))).await;
    let mut stream = soon(StreamWebSocket::connect_with(&url, control.clone())).await.unwrap();
    let mut received = Vec::new();
    for at in (0..SIZE).step_by(1 << 16) {
        soon(tokio::io::AsyncWriteExt::write_all(&mut stream, &pattern(at, 1 << 16))).await.unwrap();
        while received.len() < at + (1 << 16) {
            received.extend(soon(stream.read_chunk()).await.unwrap().unwrap());
        }
    }
    assert!(received == pattern(0, SIZE), "other bytes came back");
    let error = soon(MessageWebSocket::connect_with(&server.url("/elsewhere"), control)).await.unwrap_err();
    assert_eq!(
        (error.kind(), &error.response().unwrap().body()[..]),
        (ErrorKind::HttpStatus(404), &b"nothing here"[..])
    );
    assert_eq!(server.line().await, "stream ends");
    let closing = sockets.into_iter().map(|mut socket| async move { socket.close(CloseCode::NORMAL, "").await });
    for closed in soon(join_all(closing)).await {
        assert!(closed.unwrap().was_clean());
    }
    assert!(soon(stream.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
    drop((stream, shared));
    for _ in 0..51 {
        assert_eq!(server.line().await, "stream ends");
    }
    assert_eq!(server.line().await, "session ends");
}
