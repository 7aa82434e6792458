//! A hundred sockets on one connection, beside a hundred connections: `cargo run --features http2 --example multiplex`.
//!
//! The server is in this program: hyper by HTTP/1.1 and HTTP/2, with the WebSockets of this crate. So the CPU time is that of both
//! sides.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use cpu_time::ProcessTime;
use futures::future::try_join_all;
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    ext::Protocol,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};
use websocket_anywhere::{
    CloseCode, Control, HttpVersion, MessageWebSocket, ServerControl, ServerMessageWebSocket, ServerRequest,
    ServerResponse, SharedConnections,
};

#[tokio::main]
async fn main() -> Result<()> {
    let server = Server::start().await?;
    println!("{SOCKETS} sockets to {}, {MESSAGES} messages there and back by each", server.url);
    println!(
        "{:8} {:>11} {:>15} {:>10} {:>15} {:>10}",
        "", "connections", "all open after", "CPU", "all done after", "CPU"
    );
    let of_its_own = server.control().http_version(HttpVersion::Http1);
    let by_http1 = measure("HTTP/1.1", &server, of_its_own).await?;
    let shared = SharedConnections::new();
    let on_one = server.control().http_version(HttpVersion::Http2).shared_connections(&shared);
    let by_http2 = measure("HTTP/2", &server, on_one).await?;
    ensure!((by_http1, by_http2) == (SOCKETS, 1), "these are not the connections that there should be");
    Ok(())
}

/// Opens the sockets, has each message answered, closes, and prints a row; gives the number of connections.
async fn measure(name: &str, server: &Server, control: Control) -> Result<usize> {
    let before = server.connections.load(Ordering::Relaxed);
    let opening = Span::start();
    let sockets =
        try_join_all((0..SOCKETS).map(|_| MessageWebSocket::connect_with(&server.url, control.clone()))).await?;
    let opened = opening.end();
    let talking = Span::start();
    try_join_all(sockets.into_iter().map(talk)).await?;
    let talked = talking.end();
    let connections = server.connections.load(Ordering::Relaxed) - before;
    println!("{name:8} {connections:>11} {opened} {talked}");
    Ok(connections)
}

async fn talk(mut socket: MessageWebSocket) -> Result<()> {
    for number in 0..MESSAGES {
        socket.send(number.to_string()).await?;
        let answer = socket.receive().await?.context("the server closed instead of answering")?;
        ensure!(answer.as_text() == Some(number.to_string().as_str()), "that is another message");
    }
    ensure!(socket.close(CloseCode::NORMAL, "").await?.was_clean(), "the server did not close");
    Ok(())
}

/// What takes time, and how much of it the processors work.
struct Span {
    wall: Instant,
    cpu: ProcessTime,
}

impl Span {
    fn start() -> Self {
        Self { wall: Instant::now(), cpu: ProcessTime::now() }
    }

    fn end(self) -> String {
        let milliseconds = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
        format!("{:>15} {:>10}", milliseconds(self.wall.elapsed()), milliseconds(self.cpu.elapsed()))
    }
}

/// An echo server, by TLS.
struct Server {
    url: String,
    root: String,
    /// How many connections of TCP it has had.
    connections: Arc<AtomicUsize>,
}

impl Server {
    async fn start() -> Result<Self> {
        let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        let key = PrivateKeyDer::try_from(issued.signing_key.serialize_der()).map_err(anyhow::Error::msg)?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth();
        let mut config = config.with_single_cert(vec![issued.cert.der().clone()], key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let url = format!("wss://localhost:{}/echo", listener.local_addr()?.port());
        let connections = Arc::<AtomicUsize>::default();
        tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(config)), connections.clone()));
        Ok(Self { url, root: issued.cert.pem(), connections })
    }

    fn control(&self) -> Control {
        Control::new().root_certificate(self.root.clone())
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, connections: Arc<AtomicUsize>) {
    while let Ok((tcp, _)) = listener.accept().await {
        connections.fetch_add(1, Ordering::Relaxed);
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            if let Err(error) = connection(tcp, acceptor).await {
                eprintln!("a connection was lost: {error:#}");
            }
        });
    }
}

/// A connection, by the version of HTTP that TLS has agreed on.
async fn connection(tcp: TcpStream, acceptor: TlsAcceptor) -> Result<()> {
    tcp.set_nodelay(true)?;
    let tls = acceptor.accept(tcp).await?;
    if tls.get_ref().1.alpn_protocol() == Some(b"h2") {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder.enable_connect_protocol().serve_connection(TokioIo::new(tls), service_fn(answer)).await?;
    } else {
        http1::Builder::new().serve_connection(TokioIo::new(tls), service_fn(answer)).with_upgrades().await?;
    }
    Ok(())
}

async fn answer(request: Request<Incoming>) -> Result<Response<String>, Infallible> {
    Ok(open(request).unwrap_or_else(|error| {
        let mut response = Response::new(error.to_string());
        *response.status_mut() = StatusCode::BAD_REQUEST;
        response
    }))
}

/// Answers a request for a WebSocket, and spawns the task that talks to the client once hyper has sent the answer.
fn open(request: Request<Incoming>) -> Result<Response<String>> {
    let control = ServerControl::new();
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    // What HTTP/2 calls a request for a WebSocket (RFC 8441).
    let is_connect = request.extensions().get::<Protocol>().is_some_and(|protocol| protocol.as_str() == "websocket");
    let asked = match is_connect {
        true => ServerRequest::over_http2(path, request.headers())?,
        false => ServerRequest::new(path, request.headers())?,
    };
    let response = control.respond(&asked);
    let mut answer = Response::builder().status(response.status());
    for (name, value) in response.headers() {
        answer = answer.header(name, value);
    }
    if response.is_accepted() {
        tokio::spawn(async move {
            if let Err(error) = echo(request, &response, &control).await {
                eprintln!("a client was lost: {error:#}");
            }
        });
    }
    Ok(answer.body(String::new())?)
}

async fn echo(request: Request<Incoming>, response: &ServerResponse, control: &ServerControl) -> Result<()> {
    let transport = TokioIo::new(hyper::upgrade::on(request).await?);
    let mut socket = ServerMessageWebSocket::upgraded(transport, response, control)?;
    while let Some(message) = socket.receive().await? {
        socket.send(message).await?;
    }
    Ok(())
}

const SOCKETS: usize = 100;
const MESSAGES: usize = 100;
