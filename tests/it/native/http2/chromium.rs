//! Chromium as the client: a page that came over HTTP/2 opens WebSockets of this crate's server over the same connection. It is
//! ignored by a plain `cargo test`, which must not need a browser.

use std::{convert::Infallible, io, process::Stdio};

use hyper::{Request, Response, body::Incoming, ext::Protocol, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tempfile::tempdir;
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
};

use super::{both_sides, server::acceptor};
use crate::support::{soon, test};

/// Reports as the path of a request; what throws or fails is in the report.
const PAGE: &str = r#"<!doctype html><title>WebSockets over HTTP/2</title><script>
const report = words => fetch('/report/' + words.join('.'));
const open = async path => {
    const socket = new WebSocket(`wss://${location.host}${path}`);
    socket.binaryType = 'arraybuffer';
    const events = [], waiting = [];
    for (const type of ['open', 'message', 'error', 'close']) {
        socket.addEventListener(type, event => waiting.length ? waiting.shift()(event) : events.push(event));
    }
    const next = async type => {
        const event = events.length ? events.shift() : await new Promise(resolve => waiting.push(resolve));
        if (event.type !== type) throw `${event.type}-for-${type}`;
        return event;
    };
    await next('open');
    return { socket, next };
};
const run = async () => {
    const words = [];
    const echo = await open('/echo');
    words.push(echo.socket.extensions.split(';')[0]);
    echo.socket.send('\u{fc}ber');
    words.push((await echo.next('message')).data === '\u{fc}ber');
    const sent = Uint8Array.from({ length: 1 << 20 }, (_, at) => at % 251);
    echo.socket.send(sent);
    const received = new Uint8Array((await echo.next('message')).data);
    words.push(received.length, received.every((byte, at) => byte === sent[at]));
    const closing = await open('/close');
    words.push((await closing.next('message')).data === 'last words');
    for (const { socket, next } of [closing, echo]) {
        if (socket === echo.socket) socket.close(4002, 'done');
        const closed = await next('close');
        words.push(closed.code, closed.reason, closed.wasClean);
    }
    return words;
};
run().then(report, error => report(['failed', encodeURIComponent(error)]));
</script>"#;

#[test]
#[ignore = "cargo xtask test runs it, where it has Chromium"]
async fn a_page_in_chromium_opens_sockets_on_the_connection_that_it_came_over() {
    let (url, mut requests) = start().await;
    let profile = tempdir().unwrap();
    let mut flags = vec!["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
    flags.extend(["--disable-dev-shm-usage", "--disable-background-networking", "--ignore-certificate-errors"]);
    let profile_flag = format!("--user-data-dir={}", profile.path().display());
    flags.extend([&*profile_flag, &*url]);
    let mut chromium = browse(&flags);
    let (page, from) = soon(requests.recv()).await.unwrap();
    assert_eq!(page, "GET /");
    let report = "permessage-deflate.true.1048576.true.true.4001.bye.true.4002.done.true";
    for expected in ["CONNECT /echo", "CONNECT /close", &format!("GET /report/{report}")] {
        assert_eq!(soon(requests.recv()).await.unwrap(), (expected.to_owned(), from));
    }
    chromium.kill().await.unwrap();
}

/// Starts Chromium, by either of its names.
fn browse(arguments: &[&str]) -> Child {
    let start = |name: &str| -> io::Result<Child> {
        let mut browser = Command::new(name);
        browser.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        browser.kill_on_drop(true).spawn()
    };
    start("chromium").or_else(|_| start("google-chrome")).expect("Chromium is installed: `cargo xtask test` does that")
}

/// A server of HTTP/2 alone: its URL, and its requests with the ports of the client's end.
async fn start() -> (String, UnboundedReceiver<(String, u16)>) {
    let (acceptor, _) = acceptor(&["h2"]).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    let (seen, requests) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((tcp, address)) = listener.accept().await {
            let (acceptor, seen) = (acceptor.clone(), seen.clone());
            tokio::spawn(async move {
                let Ok(tls) = acceptor.accept(tcp).await else { return };
                let answer = service_fn(move |request: Request<Incoming>| {
                    let request_line = format!("{} {}", request.method(), request.uri().path());
                    // Browsers ask for an icon when they like; the test may have ended.
                    if request.uri().path() != "/favicon.ico" {
                        let _ = seen.send((request_line, address.port()));
                    }
                    answer(request)
                });
                let mut builder = http2::Builder::new(TokioExecutor::new());
                builder.enable_connect_protocol();
                // The browser ends it as it likes.
                let _ = builder.serve_connection(TokioIo::new(tls), answer).await;
            });
        }
    });
    (url, requests)
}

async fn answer(request: Request<Incoming>) -> Result<Response<String>, Infallible> {
    if request.extensions().get::<Protocol>().is_some() {
        return both_sides::answer(request).await;
    }
    let page = Response::builder().header("Content-Type", "text/html; charset=utf-8");
    Ok(page.body(PAGE.to_owned()).unwrap())
}
