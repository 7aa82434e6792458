//! `wss` with certificates made for the test.

use std::{error::Error as _, io::Write, net::TcpListener, time::Duration};

use futures::{AsyncReadExt, AsyncWriteExt, future::join};
use peer::{Peer, tls::Certificate};
use websocket_anywhere::{
    CloseCode, Control, Error, ErrorKind, HResult, MessageWebSocket, Result, StreamWebSocket, WebErrorStatus,
};

use crate::support::{
    receive_to_end, sleep, soon, test, unique_id,
    wire::{CLOSE, TEXT, frame, script},
};

#[test]
async fn a_server_under_a_trusted_authority_is_connected_to() {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    let mut socket = connect(&server, "/echo").await.unwrap();
    soon(socket.send("secret")).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("secret"));
    assert_eq!(socket.information().remote_address(), Some(server.addr()));
    let closed = soon(socket.close(3000, "over TLS")).await.unwrap();
    assert_eq!((u16::from(closed.code()), closed.reason(), closed.was_clean()), (3000, "over TLS", true));
}

#[test]
async fn sends_that_fail_do_not_hide_what_a_server_sent_before_it_left() {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    let frames = [frame(true, TEXT, b"one"), frame(true, TEXT, b"two"), frame(true, CLOSE, b"\x0f\xa1bye")].concat();
    for then in ["drop", "reset"] {
        for sends in [1, 2, 50] {
            let mut socket = connect(&server, &script(&frames, &format!("then={then}"))).await.unwrap();
            for _ in 0..sends {
                // Whether or not this one fails.
                let _ = soon(socket.send("into the void")).await;
                sleep(Duration::from_millis(1)).await;
            }
            let (texts, error) = receive_to_end(&mut socket).await;
            assert_eq!(
                (&texts[..], error.is_none()),
                (&["one".to_owned(), "two".to_owned()][..], true),
                "{then} {sends}"
            );
            assert_eq!(u16::from(socket.closed().unwrap().code()), 4001, "{then} {sends}");
        }
    }
}

#[test]
async fn what_was_sent_over_tls_leaves_when_the_runtime_ends() {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    let (id, url) = (unique_id(), server.url("/sink"));
    let (url, control) = (format!("{url}?id={id}"), trusting(&server));
    let sending = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut socket = soon(MessageWebSocket::connect_with(&url, control)).await.unwrap();
            for _ in 0..100 {
                soon(socket.send("sent")).await.unwrap();
            }
        });
    });
    sending.join().unwrap();
    let path = format!("/report?id={id}&until=end");
    let record = soon(connect(&server, &path).await.unwrap().receive()).await.unwrap().unwrap();
    let record = record.as_text().unwrap();
    assert!(record.contains("\nsink messages=100 text=100 ") && record.contains("\nclose empty"), "{record}");
}

#[test]
async fn a_server_may_be_named_by_its_address() {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    let url = server.url("/echo").replace("localhost", "127.0.0.1");
    soon(MessageWebSocket::connect_with(&url, trusting(&server))).await.unwrap();
}

#[test]
async fn one_of_several_authorities_is_enough() {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    let other = Peer::start_tls(Certificate::Good).unwrap();
    let control = trusting(&other).root_certificate(server.root_der());
    soon(MessageWebSocket::connect_with(&server.url("/echo"), control)).await.unwrap();
}

#[test]
async fn an_unknown_authority_is_not_trusted() {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    let error = soon(MessageWebSocket::connect(&server.url("/echo"))).await.unwrap_err();
    assert_untrusted(&error);
}

#[test]
async fn an_authority_of_the_right_name_with_another_key_is_not_believed() {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    let other = Peer::start_tls(Certificate::Good).unwrap();
    let error = soon(MessageWebSocket::connect_with(&server.url("/echo"), trusting(&other))).await.unwrap_err();
    assert_error(&error, ErrorKind::CertificateInvalid, 0x8007_2F89, WebErrorStatus::CertificateIsInvalid);
}

#[test]
async fn a_certificate_signed_by_itself_is_not_trusted() {
    let server = Peer::start_tls(Certificate::SelfSignedUntrusted).unwrap();
    assert_untrusted(&connect(&server, "/echo").await.unwrap_err());
}

#[test]
async fn an_expired_certificate_is_refused() {
    let server = Peer::start_tls(Certificate::Expired).unwrap();
    let error = connect(&server, "/echo").await.unwrap_err();
    assert_error(&error, ErrorKind::CertificateExpired, 0x8007_2F05, WebErrorStatus::CertificateExpired);
}

#[test]
async fn a_certificate_for_another_name_is_refused() {
    let server = Peer::start_tls(Certificate::WrongName).unwrap();
    let error = connect(&server, "/echo").await.unwrap_err();
    let status = WebErrorStatus::CertificateCommonNameIsIncorrect;
    assert_error(&error, ErrorKind::CertificateNameMismatch, 0x8007_2F06, status);
}

