//! What servers and proxies answer in the world, and what is made of each: RFC 9110 and RFC 9112, taken as browsers take them.

use std::time::Duration;

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    net::TcpListener,
    time::Instant,
};
use websocket_anywhere::{
    Compression, Control, Error, ErrorKind, HttpResponse, MessageWebSocket, Proxy, WebErrorStatus,
};

use super::memory_pipe::{CAPACITY, URL, accept_value, read_head};
use crate::support::soon;

/// What stands in an answer for the value of `Sec-WebSocket-Accept`.
const ACCEPT: &str = "$ACCEPT";

/// What comes of an answer after which the server says nothing more and stays.
async fn answered(answer: &str, control: Control) -> Result<MessageWebSocket, Error> {
    let (client, mut server) = duplex(4 * CAPACITY);
    let (socket, ()) = tokio::join!(soon(MessageWebSocket::handshake(client, URL, control)), async {
        let head = read_head(&mut server).await;
        server.write_all(answer.replace(ACCEPT, &accept_value(&head)).as_bytes()).await.unwrap();
    });
    socket
}

/// A 101 with these lines after its own.
fn good(more: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {ACCEPT}\r\n{more}\r\n"
    )
}

#[tokio::test]
async fn answers_that_open_a_websocket() {
    let interim = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";
    for (name, answer) in [
        ("100", format!("HTTP/1.1 100 Continue\r\n\r\n{}", good(""))),
        ("102", format!("HTTP/1.1 102 Processing\r\n\r\n{}", good(""))),
        ("103", format!("{interim}{}", good(""))),
        ("103 by HTTP/1.0, which is not asked", format!("{}{}", interim.replace("1.1", "1.0"), good(""))),
        (
            "103 that claims the upgrade",
            format!("{}{}", good("").replace("101 Switching Protocols", "103 X"), good("")),
        ),
        ("sixteen of them", format!("{}{}", interim.repeat(16), good(""))),
        ("a space before the colon", good("Server : x\r\n")),
        ("a name with a space", good("X Y: z\r\n")),
        ("a line without a colon", good("nothing\r\n")),
        ("an empty name", good(": x\r\n")),
        ("a fold by a space", good("X: a\r\n b\r\n")),
        ("a fold by a tab", good("X: a\r\n\tb\r\n")),
        ("a control character in a value", good("X: a\x01b\r\n")),
        ("a value that is not ASCII", good("X: \u{e9}\r\n")),
        ("no reason", good("").replace(" Switching Protocols", "")),
        ("another reason", good("").replace("Switching Protocols", "Web Socket Protocol Handshake")),
        ("two spaces in the status line", good("").replace("HTTP/1.1 101", "HTTP/1.1  101")),
        ("bare line feeds", good("").replace("\r\n", "\n")),
        ("names and tokens in other cases", good("").replace("Upgrade: websocket", "UPGRADE: WebSocket")),
        ("no space after the colons", good("").replace(": ", ":")),
        ("Connection is a list", good("").replace("Connection: ", "Connection: keep-alive, ")),
        ("Connection in two lines", good("Connection: keep-alive\r\n")),
        ("a body's length", good("Content-Length: 0\r\n")),
    ] {
        let outcome = answered(&answer, Control::new()).await;
        outcome.unwrap_or_else(|error| panic!("{name}: {error:?}"));
    }
}

