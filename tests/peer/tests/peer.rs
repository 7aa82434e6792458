//! The peer does what its URLs say, as seen by a client that is not ours.

use std::collections::HashSet;
use std::hash::Hasher;
use std::sync::Arc;

use fnv::FnvHasher;
use futures::{SinkExt, StreamExt};
use peer::Peer;
use peer::tls::Certificate;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async, connect_async};

type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

#[tokio::test]
async fn echo_returns_text_and_binary_and_the_close() {
    let mut client = open("/echo?id=echo").await;
    let big = Message::Binary(Bytes::from(vec![7; 10 << 20]));
    for message in [Message::text("héllo"), Message::text(""), big] {
        client.send(message.clone()).await.unwrap();
        assert!(next(&mut client).await == message);
    }
    client.close(close(3001, "bye")).await.unwrap();
    assert_eq!(next(&mut client).await, Message::Close(close(3001, "bye")));
    drop(client);
    let report = report("echo", "end").await;
    assert_eq!(report[..2], ["open", "request GET /echo?id=echo HTTP/1.1"]);
    let lines = ["message text 6", "message text 0", "message binary 10485760"];
    assert_eq!(report[report.len() - 5..report.len() - 2], lines);
    assert_eq!(report[report.len() - 2..], ["close 3001 bye", "end eof"]);
}

#[tokio::test]
async fn close_sends_its_messages_first() {
    let mut client = open("/close?messages=2&code=4000&reason=enough%20now&id=close").await;
    assert_eq!(next(&mut client).await, Message::text("0"));
    assert_eq!(next(&mut client).await, Message::text("1"));
    assert_eq!(next(&mut client).await, Message::Close(close(4000, "enough now")));
    assert!(client.next().await.is_none());
    drop(client);
    let report = report("close", "end").await;
    assert_eq!(report[report.len() - 2..], ["close 4000 enough now", "end eof"]);

    let mut client = open("/close").await;
    assert_eq!(next(&mut client).await, Message::Close(None));
}

#[tokio::test]
async fn text_and_binary_come_unasked() {
    let mut client = open("/text?body=a%26b&count=2").await;
    assert_eq!(next(&mut client).await, Message::text("a&b"));
    assert_eq!(next(&mut client).await, Message::text("a&b"));
    let mut client = open("/binary?size=300").await;
    assert_eq!(next(&mut client).await, Message::Binary(pattern(300)));
}

#[tokio::test]
async fn protocol_and_request_are_told() {
    let mut request = Peer::shared().url("/protocol?answer=chat").into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("Sec-WebSocket-Protocol", "chat, other".parse().unwrap());
    let (_, response) = connect_async(request).await.unwrap();
    assert_eq!(response.headers()["Sec-WebSocket-Protocol"], "chat");

    let mut client = open("/request").await;
    let text = next(&mut client).await.into_text().unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("GET /request HTTP/1.1"));
    assert!(lines.any(|line| line == "Sec-WebSocket-Version: 13"));
}

#[tokio::test]
async fn raw_bytes_arrive_however_they_are_written() {
    for mode in ["whole", "bytes", "glued"] {
        // "He" and "llo" as two frames, then a Close 1000.
        let mut client =
            open(&format!("/raw?hex=01024865 80036C6C6f 880203e8&mode={mode}&then=closed").replace(' ', "")).await;
        assert_eq!(next(&mut client).await, Message::text("Hello"), "{mode}");
        assert_eq!(next(&mut client).await, Message::Close(close(1000, "")), "{mode}");
        assert!(client.next().await.is_none(), "{mode}");
    }
}