#[test]
async fn a_stream_checks_certificates_likewise() {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    assert_untrusted(&soon(StreamWebSocket::connect(&server.url("/echo"))).await.unwrap_err());
}

#[test]
async fn a_server_without_tls_is_an_error_of_tls() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("wss://{}/", server.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        let (mut client, _) = server.accept().unwrap();
        client.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        // What the client says is read, so that the end is none of a reset.
        let _ = std::io::copy(&mut client, &mut std::io::sink());
    });
    let error = soon(MessageWebSocket::connect(&url)).await.unwrap_err();
    assert_error(&error, ErrorKind::Tls, 0x8007_2F7D, WebErrorStatus::Unknown);
    answering.join().unwrap();
}

#[test]
async fn a_tls_handshake_that_never_ends_is_a_timeout_that_names_it() {
    // The system accepts; nobody answers.
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("wss://{}/", server.local_addr().unwrap());
    let control = Control::new().connect_timeout(Duration::from_millis(200));
    let error = soon(MessageWebSocket::connect_with(&url, control)).await.unwrap_err();
    assert_eq!((error.kind(), error.hresult()), (ErrorKind::Timeout, HResult::WININET_E_TIMEOUT));
    assert!(error.to_string().contains("TLS"), "{error}");
}

#[test]
async fn a_refusal_over_tls_keeps_its_number() {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    let error = connect(&server, "/reject/403").await.unwrap_err();
    assert_error(&error, ErrorKind::HttpStatus(403), 0x8019_0193, WebErrorStatus::Forbidden);
}

#[test]
async fn ten_mebibytes_come_back_as_one_message() {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    let mut socket = connect(&server, "/echo").await.unwrap();
    let sent = pattern(10 << 20);
    soon(socket.send(&sent)).await.unwrap();
    let received = soon(socket.receive()).await.unwrap().unwrap();
    assert!(received.as_bytes() == sent, "the bytes are not those that were sent");
    assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
}

#[test]
async fn ten_mebibytes_come_back_as_a_stream() {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    let url = server.url("/echo");
    let stream = soon(StreamWebSocket::connect_with(&url, trusting(&server))).await.unwrap();
    let (mut input, mut output) = stream.split();
    let sent = pattern(10 << 20);
    let mut received = vec![0; sent.len()];
    let (written, read) = soon(join(output.write_all(&sent), input.read_exact(&mut received))).await;
    written.unwrap();
    read.unwrap();
    assert!(received == sent, "the bytes are not those that were sent");
    assert!(soon(output.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
}

#[test]
async fn frames_that_come_with_the_answer_over_tls_are_delivered() {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    let mut socket = connect(&server, "/raw?mode=glued&then=close&hex=810161810162").await.unwrap();
    let (texts, error) = receive_to_end(&mut socket).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(texts, ["a", "b"]);
}

#[test]
async fn what_the_peer_sent_before_its_close_over_tls_is_delivered_first() {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    let mut socket = connect(&server, "/close?messages=500&code=4001&reason=over").await.unwrap();
    let (texts, error) = receive_to_end(&mut socket).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(texts.len(), 500);
    let closed = socket.closed().unwrap();
    assert_eq!((u16::from(closed.code()), closed.reason(), closed.was_clean()), (4001, "over", true));
}

#[test]
async fn tls_that_ends_without_a_close_is_a_loss() {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    for path in ["/drop?messages=3", "/reset?messages=3"] {
        let mut socket = connect(&server, path).await.unwrap();
        let (texts, error) = receive_to_end(&mut socket).await;
        assert_eq!(texts, ["0", "1", "2"], "{path}");
        let error = error.unwrap();
        assert_error(&error, ErrorKind::ConnectionAborted, 0x8007_2EFE, WebErrorStatus::ConnectionAborted);
    }
}

async fn connect(server: &Peer, path: &str) -> Result<MessageWebSocket> {
    soon(MessageWebSocket::connect_with(&server.url(path), trusting(server))).await
}

fn trusting(server: &Peer) -> Control {
    Control::new().root_certificate(server.root_der())
}

fn pattern(size: usize) -> Vec<u8> {
    (0..size).map(|index| (index % 251) as u8).collect()
}

#[track_caller]
fn assert_untrusted(error: &Error) {
    let status = WebErrorStatus::CertificateContainsErrors;
    assert_error(error, ErrorKind::CertificateUntrusted, 0x8007_2F0D, status);
    assert!(error.source().is_some());
}

#[track_caller]
fn assert_error(error: &Error, kind: ErrorKind, hresult: u32, status: WebErrorStatus) {
    assert_eq!((error.kind(), error.hresult(), error.status()), (kind, HResult::new(hresult), status), "{error:?}");
}

#[test]
async fn the_sample_of_tls_connects() {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    let mut socket = soon(crate::seed_samples::secure::secure(&server.url("/echo"), trusting(&server))).await.unwrap();
    soon(socket.send("secret")).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("secret"));
}
