//! What `tracing` is told: every stage of a connection, in its span, and nothing that may be secret.

use std::{
    io,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use peer::{Peer, tls::Certificate};
use tokio::io::{AsyncWriteExt, duplex};
use tracing::{Dispatch, subscriber::NoSubscriber};
use tracing_subscriber::fmt::{MakeWriter, format::FmtSpan};
use websocket_anywhere::{
    CloseCode, Control, MessageWebSocket, Proxy, ServerControl, ServerDecision, ServerMessageWebSocket,
};

use super::{
    memory_pipe::{URL, message_socket, read_head},
    proxy_servers::ProxyServer,
};
use crate::support::soon;

/// What was told, as text.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<u8>>>);

impl io::Write for Told {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Told {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// While there is one dispatcher, tracing-core asks that of the thread which meets a callsite first, and keeps the answer: a
/// test on another thread, which has none, would silence the callsite for all. A second dispatcher has it ask both.
static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));

/// Runs a future in a runtime whose only thread tells everything of every level, and gives what was told.
fn told(future: impl Future<Output = ()>) -> String {
    let told = Told::default();
    LazyLock::force(&SECOND);
    let subscriber = tracing_subscriber::fmt()
        .with_writer(told.clone())
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::NEW)
        .with_ansi(false)
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(false).build().unwrap();
        runtime.block_on(soon(future));
        // The drivers end with it.
        drop(runtime);
    });
    let text = told.0.lock().unwrap().clone();
    // Others that are told of have levels of their own.
    String::from_utf8(text)
        .unwrap()
        .lines()
        .filter(|line| line.contains("websocket_anywhere"))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[track_caller]
fn assert_lines(told: &str, expected: &[&[&str]]) {
    let mut lines = told.lines();
    for words in expected {
        let found = lines.any(|line| words.iter().all(|word| line.contains(word)));
        assert!(found, "no line, or not in this place, with {words:?} in\n{told}");
    }
}

#[test]
fn each_stage_is_told_with_its_duration_and_the_connection_by_its_name() {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    let (port, root) = (server.addr().port(), server.root_der().to_vec());
    let told = told(async {
        let control = Control::new().root_certificate(root).supported_protocol("chat");
        let url = server.url("/protocol?answer=chat");
        let mut socket = MessageWebSocket::connect_with(&url, control).await.unwrap();
        socket.close(CloseCode::NORMAL, "so long").await.unwrap();
    });
    let name = &*format!("role=\"client\" scheme=\"wss\" host=\"localhost\" port={port}");
    assert_lines(
        &told,
        &[
            &["DEBUG", "connection{id=", name, "new"],
            &["DEBUG", name, "done stage=reading the trusted authorities elapsed="],
            &["DEBUG", name, "done stage=looking up localhost elapsed="],
            &["DEBUG", name, "done stage=connecting to 127.0.0.1:", " by TCP elapsed="],
            &["DEBUG", name, "done stage=the TLS handshake elapsed="],
            &["DEBUG", name, "done stage=the opening handshake elapsed="],
            &["DEBUG", name, "connected protocol=\"chat\"", "round_trip="],
            &["DEBUG", name, "closing code=1000"],
            &["DEBUG", name, "closed code=1000 reason=\"so long\" was_clean=true"],
        ],
    );
}

#[test]
fn failures_are_told_and_how_bad_they_are() {
    let refused = told(async {
        let control = Control::new().max_redirects(1);
        let url = Peer::shared().url("/reject/302?header=Location:/reject/404");
        MessageWebSocket::connect_with(&url, control).await.unwrap_err();
    });
    assert_lines(
        &refused,
        &[
            &["DEBUG", "failed stage=the opening handshake", "kind=HttpStatus(302)"],
            &["DEBUG", "redirected scheme=\"ws\" host=\"127.0.0.1\""],
            &["DEBUG", "failed stage=the opening handshake", "kind=HttpStatus(404)"],
            &["DEBUG", "not connected kind=HttpStatus(404)", "404 Not Found"],
        ],
    );

    let silent = told(async {
        let (client, _server) = duplex(10_000);
        let control = Control::new().connect_timeout(Duration::from_millis(1));
        MessageWebSocket::handshake(client, URL, control).await.unwrap_err();
    });
    assert_lines(
        &silent,
        &[&["WARN", "took too long stage=the opening handshake"], &["DEBUG", "not connected kind=Timeout"]],
    );

    type Peers = &'static [u8];
    let ends: [(&str, Peers, &[&str]); 4] = [
        ("broken", b"\x83\x00", &["WARN", "failed kind=Protocol"]),
        ("no UTF-8", b"\x81\x01\xff", &["WARN", "failed kind=InvalidUtf8"]),
        ("lost", b"", &["DEBUG", "lost kind=ConnectionAborted"]),
        ("closed", b"\x88\x05\x0f\xa1bye", &["DEBUG", "closed code=4001 reason=\"bye\" was_clean=true"]),
    ];
    for (name, words, expected) in ends {
        let told = told(async {
            let (mut socket, mut server) = message_socket(Control::new()).await;
            server.write_all(words).await.unwrap();
            server.shutdown().await.unwrap();
            while let Ok(Some(_)) = socket.receive().await {}
        });
        assert_lines(&told, &[expected]);
        assert_eq!(
            told.matches(" failed kind=").count() + told.matches(" lost ").count() + told.matches(" closed ").count(),
            1,
            "{name}: {told}"
        );
    }
}