#[tokio::test]
async fn frames_are_recorded_with_their_keys() {
    let mut client = open("/raw?id=frames").await;
    client.send(Message::text("one")).await.unwrap();
    client.send(Message::binary(vec![1; 200])).await.unwrap();
    client.close(None).await.unwrap();
    assert_eq!(next(&mut client).await, Message::Close(None));
    drop(client);
    let report = report("frames", "end").await;
    let frames: Vec<_> = report.iter().filter_map(|line| line.split_once(" key=")).collect();
    let shown = format!("frame opcode=2 fin=1 masked=1 len=200 hex={}", "01".repeat(64));
    let expected = ["frame opcode=1 fin=1 masked=1 len=3 hex=6f6e65", &shown];
    assert_eq!([frames[0].0, frames[1].0], expected);
    assert_eq!(frames[2].0, "frame opcode=8 fin=1 masked=1 len=0 hex=");
    let keys: HashSet<_> = frames.iter().map(|(_, key)| key).collect();
    assert_eq!(keys.len(), 3);
    assert_eq!(report[report.len() - 2..], ["close empty", "end eof"]);
}

#[tokio::test]
async fn unmasked_and_cut_frames_are_recorded() {
    let mut tcp = upgrade_by_hand("/raw?id=unmasked").await;
    tcp.write_all(b"\xc1\x02hi\x82\x85").await.unwrap();
    drop(tcp);
    let report = report("unmasked", "end").await;
    let expected = ["frame opcode=1 fin=1 masked=0 len=2 hex=6869 rsv=4", "end eof inside a frame"];
    assert_eq!(report[report.len() - 2..], expected);
}

#[tokio::test]
async fn drop_and_reset_deliver_their_messages() {
    for path in ["/drop?messages=2", "/reset?messages=2"] {
        let mut client = open(path).await;
        assert_eq!(next(&mut client).await, Message::text("0"), "{path}");
        assert_eq!(next(&mut client).await, Message::text("1"), "{path}");
        assert!(client.next().await.unwrap().is_err(), "{path}");
    }
    let mut tcp = upgrade_by_hand("/reset").await;
    let error = tcp.read_u8().await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    let mut tcp = upgrade_by_hand("/half-message").await;
    let mut bytes = Vec::new();
    tcp.read_to_end(&mut bytes).await.unwrap();
    assert_eq!(bytes, b"\x01\x04half");
}

#[tokio::test]
async fn a_client_that_resets_is_recorded() {
    for (path, id) in [("/sink", "r1"), ("/echo", "r2"), ("/accept-then-silent", "r3")] {
        let tcp = upgrade_by_hand(&format!("{path}?id={id}")).await;
        tcp.set_zero_linger().unwrap();
        drop(tcp);
        let report = report(id, "end").await;
        assert_eq!(report.last().unwrap(), "end reset", "{path}");
    }
}

#[tokio::test]
async fn never_close_and_late_data() {
    let mut client = open("/never-close?id=never").await;
    client.close(close(1000, "")).await.unwrap();
    assert!(report("never", "close").await.contains(&"close 1000".to_owned()));
    drop(client);
    assert_eq!(report("never", "end").await.last().unwrap(), "end eof");

    let mut tcp = upgrade_by_hand("/data-after-close").await;
    tcp.write_all(b"\x88\x82\0\0\0\0\x03\xe8").await.unwrap();
    let mut bytes = Vec::new();
    tcp.read_to_end(&mut bytes).await.unwrap();
    assert_eq!(bytes, b"\x81\x04late\x81\x04late\x81\x04late\x88\x02\x03\xe8");
}

#[tokio::test]
async fn pings_and_pongs_come_and_are_recorded() {
    let mut client = open("/ping?payload=p&count=2&id=ping").await;
    assert_eq!(next(&mut client).await, Message::Ping("p".into()));
    assert_eq!(next(&mut client).await, Message::Ping("p".into()));
    assert_eq!(next(&mut client).await, Message::text("after"));
    client.close(None).await.unwrap();
    while client.next().await.is_some() {}
    drop(client);
    let report = report("ping", "end").await;
    let pong = "frame opcode=10 fin=1 masked=1 len=1 hex=70 key=";
    assert!(report.iter().any(|line| line.starts_with(pong)), "{report:?}");

    let mut client = open("/pong?payload=q").await;
    assert_eq!(next(&mut client).await, Message::Pong("q".into()));
    assert_eq!(next(&mut client).await, Message::text("after"));
}

