//! Errors that only native programs meet.

use std::{io::Write, net::TcpListener};

use futures::executor::block_on;
use peer::{Peer, tls::Certificate};
use websocket_anywhere::{Control, Error, MessageWebSocket, Proxy, ServerValidation};

use crate::{
    native::proxy_servers::ProxyServer,
    support::{
        message_socket, peer, soon,
        wire::{BINARY, TEXT, frame, script},
    },
};

pub(super) async fn errors() -> Vec<Error> {
    vec![
        refused_certificate(Certificate::Expired, true).await,
        other_key().await,
        refused_certificate(Certificate::WrongName, true).await,
        rejected().await,
        revoked().await,
        refused_certificate(Certificate::Good, false).await,
        client_wanted().await,
        soon(MessageWebSocket::connect("ws://no-such-host.invalid/")).await.unwrap_err(),
        message_socket("/reject/403").await.unwrap_err(),
        message_socket("/bad-accept").await.unwrap_err(),
        message_error(&frame(true, TEXT, b"\xff")).await,
        std::thread::spawn(|| block_on(MessageWebSocket::connect(&peer("/echo"))).unwrap_err()).join().unwrap(),
        // An opcode that is reserved.
        message_error(&frame(true, BINARY + 1, b"")).await,
        stranger_to_proxy().await,
        no_tls().await,
        // Two sockets in memory have no request.
        MessageWebSocket::pair(Control::new().request_header("X-Name", "value")).unwrap_err(),
    ]
}

async fn refused_certificate(certificate: Certificate, is_trusted: bool) -> Error {
    let server = Peer::start_tls(certificate).unwrap();
    let control = if is_trusted { trusting(&server) } else { Control::new() };
    tls_error(&server, control).await
}

/// A program that believes nobody.
async fn rejected() -> Error {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    tls_error(&server, trusting(&server).server_custom_validation(|_| async { ServerValidation::Reject })).await
}

async fn revoked() -> Error {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    tls_error(&server, trusting(&server).revocation_list(server.revocation_list(true, true))).await
}

/// A server that asks for a certificate, and a client that has none.
async fn client_wanted() -> Error {
    let server = Peer::start_tls_asking().unwrap();
    tls_error(&server, trusting(&server)).await
}

/// An authority of the right name that did not sign this.
async fn other_key() -> Error {
    let other = Peer::start_tls(Certificate::Good).unwrap();
    let server = Peer::start_tls(Certificate::Good).unwrap();
    tls_error(&server, trusting(&other)).await
}

fn trusting(server: &Peer) -> Control {
    Control::new().root_certificate(server.root_der())
}

async fn tls_error(server: &Peer, control: Control) -> Error {
    soon(MessageWebSocket::connect_with(&server.url("/echo"), control)).await.unwrap_err()
}

/// A proxy that wants a password, and a client that has none.
async fn stranger_to_proxy() -> Error {
    let proxy = ProxyServer::http(true).await;
    let control = Control::new().proxy(Proxy::Http(proxy.url("http")));
    soon(MessageWebSocket::connect_with(&peer("/echo"), control)).await.unwrap_err()
}

/// A server that does not speak TLS.
async fn no_tls() -> Error {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("wss://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        client.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        // What the client says is read, so that the end is none of a reset.
        let _ = std::io::copy(&mut client, &mut std::io::sink());
    });
    soon(MessageWebSocket::connect(&url)).await.unwrap_err()
}

/// What a socket for messages makes of these bytes.
async fn message_error(bytes: &[u8]) -> Error {
    soon(message_socket(&script(bytes, "")).await.unwrap().receive()).await.unwrap_err()
}