#[tokio::test]
async fn answers_that_open_none() {
    use ErrorKind::{HttpStatus, InvalidResponse};
    let interim = "HTTP/1.1 103 Early Hints\r\n\r\n";
    for (name, answer, kind) in [
        ("404 by HTTP/1.0", "HTTP/1.0 404 Not Found\r\n\r\n".to_owned(), HttpStatus(404)),
        ("401 by HTTP/1.0", "HTTP/1.0 401 Who\r\nContent-Length: 0\r\n\r\n".to_owned(), HttpStatus(401)),
        ("503 by HTTP/1.0", "HTTP/1.0 503 Later\r\nContent-Length: 0\r\n\r\n".to_owned(), HttpStatus(503)),
        (
            "an odd 404",
            "HTTP/1.1 404 No\r\nServer : x\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n".to_owned(),
            HttpStatus(404),
        ),
        ("404 behind 103", format!("{interim}HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"), HttpStatus(404)),
        ("200", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned(), HttpStatus(200)),
        ("204", "HTTP/1.1 204 No Content\r\n\r\n".to_owned(), HttpStatus(204)),
        ("a 101 of HTTP/1.0", good("").replace("HTTP/1.1", "HTTP/1.0"), InvalidResponse),
        ("HTTP/2 in words", good("").replace("HTTP/1.1", "HTTP/2.0"), InvalidResponse),
        ("seventeen interim answers", format!("{}{}", interim.repeat(17), good("")), InvalidResponse),
        ("no answer of HTTP", "ICY 200 OK\r\n\r\n".to_owned(), InvalidResponse),
        ("a status of two digits", "HTTP/1.1 20 OK\r\n\r\n".to_owned(), InvalidResponse),
        // What decides the handshake stands there as it must.
        ("a space behind Accept", good("").replace("Accept:", "Accept :"), InvalidResponse),
        ("a space behind Upgrade", good("").replace("Upgrade:", "Upgrade :"), InvalidResponse),
        ("a fold in Upgrade", good("").replace("Upgrade: websocket", "Upgrade:\r\n websocket"), InvalidResponse),
        ("a fold in Connection", good("").replace("Connection: ", "Connection:\r\n\t"), InvalidResponse),
        (
            "Accept in a fold",
            good("").replace("Sec-WebSocket-Accept", "X: y\r\n Sec-WebSocket-Accept"),
            InvalidResponse,
        ),
        ("a subprotocol that is spoilt", good("Sec-WebSocket-Protocol: cha\x01t\r\n"), InvalidResponse),
        ("extensions without a colon", good("Sec-WebSocket-Extensions permessage-deflate\r\n"), InvalidResponse),
        ("extensions behind a space", good("Sec-WebSocket-Extensions : permessage-deflate\r\n"), InvalidResponse),
    ] {
        let error = answered(&answer, Control::new()).await.err().unwrap_or_else(|| panic!("{name}"));
        assert_eq!(error.kind(), kind, "{name}: {error:?}");
        let transient = matches!(kind, HttpStatus(503));
        assert_eq!(kind.is_transient(), transient, "{name}");
        assert_eq!(
            error.response().map(HttpResponse::status),
            if let HttpStatus(status) = kind { Some(status) } else { None }
        );
    }
    let error = answered("HTTP/1.0 401 Who\r\n\r\n", Control::new()).await.unwrap_err();
    assert_eq!(error.status(), WebErrorStatus::Unauthorized);
}