#[tokio::test]
async fn a_slow_reader_reads_only_when_released() {
    let mut client = open("/slow-reader?id=slow").await;
    // More than the buffers of the system hold, so that the client is blocked.
    let payload = pattern(32 << 20);
    let mut hash = FnvHasher::default();
    hash.write(&payload);
    let mut sending = std::pin::pin!(client.send(Message::Binary(payload)));
    let release = async {
        let mut releaser = open("/release?id=slow").await;
        assert_eq!(next(&mut releaser).await, Message::text("released"));
        assert_eq!(next(&mut releaser).await, Message::Close(close(1000, "")));
    };
    tokio::select! {
        biased;
        _ = &mut sending => panic!("nobody reads"),
        () = release => {}
    }
    sending.await.unwrap();
    client.close(None).await.unwrap();
    assert_eq!(next(&mut client).await, Message::Close(None));
    drop(client);
    let report = report("slow", "end").await;
    let hash = hash.finish();
    let sink = format!("sink messages=1 text=0 binary=1 bytes=33554432 fnv={hash:016x}");
    assert_eq!(report[report.len() - 5..report.len() - 3], ["released".to_owned(), sink]);
}

#[tokio::test]
async fn a_flood_is_blocked_by_a_client_that_does_not_read() {
    let mut client = open("/flood?bytes=33554433&size=100000&id=flood").await;
    let blocked = report("flood", "blocked").await;
    let blocked = blocked.last().unwrap().strip_prefix("blocked ").unwrap();
    assert!(blocked.parse::<u64>().unwrap() < 33554433);
    let mut left = 33554433;
    while left > 0 {
        let message = next(&mut client).await.into_data();
        assert!(message == pattern(left.min(100_000)));
        left -= message.len();
    }
    let report = report("flood", "sent").await;
    assert_eq!(report.last().unwrap(), "sent 33554433");
}

#[tokio::test]
async fn a_flood_of_small_messages_is_whole() {
    let mut client = open("/flood?bytes=100003&size=10").await;
    for _ in 0..10_000 {
        assert_eq!(next(&mut client).await.into_data(), pattern(10));
    }
    assert_eq!(next(&mut client).await.into_data(), pattern(3));
}

#[tokio::test]
async fn a_big_message_has_the_frames_asked_for() {
    for fragments in [1, 3] {
        let path = format!("/big-frame?bytes=200000&fragments={fragments}");
        let mut client = open(&path).await;
        assert!(next(&mut client).await.into_data() == pattern(200_000), "{path}");
    }
    let mut tcp = upgrade_by_hand("/big-frame?bytes=5&fragments=2").await;
    let mut bytes = [0; 9];
    tcp.read_exact(&mut bytes).await.unwrap();
    assert_eq!(bytes, *b"\x02\x03\0\x01\x02\x80\x02\x03\x04");
}

#[tokio::test]
async fn bad_answers_are_refused() {
    for (path, expected) in [
        ("/reject/404", 404),
        ("/reject/503", 503),
        ("/redirect", 302),
        ("/nowhere", 404),
        ("/raw?hex=0", 400),
        ("/drop?messages=x", 400),
        ("/report", 400),
    ] {
        let Err(Error::Http(response)) = connect_async(Peer::shared().url(path)).await else {
            panic!("{path} must answer with an HTTP error");
        };
        assert_eq!(response.status(), expected, "{path}");
    }
    for path in ["not-http", "bad-accept", "no-upgrade", "truncated-upgrade", "endless-header"] {
        let url = Peer::shared().url(&format!("/{path}?id={path}"));
        assert!(connect_async(url).await.is_err(), "{path}");
        let report = report(path, "end").await;
        assert!(!report.last().unwrap().starts_with("end error"), "{path} {report:?}");
    }
    let (_, response) = connect_async(Peer::shared().url("/extension")).await.unwrap();
    assert_eq!(response.headers()["Sec-WebSocket-Extensions"], "permessage-deflate");
}

