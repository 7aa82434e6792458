//! What clients ask a server for, and the right answer to each: RFC 9112 and RFC 6455 section 4.2.1.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    net::{TcpListener, TcpStream},
    time::{Instant, sleep},
};
use websocket_anywhere::{
    Control, Error, ErrorKind, MessageWebSocket, Result, ServerControl, ServerDecision, ServerMessageWebSocket,
    ServerRequest,
};

use super::memory_pipe::{CAPACITY, URL};
use crate::support::soon;

/// The request of RFC 6455 section 1.2.
pub(super) const REQUEST: &str = "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://example.com\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// Gives a request to a server, whose client then waits: what the server made of it, and all that it answered.
async fn ask(control: ServerControl, request: &[u8]) -> (Result<MessageWebSocket>, String) {
    let (mut client, far) = duplex(4 * CAPACITY);
    client.write_all(request).await.unwrap();
    let outcome = soon(ServerMessageWebSocket::accept(far, control)).await;
    (outcome, read_answer(&mut client).await)
}

/// An answer with its body.
pub(super) async fn read_answer(client: &mut DuplexStream) -> String {
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(soon(client.read_u8()).await.unwrap());
    }
    let head = String::from_utf8(answer).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    soon(client.read_exact(&mut body)).await.unwrap();
    head + std::str::from_utf8(&body).unwrap()
}

/// The request with this instead of that.
fn with(that: &str, this: &str) -> String {
    assert!(REQUEST.contains(that), "{that}");
    REQUEST.replace(that, this)
}

/// The request with these lines, too.
fn and(lines: &str) -> String {
    with("Origin: http://example.com\r\n", lines)
}