#[tokio::test]
async fn a_disagreement_about_subprotocols_is_told_as_it_is() {
    let offers = Control::new().supported_protocols(["chat", "superchat"]);
    for (answer, control, words) in [
        (good(""), offers.clone(), "none of the subprotocols"),
        (good("Sec-WebSocket-Protocol: chat\r\n"), Control::new(), "though none was offered"),
        (good("Sec-WebSocket-Protocol: other\r\n"), offers.clone(), "something else"),
        (good("Sec-WebSocket-Protocol: chat, superchat\r\n"), offers, "something else"),
    ] {
        let error = answered(&answer, control).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CannotConnect, "{answer}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

/// As autobahn-python answers.
#[tokio::test]
async fn a_larger_window_than_offered_is_a_permission() {
    let control = Control::new().compression(Compression::new().client_max_window_bits(10));
    let extensions = "permessage-deflate; client_max_window_bits=15";
    let socket = answered(&good(&format!("Sec-WebSocket-Extensions: {extensions}\r\n")), control).await.unwrap();
    assert_eq!(socket.information().extensions(), Some(extensions));
}

#[tokio::test]
async fn the_headers_of_an_answer_can_be_read() {
    let more = "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nServer : odd\r\nX: folded\r\n value\r\n";
    let socket = answered(&good(more), Control::new()).await.unwrap();
    let information = socket.information();
    let headers = information.response_headers().unwrap();
    let cookies = headers.iter().filter(|(name, _)| *name == "Set-Cookie").map(|(_, value)| value);
    assert_eq!(cookies.collect::<Vec<_>>(), [b"a=1", b"b=2"]);
    assert_eq!((headers.get("server"), headers.get("x")), (Some("odd"), Some("folded value")));
    assert_eq!(headers.get("upgrade"), Some("websocket"));
    assert!(!format!("{information:?}").contains("a=1"), "{information:?}");
}

#[tokio::test(start_paused = true)]
async fn the_body_of_a_refusal_is_read_as_far_as_it_is_worth_it() {
    let long = "x".repeat(70_000);
    let chunked = "Transfer-Encoding: chunked\r\n\r\n";
    let head = "HTTP/1.1 403 No\r\nX-Reason: because\r\n";
    for (name, rest, body) in [
        ("a length", "Content-Length: 5\r\n\r\nwords".to_owned(), "words"),
        ("more than its length", "Content-Length: 3\r\n\r\nwords".to_owned(), "wor"),
        ("less than its length", "Content-Length: 9\r\n\r\nwords".to_owned(), "words"),
        ("no length", "\r\nwords".to_owned(), "words"),
        ("a length that is none", "Content-Length: x\r\n\r\nwords".to_owned(), "words"),
        ("too long", format!("Content-Length: 70000\r\n\r\n{long}"), &long[..65_536]),
        ("a long one without a length", format!("\r\n{long}"), &long[..65_536]),
        ("chunks", format!("{chunked}3\r\nwor\r\n2;x=y\r\nds\r\n0\r\n\r\n"), "words"),
        ("chunks and trailers", format!("{chunked}5\r\nwords\r\n0\r\nX: y\r\n\r\n"), "words"),
        ("chunks that stop", format!("{chunked}3\r\nwor\r\n2"), "wor"),
        ("chunks that are none", format!("{chunked}3\r\nwords\r\n"), "wor"),
        ("a chunk that is too long", format!("{chunked}ffffffff\r\n{long}"), &long[..65_536]),
        ("a chunk's head that never ends", format!("{chunked}3;{long}"), ""),
    ] {
        for ends in [false, true] {
            let (client, mut server) = duplex(4 * CAPACITY);
            let start = Instant::now();
            let (socket, ()) = tokio::join!(MessageWebSocket::handshake(client, URL, Control::new()), async {
                read_head(&mut server).await;
                // In pieces, however they fall.
                for piece in format!("{head}{rest}").as_bytes().chunks(1000) {
                    // A client that has enough leaves.
                    if server.write_all(piece).await.is_err() {
                        return;
                    }
                    tokio::task::yield_now().await;
                }
                if ends {
                    let _ = server.shutdown().await;
                }
            });
            let error = socket.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::HttpStatus(403), "{name}: {error:?}");
            let response = error.response().unwrap();
            assert_eq!((response.status(), response.headers().get("x-reason")), (403, Some("because")), "{name}");
            assert!(response.body() == body.as_bytes(), "{name}: {:?}", response.body());
            assert!(start.elapsed() <= Duration::from_millis(1100), "{name}: {:?}", start.elapsed());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_late_hides_no_status() {
    let control = Control::new().connect_timeout(Duration::from_millis(500));
    let (client, mut server) = duplex(CAPACITY);
    let (socket, ()) = tokio::join!(MessageWebSocket::handshake(client, URL, control), async {
        read_head(&mut server).await;
        server.write_all(b"HTTP/1.1 404 No\r\nContent-Length: 5\r\n\r\nwo").await.unwrap();
    });
    let error = socket.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HttpStatus(404));
    assert_eq!(&error.response().unwrap().body()[..], b"wo");
}

#[tokio::test]
#[cfg_attr(not(feature = "proxy"), ignore = "it needs the feature proxy")]
async fn answers_of_a_proxy() {
    use ErrorKind::{CannotConnect, HttpStatus, InvalidResponse, ProxyAuthentication};
    let tunnel = |answer: &str| (answer.to_owned(), None);
    let none = |answer: &str, kind| (answer.to_owned(), Some(kind));
    for (answer, refused) in [
        tunnel("HTTP/1.1 200 OK\r\n\r\n"),
        tunnel("HTTP/1.0 200 Connection established\r\n\r\n"),
        tunnel("HTTP/1.1 200\r\n\r\n"),
        tunnel("HTTP/1.1 201 Created\r\n\r\n"),
        tunnel("HTTP/1.1 204 No Content\r\n\r\n"),
        tunnel("HTTP/1.1 299 Whatever\r\nX: y\r\n\r\n"),
        tunnel("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
        tunnel("HTTP/1.1 200 OK\r\nProxy-agent : x\r\nnothing\r\nX Y: z\r\nX: a\r\n b\r\n\r\n"),
        tunnel("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
        tunnel("HTTP/1.1 200 OK\nX: y\n\n"),
        none("HTTP/1.1 101 Switching Protocols\r\n\r\n", HttpStatus(101)),
        none("HTTP/1.1 302 Elsewhere\r\nLocation: http://127.0.0.1/\r\n\r\n", HttpStatus(302)),
        none("HTTP/1.0 403 No\r\nServer : x\r\n\r\n", HttpStatus(403)),
        none("HTTP/1.1 407 Who\r\nContent-Length: 5\r\n\r\nwords", ProxyAuthentication),
        none("HTTP/1.1 502 Gone\r\nContent-Length: 5\r\n\r\nwords", HttpStatus(502)),
        none("HTTP/1.1 200 OK\r\n\r\nwords that nobody asked for", InvalidResponse),
        none("SOCKS\r\n\r\n", InvalidResponse),
        none("HTTP/1.1 200 O", CannotConnect),
        none("", CannotConnect),
    ] {
        let (proxy, served) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), answer.clone());
        let url = format!("http://{}", proxy.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            let (mut tcp, _) = proxy.accept().await.unwrap();
            until_empty_line(&mut tcp).await;
            tcp.write_all(served.as_bytes()).await.unwrap();
            if refused.is_none() {
                let head = until_empty_line(&mut tcp).await;
                let answer = good("").replace(ACCEPT, &accept_value(&head));
                tcp.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let control = Control::new().proxy(Proxy::Http(url));
        let outcome = soon(MessageWebSocket::connect_with("ws://server.invalid/", control)).await;
        soon(serving).await.unwrap();
        assert_eq!(outcome.as_ref().err().map(Error::kind), refused, "{answer:?}: {outcome:?}");
        if let Some(response) = outcome.as_ref().err().and_then(Error::response) {
            assert!(answer.contains(&response.status().to_string()));
            assert_eq!(response.body().is_empty(), !answer.contains("words"), "{answer:?}");
        }
    }
}

async fn until_empty_line(transport: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(transport.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// So that nobody can fill the memory by answers that are no answers.
#[tokio::test]
async fn interim_answers_are_bounded() {
    let (client, mut server): (_, DuplexStream) = duplex(CAPACITY);
    let (socket, ()) = tokio::join!(soon(MessageWebSocket::handshake(client, URL, Control::new())), async {
        read_head(&mut server).await;
        while server.write_all(b"HTTP/1.1 102 Processing\r\n\r\n").await.is_ok() {}
    });
    assert_eq!(socket.unwrap_err().kind(), ErrorKind::InvalidResponse);
}