#[tokio::test]
async fn a_rejection_has_the_headers_asked_for() {
    let url = Peer::shared().url("/reject/401?header=WWW-Authenticate:%20Basic%20realm%3D%22peer%22");
    let Err(Error::Http(response)) = connect_async(url).await else {
        panic!("must be rejected");
    };
    assert_eq!(response.headers()["WWW-Authenticate"], "Basic realm=\"peer\"");
    assert_eq!(response.headers()["X-Peer"], "rejected");
    assert_eq!(response.body().as_deref(), Some(&b"Unauthorized"[..]));
}

#[tokio::test]
async fn a_stalled_upgrade_ends_with_its_client() {
    let mut tcp = TcpStream::connect(Peer::shared().addr()).await.unwrap();
    tcp.write_all(&request("/stall-upgrade?id=stall")).await.unwrap();
    report("stall", "open").await;
    drop(tcp);
    assert_eq!(report("stall", "end").await.last().unwrap(), "end eof");
}

#[tokio::test]
async fn a_vanished_peer_sees_its_client_go_without_reading() {
    let mut client = open("/accept-then-silent?id=silent").await;
    client.send(Message::text("unread")).await.unwrap();
    drop(client);
    assert_eq!(report("silent", "end").await.last().unwrap(), "end eof");
}

#[tokio::test]
async fn tls_is_trusted_only_with_a_good_certificate() {
    for (certificate, trusted) in [
        (Certificate::Good, true),
        (Certificate::GoodChain, true),
        (Certificate::GoodWithRoot, true),
        (Certificate::Expired, false),
        (Certificate::NotYetValid, false),
        (Certificate::WrongName, false),
        (Certificate::ExpiredWrongName, false),
        (Certificate::WrongUsage, false),
        (Certificate::IncompleteChain, false),
        (Certificate::SelfSignedUntrusted, false),
        (Certificate::SelfSignedExpiredWrongName, false),
        (Certificate::SelfSignedAuthority, false),
        (Certificate::Forged, false),
        (Certificate::Stolen, false),
    ] {
        let peer = Peer::start_tls(certificate).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(peer.root_der())).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let tcp = TcpStream::connect(peer.addr()).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let tls = TlsConnector::from(Arc::new(config)).connect(name, tcp).await;
        assert_eq!(tls.is_ok(), trusted, "{certificate:?}");
        if let Ok(tls) = tls {
            let (mut client, _) = client_async(peer.url("/echo"), tls).await.unwrap();
            client.send(Message::text("safe")).await.unwrap();
            assert_eq!(client.next().await.unwrap().unwrap(), Message::text("safe"));
            client.close(None).await.unwrap();
            assert_eq!(client.next().await.unwrap().unwrap(), Message::Close(None));
        }
    }
}

async fn open(path: &str) -> Client {
    let opened = connect_async(Peer::shared().url(path)).await;
    opened.unwrap_or_else(|error| panic!("{path}: {error}")).0
}

async fn next(client: &mut Client) -> Message {
    client.next().await.unwrap().unwrap()
}

async fn report(id: &str, until: &str) -> Vec<String> {
    let mut client = open(&format!("/report?id={id}&until={until}")).await;
    let text = next(&mut client).await.into_text().unwrap();
    assert_eq!(next(&mut client).await, Message::Close(close(1000, "")));
    text.lines().map(str::to_owned).collect()
}

/// Opens a WebSocket on a bare socket and reads away the answer.
async fn upgrade_by_hand(path: &str) -> TcpStream {
    let mut tcp = TcpStream::connect(Peer::shared().addr()).await.unwrap();
    tcp.write_all(&request(path)).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(tcp.read_u8().await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 101 "));
    tcp
}

fn request(path: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    .into_bytes()
}

fn close(code: u16, reason: &'static str) -> Option<CloseFrame> {
    Some(CloseFrame { code: code.into(), reason: reason.into() })
}

fn pattern(size: usize) -> Bytes {
    (0..size).map(|i| (i % 251) as u8).collect()
}
