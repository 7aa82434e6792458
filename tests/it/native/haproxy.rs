//! Through HAProxy, which ends TLS and speaks HTTP/2 to the client and HTTP/1.1 to this crate's server. It is ignored by a
//! plain `cargo test`, which must not need HAProxy.

use std::{net::TcpListener, os::fd::OwnedFd, process::Stdio};

use futures::future::join_all;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::{TempDir, tempdir};
use tokio::{
    net,
    process::{Child, Command},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use websocket_anywhere::{
    CloseCode, Control, ErrorKind, HttpVersion, Message, MessageWebSocket, Result, ServerControl, ServerDecision,
    ServerMessageWebSocket, SharedConnections,
};

use crate::support::{assert_closed, soon, wire::pattern};

/// What the server closes with when it is told to.
const SERVED: (u16, &str) = (4321, "served");

#[tokio::test]
#[ignore = "cargo xtask test runs it, after installing HAProxy"]
async fn messages_travel_through_haproxy_by_either_version() {
    let mut gateway = Gateway::start().await;
    // What the client asks for, what it gets, and what HAProxy says that it has got.
    let rows = [
        (HttpVersion::Http2, HttpVersion::Http2, "2.0"),
        (HttpVersion::Auto, HttpVersion::Http2, "2.0"),
        (HttpVersion::Http1, HttpVersion::Http1, "1.1"),
    ];
    for (asked, expected, told) in rows {
        let mut socket = soon(gateway.connect("/echo", gateway.control(asked))).await.unwrap();
        assert_eq!(socket.information().http_version(), Some(expected), "{asked:?}");
        let local = socket.information().local_address().unwrap();
        assert_eq!(gateway.line().await, format!("/echo by {told} from {}", local.port()));
        for len in [0, 1, 125, 126, 65_535, 65_536, 1 << 20] {
            echo(&mut socket, pattern(len, len).into()).await;
            echo(&mut socket, "\u{fc}".repeat(len / 2).into()).await;
        }
        let closed = soon(socket.close(4000_u16, "done")).await.unwrap();
        assert_closed(&closed, 4000, "done");
        assert_eq!(gateway.line().await, "closed by 4000 done, clean: true");

        let mut socket = soon(gateway.connect("/echo", gateway.control(asked))).await.unwrap();
        gateway.line().await;
        soon(socket.send("close")).await.unwrap();
        assert_eq!(soon(socket.receive()).await.unwrap(), None, "{asked:?}");
        assert_closed(&socket.closed().unwrap(), SERVED.0, SERVED.1);
        assert_eq!(gateway.line().await, "closed by 4321 served, clean: true");
    }
}

#[tokio::test]
#[ignore = "cargo xtask test runs it, after installing HAProxy"]
async fn sockets_share_a_connection_to_haproxy() {
    for version in [HttpVersion::Http2, HttpVersion::Auto] {
        let mut gateway = Gateway::start().await;
        let shared = SharedConnections::new();
        let control = gateway.control(version).shared_connections(&shared);
        let connecting = (0..2).map(|_| soon(gateway.connect("/echo", control.clone())));
        let mut sockets: Vec<_> = join_all(connecting).await.into_iter().map(Result::unwrap).collect();
        let port = sockets[0].information().local_address().unwrap().port();
        for _ in &sockets {
            assert_eq!(gateway.line().await, format!("/echo by 2.0 from {port}"), "{version:?}");
        }
        assert_eq!(shared.connections(), 1);
        join_all(sockets.iter_mut().map(|socket| echo(socket, pattern(0, 1 << 20).into()))).await;

        // A refusal ends its stream alone, and so does the end of a socket.
        let error = soon(gateway.connect("/elsewhere", control.clone())).await.unwrap_err();
        let body = error.response().unwrap().body();
        assert_eq!((error.kind(), &body[..]), (ErrorKind::HttpStatus(404), &b"nothing here"[..]));
        assert_eq!(gateway.line().await, format!("/elsewhere by 2.0 from {port}"));
        let closed = soon(sockets.remove(0).close(CloseCode::NORMAL, "")).await.unwrap();
        assert_closed(&closed, 1000, "");
        assert_eq!(gateway.line().await, "closed by 1000 , clean: true");
        drop(soon(gateway.connect("/echo", control)).await.unwrap());
        assert_eq!(gateway.line().await, format!("/echo by 2.0 from {port}"));
        assert_eq!(gateway.line().await, "closed by 1005 , clean: true");
        echo(&mut sockets[0], "still here".into()).await;
        assert_eq!(shared.connections(), 1);
    }
}

/// One message there and back.
async fn echo(socket: &mut MessageWebSocket, message: Message) {
    soon(socket.send(&message)).await.unwrap();
    assert!(soon(socket.receive()).await.unwrap() == Some(message), "another message came back");
}

/// HAProxy, and what the server behind it has seen.
struct Gateway {
    port: u16,
    certificate: Vec<u8>,
    lines: UnboundedReceiver<String>,
    /// Ends with this.
    _haproxy: Child,
    /// Holds what HAProxy reads as it starts.
    _folder: TempDir,
}

impl Gateway {
    async fn start() -> Self {
        let origin = net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let folder = tempdir().unwrap();
        let here = folder.path().display();
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(folder.path().join("pem"), cert.pem() + &signing_key.serialize_pem()).unwrap();
        let configuration = format!(
            "defaults\nmode http\ntimeout connect 1m\ntimeout client 1m\ntimeout server 1m\ntimeout tunnel 1m\n\
             listen gateway\nmaxconn 100\nbind fd@0 ssl crt {here}/pem alpn h2,http/1.1\n\
             http-request set-header X-Front \"by %[req.ver] from %[src_port]\"\nserver origin {origin}\n",
            origin = origin.local_addr().unwrap(),
        );
        let file = folder.path().join("haproxy.cfg");
        std::fs::write(&file, configuration).unwrap();
        // HAProxy inherits the socket, as standard input: clients wait in its queue until HAProxy has started.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut haproxy = Command::new("haproxy");
        haproxy.arg("-db").arg("-f").arg(file).stdin(Stdio::from(OwnedFd::from(listener))).kill_on_drop(true);
        let haproxy = haproxy.spawn().expect("HAProxy is installed: `cargo xtask test` does that");
        let (seen, lines) = unbounded_channel();
        tokio::spawn(serve(origin, seen));
        Self { port, certificate: cert.der().to_vec(), lines, _haproxy: haproxy, _folder: folder }
    }

    fn control(&self, version: HttpVersion) -> Control {
        Control::new().http_version(version).root_certificate(self.certificate.clone())
    }

    fn connect(&self, path: &str, control: Control) -> impl Future<Output = Result<MessageWebSocket>> {
        let url = format!("wss://localhost:{}{path}", self.port);
        async move { MessageWebSocket::connect_with(&url, control).await }
    }

    /// The next thing that the server has seen.
    async fn line(&mut self) -> String {
        soon(self.lines.recv()).await.unwrap()
    }
}

/// Serves whoever comes, and tells what it sees.
async fn serve(origin: net::TcpListener, seen: UnboundedSender<String>) {
    loop {
        let (tcp, _) = origin.accept().await.unwrap();
        tokio::spawn(talk(tcp, seen.clone()));
    }
}

/// Sends back what comes until it is told to close, on `/echo`; elsewhere is nothing.
async fn talk(tcp: net::TcpStream, seen: UnboundedSender<String>) {
    let requests = seen.clone();
    let control = ServerControl::new().on_request(move |request| {
        let front = request.header("X-Front").unwrap_or("around HAProxy");
        requests.send(format!("{} {front}", request.path())).unwrap();
        if request.path() == "/echo" {
            ServerDecision::accept()
        } else {
            ServerDecision::refuse(404).body("nothing here")
        }
    });
    let Ok(mut socket) = ServerMessageWebSocket::accept(tcp, control).await else { return };
    let end = loop {
        match socket.receive().await {
            Ok(Some(message)) if message.as_text() == Some("close") => break socket.close(SERVED.0, SERVED.1).await,
            Ok(Some(message)) => socket.send(&message).await.unwrap(),
            Ok(None) => break Ok(socket.closed().unwrap()),
            Err(error) => break Err(error),
        }
    };
    // The test may have ended.
    let _ = seen.send(match end {
        Ok(closed) => {
            format!("closed by {} {}, clean: {}", u16::from(closed.code()), closed.reason(), closed.was_clean())
        }
        Err(error) => format!("lost: {:?}", error.kind()),
    });
}