#[test]
fn a_server_tells_of_its_connections_too() {
    let told = told(async {
        let control = ServerControl::new().on_request(|request| match request.path() {
            "/chat" => ServerDecision::accept(),
            _ => ServerDecision::refuse(403),
        });
        for path in ["/chat", "/other"] {
            let (client, server) = duplex(10_000);
            let url = format!("ws://server.invalid{path}");
            let (accepted, connected) = tokio::join!(
                ServerMessageWebSocket::accept(server, control.clone().peer_address(([192, 0, 2, 7], 50_000))),
                MessageWebSocket::handshake(client, &url, Control::new())
            );
            assert_eq!((accepted.is_ok(), connected.is_ok()), (path == "/chat", path == "/chat"));
        }
    });
    assert_lines(
        &told,
        &[
            &["role=\"server\"", "done stage=the client's request"],
            &["role=\"server\"", "done stage=the decision about the client's request"],
            &["role=\"server\" peer=192.0.2.7:50000", "connected"],
            &["role=\"server\"", "not connected kind=HttpStatus(403)"],
        ],
    );
}

/// Everything that may be secret has this word in it.
const SECRET: &str = "s3cr3t";

#[test]
fn no_secret_and_no_payload_is_told() {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    let root = server.root_der().to_vec();
    let told = told(async {
        let proxy = ProxyServer::http(false).await;
        let control = Control::new()
            .root_certificate(root)
            .proxy(Proxy::Http(format!("http://user:{SECRET}@{}", proxy.addr)))
            .request_header("Cookie", format!("session={SECRET}"))
            .max_redirects(3);
        let control = || control.clone();
        let secrets =
            format!("token={SECRET}&header=Set-Cookie:{SECRET}&header=X-{SECRET}:1&user={SECRET}&password={SECRET}");
        for path in [
            format!("/echo?{secrets}"),
            format!("/reject/302?header=Location:/{SECRET}?{SECRET}&{secrets}"),
            format!("/reject/404?{secrets}"),
            format!("/login?scheme=Digest&scheme=Basic&scheme=SHA-256&{secrets}"),
            format!("/not-http?{secrets}"),
            format!("/protocol?answer={SECRET}&{secrets}"),
        ] {
            let url = server.url(&path).replace("wss://", &format!("wss://{SECRET}:{SECRET}@"));
            let Ok(mut socket) = MessageWebSocket::connect_with(&url, control()).await else { continue };
            let _ = socket.send(SECRET).await;
            let _ = socket.send(SECRET.as_bytes()).await;
            // The others answer neither.
            if path.starts_with("/echo") {
                socket.ping().await.unwrap();
                socket.receive().await.unwrap();
            }
            let _ = socket.close(CloseCode::NORMAL, "").await;
        }
        // Answers and frames that make no sense.
        for words in [
            format!("HTTP/1.1 200 {SECRET}\r\n{SECRET}: {SECRET}\r\n\r\n{SECRET}"),
            format!("{SECRET}\r\n\r\n"),
            format!("HTTP/1.1 302 Found\r\nLocation: http://{SECRET}@:{SECRET}/\r\n\r\n"),
        ] {
            let (client, mut server) = duplex(10_000);
            let serve = async {
                read_head(&mut server).await;
                server.write_all(words.as_bytes()).await.unwrap();
                drop(server);
            };
            let (outcome, ()) = tokio::join!(MessageWebSocket::handshake(client, URL, Control::new()), serve);
            outcome.unwrap_err();
        }
        for words in [format!("\u{1}\u{6}{SECRET}"), format!("\u{3}{SECRET}")] {
            let (mut socket, mut server) = message_socket(Control::new()).await;
            server.write_all(words.as_bytes()).await.unwrap();
            drop(server);
            while let Ok(Some(_)) = socket.receive().await {}
        }
    });
    assert!(told.lines().count() > 50, "{told}");
    assert!(!told.contains(SECRET), "{}", told.lines().filter(|line| line.contains(SECRET)).collect::<String>());
}
