//! A server of HTTP/2 by the crate h2; its WebSockets are tungstenite's. The path of a request chooses what it does.

use std::{
    future::pending,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use h2::{Reason, RecvStream, SendStream, server::SendResponse};
use http::{Method, Response, header};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, duplex},
    net::TcpListener,
    sync::Notify,
};
use tokio_rustls::{TlsAcceptor, rustls};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{http, protocol::Role},
};
use websocket_anywhere::{Control, HttpVersion};

/// What a server is like, whatever it is asked for.
#[derive(Clone)]
pub(crate) struct Options {
    /// Whether its settings have `SETTINGS_ENABLE_CONNECT_PROTOCOL`.
    pub(crate) has_websockets: bool,
    pub(crate) max_streams: Option<u32>,
    /// How much a stream may send at first.
    pub(crate) window: u32,
    /// What it agrees to by ALPN; without TLS if that is nothing.
    pub(crate) protocols: &'static [&'static str],
    /// Whether it answers the first request, on its first connection, by a GOAWAY that says that it has not looked at it.
    pub(crate) goes_away: bool,
    /// What its settings wait for.
    pub(crate) gate: Option<Arc<Notify>>,
}

impl Default for Options {
    fn default() -> Self {
        Self { has_websockets: true, max_streams: None, window: 65_535, protocols: &[], goes_away: false, gate: None }
    }
}

/// What clients have done.
#[derive(Default)]
pub(crate) struct Seen {
    connections: AtomicUsize,
    ended: AtomicUsize,
    pub(crate) requests: Mutex<Vec<http::request::Parts>>,
    /// What faults wait for.
    pub(crate) signal: Notify,
    refused: AtomicBool,
    /// How clients have ended their side of streams of `/echo`.
    pub(crate) ends: Mutex<Vec<String>>,
    /// How many bytes of messages have been sent by `/flood`.
    pub(crate) sent: AtomicUsize,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) seen: Arc<Seen>,
    root: Option<String>,
}

