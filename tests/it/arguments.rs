//! Arguments that are refused before anything is sent, and those that look odd and are right.

use std::time::Duration;

use websocket_anywhere::{CloseCode, Control, Error, ErrorKind, HResult, MessageWebSocket, StreamWebSocket};

use crate::support::{BROWSER, message_socket_with, peer, soon, test};

#[test]
async fn urls_that_are_none_are_refused() {
    let urls = [
        "",
        " ",
        "/echo#fragment",
        "//local host/",
        "127.0.0.1:80",
        "http:",
        "http:127.0.0.1/",
        "https:///",
        "http://127.0.0.1/#fragment",
        "httpx://127.0.0.1/",
        "127.0.0.1:80/path",
        "ftp://127.0.0.1/",
        "file:///etc/hosts",
        "wsx://127.0.0.1/",
        "ws:",
        "ws:/",
        "ws://",
        "ws:///",
        "ws:127.0.0.1/",
        "ws://?query",
        "ws://127.0.0.1/#fragment",
        "ws://127.0.0.1/#",
        "wss://127.0.0.1/?query#fragment",
        "ws://user:password@/",
        "ws://user@:80/",
        "ws://@/",
        "ws://127.0.0.1:99999/",
        "ws://127.0.0.1:65536/",
        "ws://127.0.0.1:port/",
        "ws://127.0.0.1:-1/",
        "ws://local host/",
        "ws://local<host/",
        "ws://[::1/",
        "ws://[::g]/",
        "ws://256.0.0.1/",
        "ws://1.2.3.4.5/",
        "ws://%00/",
    ];
    for url in urls {
        assert_invalid(&soon(MessageWebSocket::connect(url)).await.unwrap_err(), ErrorKind::InvalidUrl, url);
        assert_invalid(&soon(StreamWebSocket::connect(url)).await.unwrap_err(), ErrorKind::InvalidUrl, url);
    }
}

#[test]
async fn a_url_that_is_relative_needs_a_page() {
    for url in ["/echo", "echo", "ws", "?query", "//127.0.0.1/echo", "..", "/at?12:30"] {
        let error = soon(MessageWebSocket::connect(url)).await.unwrap_err();
        if BROWSER {
            // The server of the page has no WebSocket, and Node has no page.
            assert!([ErrorKind::CannotConnect, ErrorKind::InvalidUrl].contains(&error.kind()), "{url}: {error:?}");
        } else {
            assert_invalid(&error, ErrorKind::InvalidUrl, url);
            assert!(error.to_string().contains("no page that it could be relative to"), "{error}");
        }
    }
}

#[test]
async fn urls_are_read_as_a_browser_reads_them() {
    let request = peer("/request");
    let port = request.rsplit_once(':').unwrap().1.to_owned();
    let urls = [
        (request.replace("ws://", "WS://"), "/request"),
        (request.replace("ws://", "http://"), "/request"),
        (request.replace("ws://", " HTTP://"), "/request"),
        (format!("  {request}\n"), "/request"),
        (format!("{request}?a b=\u{fc}&c=%2F"), "/request?a%20b=%C3%BC&c=%2F"),
        (request.replace("/request", "/./x/../request"), "/request"),
        (format!("ws://127.1:{port}"), "/request"),
        (format!("ws://0x7f000001:{port}"), "/request"),
        (format!("ws://\u{ff4c}ocalhost:{port}"), "/request"),
    ];
    for (url, path) in urls {
        let mut socket = soon(MessageWebSocket::connect(&url)).await.unwrap_or_else(|error| panic!("{url}: {error:?}"));
        let head = soon(socket.receive()).await.unwrap().unwrap();
        let head = head.as_text().unwrap();
        assert!(head.starts_with(&format!("GET {path} HTTP/1.1\n")), "{url}: {head}");
    }
}

#[test]
async fn subprotocols_that_are_none_are_refused() {
    for protocol in ["", " ", "a, b", "a,b", "a b", "\u{e9}", "a\r\nX: y", "a\0", "a/b", "(a)", "\"a\"", "a;b", "\x7f"]
    {
        let control = Control::new().supported_protocol("chat").supported_protocol(protocol);
        let error = message_socket_with("/echo", control).await.unwrap_err();
        assert_invalid(&error, ErrorKind::InvalidArgument, protocol);
        assert!(error.to_string().contains(&format!("{protocol:?}")), "{error}");
    }
}

#[test]
async fn a_subprotocol_that_is_offered_twice_is_refused() {
    let control = Control::new().supported_protocols(["a", "b", "a"]);
    let error = message_socket_with("/protocol?answer=a", control.clone()).await.unwrap_err();
    assert_invalid(&error, ErrorKind::InvalidArgument, "a");
    let error = soon(StreamWebSocket::connect_with(&peer("/protocol?answer=a"), control)).await.unwrap_err();
    assert_invalid(&error, ErrorKind::InvalidArgument, "a");
}

#[test]
async fn every_token_may_be_a_subprotocol() {
    let odd = "!#$%&'*+-.^_`|~09azAZ";
    let control = Control::new().supported_protocol(odd);
    let answer: String = odd.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let socket = message_socket_with(&format!("/protocol?answer={answer}"), control).await.unwrap();
    assert_eq!(socket.information().protocol(), Some(odd));
}

#[test]
async fn a_root_certificate_that_cannot_be_used_is_refused() {
    let control = Control::new().root_certificate(&b"no certificate"[..]);
    let error = soon(MessageWebSocket::connect_with("wss://127.0.0.1:65534/", control)).await.unwrap_err();
    if BROWSER || cfg!(not(feature = "tls")) {
        assert_eq!((error.kind(), error.hresult()), (ErrorKind::NotSupported, HResult::E_NOTIMPL), "{error:?}");
        assert_eq!(error.hresult().code(), 0x8000_4001);
        assert!(error.to_string().contains("root_certificate"), "{error}");
    } else {
        assert_invalid(&error, ErrorKind::InvalidArgument, "root_certificate");
    }
}

#[test]
async fn a_browser_refuses_a_root_certificate_whatever_the_url() {
    let control = Control::new().root_certificate(&b"unused"[..]);
    let connected = message_socket_with("/echo", control).await;
    // Natively nothing asks for it where there is no TLS, if there could be.
    let refused = (BROWSER || cfg!(not(feature = "tls"))).then_some(ErrorKind::NotSupported);
    assert_eq!(connected.map_err(|error| error.kind()).err(), refused);
}

#[track_caller]
fn assert_invalid(error: &Error, kind: ErrorKind, input: &str) {
    assert_eq!((error.kind(), error.hresult()), (kind, HResult::E_INVALIDARG), "{input:?}: {error:?}");
    assert_eq!(error.hresult().code(), 0x8007_0057);
}

#[test]
async fn settings_may_be_as_large_as_their_types() {
    let control = Control::new()
        .max_message_size(Some(usize::MAX))
        .outbound_buffer_size(usize::MAX)
        .inbound_buffer_size(usize::MAX)
        .connect_timeout(Duration::MAX)
        .send_timeout(Duration::MAX)
        .close_timeout(Duration::MAX);
    let mut socket = message_socket_with("/echo", control).await.unwrap();
    soon(socket.send("large")).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("large"));
    assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
}