#[tokio::test]
async fn requests_with_the_right_answer_each() {
    const ACCEPT: u16 = 101;
    let host = "Host: server.example.com\r\n";
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let version = "Sec-WebSocket-Version: 13\r\n";
    let many = |count| (0..count).map(|n| format!("X-{n}: y\r\n")).collect::<String>();
    for (request, status) in [
        (REQUEST.to_owned(), ACCEPT),
        // The request line.
        (with("GET", "POST"), 400),
        (with("GET", "get"), 400),
        (with("GET", "CONNECT"), 400),
        (with("HTTP/1.1", "HTTP/1.0"), 400),
        (with("HTTP/1.1", "HTTP/2.0"), 400),
        (with("HTTP/1.1", "HTTP/0.9"), 400),
        (with(" HTTP/1.1", ""), 400),
        (with("GET /chat", "GET  /chat"), 400),
        (format!("\r\n{REQUEST}"), ACCEPT),
        // The target (RFC 9112 section 3.2; RFC 6455 section 4.1, item 3).
        (with("/chat", "/"), ACCEPT),
        (with("/chat", "/chat?room=1&a=%20"), ACCEPT),
        (with("/chat", "//chat"), ACCEPT),
        (with("/chat", "*"), 400),
        (with("/chat", "foo"), 400),
        (with("/chat", "server.example.com:80"), 400),
        (with("/chat", "/chat#fragment"), 400),
        (with("/chat", "http://server.example.com/chat"), ACCEPT),
        (with("/chat", "http://SERVER.example.com:80/chat"), ACCEPT),
        (with("/chat", "https://server.example.com/chat?a=b"), ACCEPT),
        (with("/chat", "http://server.example.com"), ACCEPT),
        (with("/chat", "http://server.example.com:81/chat"), 400),
        (with("/chat", "http://other.example.com/chat"), 400),
        (with("/chat", "http://user@server.example.com/chat"), 400),
        (with("/chat", "ws://server.example.com/chat"), 400),
        (with("/chat", "ftp://server.example.com/chat"), 400),
        // The host (RFC 9112 section 3.2).
        (with(host, ""), 400),
        (with(host, "Host: server.example.com\r\nHost: server.example.com\r\n"), 400),
        (with(host, "Host: server.example.com\r\nHost: other.example.com\r\n"), 400),
        (with(host, "Host:\r\n"), 400),
        (with(host, "Host: a b\r\n"), 400),
        (with(host, "Host: user@server.example.com\r\n"), 400),
        (with(host, "Host: server.example.com/path\r\n"), 400),
        (with(host, "Host: server.example.com:8080\r\n"), ACCEPT),
        (with(host, "Host: 127.0.0.1:8080\r\n"), ACCEPT),
        (with(host, "Host: [::1]:8080\r\n"), ACCEPT),
        (with(host, "host:server.example.com  \r\n"), ACCEPT),
        // Lines (RFC 9112 sections 2.2 and 5).
        (REQUEST.replace("\r\n", "\n"), 400),
        (with(host, "Host: server.example.com\n"), 400),
        (REQUEST.strip_suffix("\r\n").unwrap().to_owned() + "\n", 400),
        (and("X: a\rb\r\n"), 400),
        (and("X: a\0b\r\n"), 400),
        (and("X : y\r\n"), 400),
        (and(" X: y\r\n"), 400),
        (and("X: y\r\n folded\r\n"), 400),
        (and("X\r\n"), 400),
        (and(": y\r\n"), 400),
        (and("X:\r\n"), ACCEPT),
        (and("X: \u{e9}\r\n"), ACCEPT),
        (and(&many(100)), ACCEPT),
        (and(&many(200)), 431),
        (and(&format!("X: {}\r\n", "y".repeat(60_000))), ACCEPT),
        (and(&format!("X: {}\r\n", "y".repeat(70_000))), 431),
        // A body, which would be read as frames (RFC 9112 sections 6 and 11.2).
        (and("Content-Length: 5\r\n"), 400),
        (and("Content-Length: 0\r\n"), 400),
        (and("Content-Length: 5\r\nContent-Length: 6\r\n"), 400),
        (and("Transfer-Encoding: chunked\r\n"), 400),
        (and("transfer-encoding: identity\r\n"), 400),
        (and("Expect: 100-continue\r\n"), 417),
        // The upgrade.
        (with("Upgrade: websocket\r\n", ""), 400),
        (with("Upgrade: websocket", "Upgrade: h2c"), 400),
        (with("Upgrade: websocket", "Upgrade: websocket2"), 400),
        (with("Upgrade: websocket", "Upgrade: WebSocket"), ACCEPT),
        (with("Upgrade: websocket", "Upgrade: websocket, h2c"), ACCEPT),
        (with("Upgrade: websocket", "Upgrade: h2c\r\nUpgrade: websocket"), ACCEPT),
        (with("Connection: Upgrade\r\n", ""), 400),
        (with("Connection: Upgrade", "Connection: close"), 400),
        (with("Connection: Upgrade", "Connection: upgrades"), 400),
        (with("Connection: Upgrade", "Connection: keep-alive, Upgrade"), ACCEPT),
        (with("Connection: Upgrade", "Connection: keep-alive\r\nConnection: upgrade"), ACCEPT),
        // The key.
        (with(key, ""), 400),
        (with(key, &key.repeat(2)), 400),
        (with("dGhlIHNhbXBsZSBub25jZQ==", ""), 400),
        (with("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ"), 400),
        (with("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZSE="), 400),
        (with("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ=="), 400),
        (with("dGhlIHNhbXBsZSBub25jZQ==", "dGhl-HNhbXBsZSBub25jZQ=="), 400),
        // The version (RFC 6455 section 4.4).
        (with(version, ""), 400),
        (with(version, &version.repeat(2)), 400),
        (with("Version: 13", "Version: 8"), 426),
        (with("Version: 13", "Version: 14"), 426),
        (with("Version: 13", "Version: x"), 400),
        (with(version, "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 8\r\n"), 400),
        // What is no HTTP at all.
        ("\x16\x03\x01 not HTTP\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n".to_owned(), 400),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), 400),
    ] {
        let (outcome, answer) = ask(ServerControl::new(), request.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request:.300}: {answer}");
        let refused = outcome.err().map(|error| error.kind());
        assert_eq!(refused, (status != ACCEPT).then_some(ErrorKind::HttpStatus(status)), "{request:.300}");
        if status != ACCEPT {
            let ends = answer.lines().any(|line| line.starts_with("connection: ") && line.ends_with("close"));
            assert!(ends, "the connection carries nothing more: {answer}");
        }
        let versions = ["sec-websocket-version: 13\r\n", "upgrade: websocket\r\n"].map(|line| answer.contains(line));
        assert_eq!(versions == [true; 2], status == 426, "{answer}");
    }
}