impl Server {
    pub(crate) async fn start(options: Options) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (acceptor, root) = acceptor(options.protocols).unzip();
        let seen = Arc::new(Seen::default());
        let server = Self { address, seen: seen.clone(), root };
        tokio::spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                seen.connections.fetch_add(1, Ordering::SeqCst);
                let (options, seen, acceptor) = (options.clone(), seen.clone(), acceptor.clone());
                tokio::spawn(async move {
                    match acceptor {
                        None => serve(tcp, options, seen.clone()).await,
                        Some(acceptor) => {
                            let Ok(tls) = acceptor.accept(tcp).await else { return };
                            match tls.get_ref().1.alpn_protocol() {
                                Some(b"h2") => serve(tls, options, seen.clone()).await,
                                _ => echo(tokio_tungstenite::accept_async(tls).await.unwrap()).await,
                            }
                        }
                    }
                    seen.ended.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        server
    }

    pub(crate) fn url(&self, path: &str) -> String {
        match self.root {
            None => format!("ws://{}{path}", self.address),
            Some(_) => format!("wss://localhost:{}{path}", self.address.port()),
        }
    }

    /// Settings for this server.
    pub(crate) fn control(&self, version: HttpVersion) -> Control {
        let control = Control::new().http_version(version);
        match &self.root {
            None => control,
            Some(root) => control.root_certificate(root.clone()),
        }
    }

    /// How many connections there have been.
    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// How many of them have ended.
    pub(crate) fn ended(&self) -> usize {
        self.seen.ended.load(Ordering::SeqCst)
    }
}

/// TLS with a certificate for `localhost`, and that certificate.
pub(super) fn acceptor(protocols: &[&str]) -> Option<(TlsAcceptor, String)> {
    if protocols.is_empty() {
        return None;
    }
    let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(issued.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_no_client_auth().with_single_cert(vec![issued.cert.der().clone()], key).unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    Some((TlsAcceptor::from(Arc::new(config)), issued.cert.pem()))
}

async fn serve<T: AsyncRead + AsyncWrite + Unpin>(transport: T, options: Options, seen: Arc<Seen>) {
    if let Some(gate) = &options.gate {
        gate.notified().await;
    }
    if options.goes_away && seen.connections.load(Ordering::SeqCst) == 1 {
        return super::faults::go_away(transport).await;
    }
    let mut builder = h2::server::Builder::new();
    builder.initial_window_size(options.window).initial_connection_window_size(1 << 20);
    if options.has_websockets {
        builder.enable_connect_protocol();
    }
    if let Some(max_streams) = options.max_streams {
        builder.max_concurrent_streams(max_streams);
    }
    let Ok(mut connection) = builder.handshake(transport).await else { return };
    while let Some(Ok((request, respond))) = connection.accept().await {
        let (head, body) = request.into_parts();
        let path = head.uri.path_and_query().unwrap().as_str().to_owned();
        assert_eq!((&head.method, head.uri.scheme_str().is_some()), (&Method::CONNECT, true));
        seen.requests.lock().unwrap().push(head);
        match path.split('?').next().unwrap() {
            "/goaway" => connection.graceful_shutdown(),
            "/abort" => connection.abrupt_shutdown(Reason::ENHANCE_YOUR_CALM),
            // It takes nothing more from this connection.
            "/freeze" => return pending().await,
            _ => {}
        }
        tokio::spawn(answer(path, body, respond, seen.clone()));
    }
}

async fn answer(path: String, body: RecvStream, mut respond: SendResponse<Bytes>, seen: Arc<Seen>) {
    let ok = Response::builder();
    match path.split('?').next().unwrap() {
        "/echo" | "/goaway" | "/abort" => {
            let sender = respond.send_response(ok.body(()).unwrap(), false).unwrap();
            echo(websocket(body, sender, seen).await).await;
        }
        "/chat" => {
            let ok = ok.header("sec-websocket-protocol", "chat").header("x-who", "h2");
            let sender = respond.send_response(ok.body(()).unwrap(), false).unwrap();
            echo(websocket(body, sender, seen).await).await;
        }
        "/refuse" => {
            let refusal = Response::builder().status(403).header("retry-after", "7").body(()).unwrap();
            let mut sender = respond.send_response(refusal, false).unwrap();
            sender.send_data("not for you".into(), true).unwrap();
        }
        "/login" => {
            let requests = seen.requests.lock().unwrap().clone();
            let said = requests.last().unwrap().headers.get(header::AUTHORIZATION);
            if said.is_some_and(|said| said == "Basic dXNlcjpwYXNz") {
                let sender = respond.send_response(ok.body(()).unwrap(), false).unwrap();
                return echo(websocket(body, sender, seen.clone()).await).await;
            }
            let challenge = Response::builder().status(401).header(header::WWW_AUTHENTICATE, "Basic realm=\"x\"");
            respond.send_response(challenge.body(()).unwrap(), true).unwrap();
        }
        "/extension" => {
            let ok = ok.header("sec-websocket-extensions", "permessage-deflate");
            let _sender = respond.send_response(ok.body(()).unwrap(), false).unwrap();
            seen.signal.notified().await;
        }
        "/refuse-once" => {
            if seen.refused.swap(true, Ordering::SeqCst) {
                let sender = respond.send_response(ok.body(()).unwrap(), false).unwrap();
                return echo(websocket(body, sender, seen.clone()).await).await;
            }
            respond.send_reset(Reason::REFUSED_STREAM);
        }
        "/silent" => seen.signal.notified().await,
        "/deaf" => {
            // It opens, and never takes a byte.
            let _sender = respond.send_response(ok.body(()).unwrap(), false).unwrap();
            seen.signal.notified().await;
        }
        _ => super::faults::answer(&path, body, respond, &seen).await,
    }
}

/// A WebSocket of tungstenite over a stream.
async fn websocket(body: RecvStream, sender: SendStream<Bytes>, seen: Arc<Seen>) -> WebSocketStream<DuplexStream> {
    let (ours, theirs) = duplex(64 * 1024);
    tokio::spawn(pump(body, sender, theirs, seen));
    WebSocketStream::from_raw_socket(ours, Role::Server, None).await
}

/// Both directions of a stream.
async fn pump(mut body: RecvStream, mut sender: SendStream<Bytes>, pipe: DuplexStream, seen: Arc<Seen>) {
    let (mut reader, mut writer) = tokio::io::split(pipe);
    let inwards = async {
        let end = loop {
            match body.data().await {
                Some(Ok(bytes)) => {
                    // The socket may have gone.
                    let _ = writer.write_all(&bytes).await;
                    body.flow_control().release_capacity(bytes.len()).unwrap();
                }
                Some(Err(error)) => break format!("{error}"),
                None => break "END_STREAM".to_owned(),
            }
        };
        seen.ends.lock().unwrap().push(end);
        let _ = writer.shutdown().await;
    };
    let outwards = async {
        let mut space = vec![0; 16 * 1024];
        while let Ok(amount @ 1..) = reader.read(&mut space).await {
            let mut rest = Bytes::copy_from_slice(&space[..amount]);
            while !rest.is_empty() {
                sender.reserve_capacity(rest.len());
                let Some(Ok(room)) = std::future::poll_fn(|cx| sender.poll_capacity(cx)).await else { return };
                if sender.send_data(rest.split_to(room.min(rest.len())), false).is_err() {
                    return;
                }
            }
        }
        let _ = sender.send_data(Bytes::new(), true);
    };
    tokio::join!(inwards, outwards);
}

/// Answers every message until the client closes.
async fn echo<T: AsyncRead + AsyncWrite + Unpin>(mut socket: WebSocketStream<T>) {
    while let Some(Ok(message)) = socket.next().await {
        if (message.is_text() || message.is_binary()) && socket.send(message).await.is_err() {
            return;
        }
    }
}
