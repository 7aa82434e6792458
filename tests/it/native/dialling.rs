//! How long connecting may take, and that nothing is left of what is given up.

use std::time::Duration;

use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
};
use websocket_anywhere::{Control, ErrorKind, HResult, MessageWebSocket, StreamWebSocket, WebErrorStatus};

use crate::support::{message_socket_with, soon, test};

#[test]
#[cfg_attr(not(feature = "tls"), ignore = "it needs the feature tls")]
async fn a_server_that_accepts_and_says_nothing_times_out_and_the_stage_is_named() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap();
    for (url, stage) in [(format!("ws://{address}/"), "opening handshake"), (format!("wss://{address}/"), "TLS")] {
        let limit = Duration::from_millis(100);
        for control in [Control::new().connect_timeout(limit), Control::new().deadline(Some(limit))] {
            let error = soon(StreamWebSocket::connect_with(&url, control)).await.unwrap_err();
            let expected = (ErrorKind::Timeout, HResult::WININET_E_TIMEOUT, WebErrorStatus::Timeout);
            assert_eq!((error.kind(), error.hresult(), error.status()), expected);
            assert!(error.to_string().contains(stage), "{error}");
            let (client, _) = soon(server.accept()).await.unwrap();
            read_to_end(client).await;
        }
    }
}

#[test]
async fn a_deadline_that_has_passed_tries_nothing() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", server.local_addr().unwrap());
    let control = Control::new().deadline(Some(Duration::ZERO));
    let error = soon(MessageWebSocket::connect_with(&url, control)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[test]
async fn endless_times_are_allowed() {
    let control = Control::new().deadline(Some(Duration::MAX)).connect_timeout(Duration::MAX);
    let control = control.tcp_keep_alive(Some(Duration::MAX)).tcp_user_timeout(Some(Duration::MAX));
    let mut socket = message_socket_with("/echo", control).await.unwrap();
    soon(socket.send("in time")).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("in time"));
}

#[test]
async fn options_of_tcp_that_would_turn_themselves_off_are_refused() {
    for (name, control) in [
        ("tcp_keep_alive", Control::new().tcp_keep_alive(Duration::from_millis(999))),
        ("tcp_user_timeout", Control::new().tcp_user_timeout(Duration::from_micros(999))),
    ] {
        let error = message_socket_with("/echo", control).await.unwrap_err();
        assert_eq!((error.kind(), error.hresult()), (ErrorKind::InvalidArgument, HResult::E_INVALIDARG));
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
#[cfg_attr(not(feature = "tls"), ignore = "it needs the feature tls")]
async fn giving_up_closes_the_connection_whatever_the_stage() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap();
    for url in [format!("ws://{address}/"), format!("wss://{address}/")] {
        let connecting = tokio::spawn(async move { MessageWebSocket::connect(&url).await });
        let (mut client, _) = soon(server.accept()).await.unwrap();
        // It has spoken, so it waits for an answer.
        soon(client.read_u8()).await.unwrap();
        connecting.abort();
        read_to_end(client).await;
    }
}

/// Waits until the client has gone.
async fn read_to_end(mut client: TcpStream) {
    let mut rest = Vec::new();
    soon(client.read_to_end(&mut rest)).await.unwrap();
}
