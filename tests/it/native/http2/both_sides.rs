//! Both sides by this crate: the server's behind hyper.

use std::convert::Infallible;

use futures::future::join;
use hyper::{Request, Response, body::Incoming, ext::Protocol, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{io::AsyncReadExt as _, io::AsyncWriteExt as _, net::TcpListener};
use websocket_anywhere::{
    CloseCode, Compression, Control, ErrorKind, HttpVersion, MessageWebSocket, ServerControl, ServerDecision,
    ServerMessageWebSocket, ServerRequest, ServerStreamWebSocket, StreamWebSocket,
};

use crate::support::{soon, test, wire::pattern};

async fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let mut builder = http2::Builder::new(TokioExecutor::new());
            builder.enable_connect_protocol();
            tokio::spawn(builder.serve_connection(TokioIo::new(tcp), service_fn(answer)));
        }
    });
    url
}

pub(super) async fn answer(request: Request<Incoming>) -> Result<Response<String>, Infallible> {
    assert_eq!(request.extensions().get::<Protocol>().unwrap().as_str(), "websocket");
    let control = ServerControl::new().settings(Control::new().compression(Compression::new().threshold(0)));
    let control = control.on_request(|request| match request.path() {
        "/elsewhere" => ServerDecision::refuse(404).body("nothing here"),
        _ => ServerDecision::accept().header("X-Who", "hyper"),
    });
    let path = request.uri().path().to_owned();
    let response = control.respond(&ServerRequest::over_http2(&path, request.headers()).unwrap());
    let mut answer = Response::builder().status(response.status());
    for (name, value) in response.headers() {
        answer = answer.header(name, value);
    }
    let body = String::from_utf8(response.body().to_vec()).unwrap();
    if response.is_accepted() {
        tokio::spawn(async move {
            let transport = TokioIo::new(hyper::upgrade::on(request).await.unwrap());
            match path.as_str() {
                "/stream" => {
                    let stream = ServerStreamWebSocket::upgraded(transport, &response, &control).unwrap();
                    let (mut reader, mut writer) = tokio::io::split(stream);
                    let _ = tokio::io::copy(&mut reader, &mut writer).await;
                }
                "/close" => {
                    let mut socket = ServerMessageWebSocket::upgraded(transport, &response, &control).unwrap();
                    socket.send("last words").await.unwrap();
                    socket.close(4001, "bye").await.unwrap();
                }
                _ => {
                    let mut socket = ServerMessageWebSocket::upgraded(transport, &response, &control).unwrap();
                    while let Ok(Some(message)) = socket.receive().await {
                        socket.send(message).await.unwrap();
                    }
                }
            }
        });
    }
    Ok(answer.body(body).unwrap())
}

fn control() -> Control {
    Control::new().http_version(HttpVersion::Http2)
}

#[test]
async fn messages_are_compressed_and_come_back() {
    let url = start().await;
    let control = control().compression(Compression::new().threshold(0));
    let mut socket = soon(MessageWebSocket::connect_with(&format!("{url}/echo"), control)).await.unwrap();
    assert!(socket.information().extensions().unwrap().starts_with("permessage-deflate"));
    assert_eq!(socket.information().response_headers().unwrap().get("X-Who"), Some("hyper"));
    for len in [0, 1, 126, 65_536, 1 << 20] {
        let message = pattern(0, len);
        soon(socket.send(&message)).await.unwrap();
        assert!(soon(socket.receive()).await.unwrap().unwrap().as_bytes() == message, "{len}");
    }
    assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
}

#[test]
async fn the_close_of_the_server_and_its_refusal_arrive() {
    let url = start().await;
    let mut socket = soon(MessageWebSocket::connect_with(&format!("{url}/close"), control())).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("last words"));
    assert_eq!(soon(socket.receive()).await.unwrap(), None);
    let closed = socket.closed().unwrap();
    assert_eq!((u16::from(closed.code()), closed.reason(), closed.was_clean()), (4001, "bye", true));
    let error = soon(MessageWebSocket::connect_with(&format!("{url}/elsewhere"), control())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HttpStatus(404));
    assert_eq!(&error.response().unwrap().body()[..], b"nothing here");
}

#[test]
async fn bytes_stream_in_both_directions_at_once() {
    const SIZE: usize = 4 << 20;
    let url = start().await;
    let stream = soon(StreamWebSocket::connect_with(&format!("{url}/stream"), control())).await.unwrap();
    let (mut reader, mut writer) = tokio::io::split(stream);
    let sent = pattern(0, SIZE);
    let sending = async {
        writer.write_all(&sent).await.unwrap();
        writer.flush().await.unwrap();
    };
    let mut received = vec![0; SIZE];
    let receiving = async { reader.read_exact(&mut received).await.unwrap() };
    soon(join(sending, receiving)).await;
    assert!(received == sent);
}