#[tokio::test]
async fn the_absolute_form_has_a_path_and_a_query() {
    let control = ServerControl::new().on_request(|request| {
        assert_eq!((request.path(), request.query()), ("/chat", Some("a=b")));
        ServerDecision::accept()
    });
    let request = with("/chat", "http://server.example.com/chat?a=b");
    ask(control, request.as_bytes()).await.0.unwrap();
}

/// A refusal that is lost in a reset tells nobody anything.
#[tokio::test]
async fn whoever_is_refused_can_read_why_whatever_it_has_sent() {
    let long = format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(200_000));
    let impossible = || ServerControl::new().settings(Control::new().request_header("X", "y"));
    for (control, request, status) in [
        (ServerControl::new(), long.as_bytes(), 431),
        (impossible(), REQUEST.as_bytes(), 500),
        (impossible(), long.as_bytes(), 500),
        (
            ServerControl::new().on_request(|_| ServerDecision::refuse(404)),
            [REQUEST.as_bytes(), &[0; 100_000]].concat().leak(),
            404,
        ),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        let (outcome, answer) = tokio::join!(soon(ServerMessageWebSocket::accept(server, control)), async {
            client.write_all(request).await.unwrap();
            let mut answer = Vec::new();
            client.read_to_end(&mut answer).await.unwrap();
            String::from_utf8(answer).unwrap()
        });
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        let kind = outcome.unwrap_err().kind();
        assert_eq!(kind, if status == 500 { ErrorKind::NotSupported } else { ErrorKind::HttpStatus(status) });
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_has_its_time() {
    for (control, seconds) in [
        (ServerControl::new(), 10),
        (ServerControl::new().request_timeout(Duration::from_secs(3)), 3),
        (ServerControl::new().settings(Control::new().connect_timeout(Duration::from_secs(2))), 2),
    ] {
        let (mut client, far) = duplex(CAPACITY);
        let start = Instant::now();
        // A client that sends something now and then is not spared.
        let dripping = tokio::spawn(async move {
            for byte in REQUEST.as_bytes().iter().take(20) {
                if client.write_all(&[*byte]).await.is_err() {
                    break;
                }
                sleep(Duration::from_millis(700)).await;
            }
            client
        });
        let error = ServerMessageWebSocket::accept(far, control).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(error.to_string().contains("the client's request"), "{error}");
        assert_eq!(start.elapsed().as_secs(), seconds);
        let answer = read_answer(&mut dripping.await.unwrap()).await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_decision_may_take_time_but_not_for_ever() {
    let slow = |seconds| {
        ServerControl::new().settings(Control::new().connect_timeout(Duration::from_secs(5))).on_request_async(
            move |request| {
                let is_chat = request.path() == "/chat";
                async move {
                    sleep(Duration::from_secs(seconds)).await;
                    if is_chat { ServerDecision::accept() } else { ServerDecision::refuse(404) }
                }
            },
        )
    };
    let (outcome, answer) = ask(slow(3), REQUEST.as_bytes()).await;
    assert!(outcome.is_ok() && answer.starts_with("HTTP/1.1 101 "), "{answer}");
    let (outcome, answer) = ask(slow(3), with("/chat", "/other").as_bytes()).await;
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::HttpStatus(404), "{answer}");
    let (outcome, answer) = ask(slow(60), REQUEST.as_bytes()).await;
    let error = outcome.unwrap_err();
    assert!(error.kind() == ErrorKind::Timeout && error.to_string().contains("decision"), "{error}");
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    let request = ServerRequest::new("/chat", [("Host", "example.com")]).unwrap();
    assert_eq!(slow(0).respond(&request).status(), 500, "it takes respond_async");
    assert_eq!(slow(0).respond_async(&request).await.status(), 400, "it asks for no upgrade");
}

#[tokio::test]
async fn an_answer_may_have_headers_and_a_refusal_a_body() {
    let control = ServerControl::new().on_request(|_| {
        ServerDecision::accept().header("Set-Cookie", "a=1").header("Set-Cookie", "b=2").header("X-Name", "v")
    });
    let (near, far) = duplex(CAPACITY);
    let (client, server) = soon(async {
        tokio::join!(
            MessageWebSocket::handshake(near, URL, Control::new()),
            ServerMessageWebSocket::accept(far, control)
        )
    })
    .await;
    server.unwrap();
    let information = client.unwrap().information();
    let headers = information.response_headers().unwrap();
    let cookies = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")).map(|(_, value)| value);
    assert_eq!(cookies.collect::<Vec<_>>(), [b"a=1", b"b=2"]);

    let control = ServerControl::new().on_request(|_| {
        ServerDecision::refuse(401).header("WWW-Authenticate", "Basic realm=\"r\"").body("who are you?")
    });
    let (near, far) = duplex(CAPACITY);
    let client = MessageWebSocket::handshake(near, URL, Control::new());
    let (client, server) = soon(async { tokio::join!(client, ServerMessageWebSocket::accept(far, control)) }).await;
    assert_eq!(server.unwrap_err().kind(), ErrorKind::HttpStatus(401));
    let error: Error = client.unwrap_err();
    let response = error.response().unwrap();
    assert_eq!((response.status(), &response.body()[..]), (401, &b"who are you?"[..]));
    assert_eq!(response.headers().get("www-authenticate"), Some("Basic realm=\"r\""));
}

#[tokio::test]
async fn an_answer_that_cannot_be_sent_is_a_500_that_says_why() {
    for (answer, words) in [
        (ServerDecision::accept().header("Connection", "close"), "Connection"),
        (ServerDecision::accept().header("Sec-WebSocket-Accept", "x"), "Sec-WebSocket-Accept"),
        (ServerDecision::refuse(403).header("Content-Length", "7"), "Content-Length"),
        (ServerDecision::refuse(403).header("Transfer-Encoding", "chunked"), "Transfer-Encoding"),
        (ServerDecision::refuse(403).header("X-Name", "a\r\nX: y"), "X-Name"),
        (ServerDecision::accept().header("a b", "c"), "a b"),
        (ServerDecision::accept().body("words"), "body"),
        (ServerDecision::accept_protocol("chat"), "subprotocol"),
        (ServerDecision::refuse(200), "200"),
    ] {
        let (outcome, sent) = ask(ServerControl::new().on_request(move |_| answer.clone()), REQUEST.as_bytes()).await;
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::HttpStatus(500), "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(sent.starts_with("HTTP/1.1 500 ") && !sent.contains("X: y"), "{sent}");
    }
}

#[tokio::test]
async fn a_decision_sees_where_the_client_is_if_the_program_tells() {
    use std::net::SocketAddr;

    let address = SocketAddr::from(([192, 0, 2, 7], 50_000));
    let control = ServerControl::new().on_request(move |request| match request.peer_address() {
        Some(known) if known == address => ServerDecision::accept(),
        Some(_) => ServerDecision::refuse(403),
        None => ServerDecision::refuse(401),
    });
    let elsewhere = SocketAddr::from(([192, 0, 2, 8], 50_000));
    for (control, status) in [
        (control.clone(), Some(401)),
        (control.clone().peer_address(elsewhere), Some(403)),
        (control.clone().peer_address(address), None),
    ] {
        let (near, far) = duplex(CAPACITY);
        let client = MessageWebSocket::handshake(near, URL, Control::new());
        let (client, server) = soon(async { tokio::join!(client, ServerMessageWebSocket::accept(far, control)) }).await;
        match status {
            Some(status) => assert_eq!(client.unwrap_err().kind(), ErrorKind::HttpStatus(status)),
            None => assert_eq!(server.unwrap().information().remote_address(), Some(address)),
        }
    }
    // As a web server has it.
    let headers = [
        ("Host", "example.com"),
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let request = ServerRequest::new("/", headers).unwrap();
    assert_eq!(control.respond(&request).status(), 401);
    let response = control.respond(&request.from_peer(address));
    assert_eq!((response.status(), response.header("Upgrade")), (101, Some("websocket")));
    assert_eq!(response.header("Set-Cookie"), None);
}
