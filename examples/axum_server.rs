//! Both sockets behind handlers of axum: `cargo run --example axum_server`.
//!
//! axum routes and extracts, this crate has the WebSockets: `Upgrade` below is an extractor, to be copied. It takes requests of
//! HTTP/1.1 and of HTTP/2. Clients of this crate then talk to the server, with `--features http2` by both.

use std::{future::Future, net::SocketAddr};

use anyhow::{Context as _, Result, bail, ensure};
use axum::{
    Router,
    extract::{FromRequestParts, Path, State},
    http::{HeaderName, HeaderValue, StatusCode, request::Parts},
    response::{IntoResponse, Response},
    routing::{any, get},
    serve,
};
use hyper::{
    ext::Protocol,
    upgrade::{OnUpgrade, Upgraded},
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, copy, repeat},
    net::{TcpListener, TcpStream},
};
use websocket_anywhere::{
    CloseCode, Control, ErrorKind, MessageWebSocket, ServerControl, ServerMessageWebSocket, ServerRequest,
    ServerResponse, ServerStreamWebSocket, StreamWebSocket,
};

#[tokio::main]
async fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let routes =
        // `any`, for HTTP/2 asks by CONNECT.
        Router::new().route("/", get("a page\n")).route("/greet/{name}", any(greet)).route("/count", any(count));
    tokio::spawn(serve(listener, routes.with_state("good evening")).into_future());
    talk(address, Control::new()).await?;
    #[cfg(feature = "http2")]
    talk(address, Control::new().http_version(websocket_anywhere::HttpVersion::Http2)).await?;

    let mut tcp = TcpStream::connect(address).await?;
    tcp.write_all(format!("GET /count HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes()).await?;
    let mut response = String::new();
    tcp.read_to_string(&mut response).await?;
    println!("to a browser's GET: {}", response.lines().next().unwrap_or_default());

    ensure!(response.starts_with("HTTP/1.1 400"), "that is wrong");
    Ok(())
}

/// What clients do.
async fn talk(address: SocketAddr, control: Control) -> Result<()> {
    let mut socket = MessageWebSocket::connect_with(&format!("ws://{address}/greet/Ada"), control.clone()).await?;
    socket.send("who am I?").await?;
    let answer = socket.receive().await?.context("the server closed instead of answering")?;
    println!("by {:?} the server answered {answer:?}", socket.information().http_version().unwrap_or_default());
    println!("closed with {}", socket.close(CloseCode::NORMAL, "done").await?);

    let mut stream = StreamWebSocket::connect_with(&format!("ws://{address}/count"), control.clone()).await?;
    copy(&mut repeat(7).take(SIZE), &mut stream).await?;
    stream.write_all(&[0]).await?;
    let counted = stream.read_u64().await?;
    println!("the server counted {counted} bytes before the 0");
    println!("closed with {}", stream.close(CloseCode::NORMAL, "done").await?);

    let refused = MessageWebSocket::connect_with(&format!("ws://{address}/elsewhere"), control).await.err();
    println!("at another path: {}", refused.as_ref().map_or_else(String::new, ToString::to_string));
    let is_404 = refused.is_some_and(|error| error.kind() == ErrorKind::HttpStatus(404));
    ensure!(answer.as_text() == Some("good evening, Ada") && counted == SIZE && is_404, "that is wrong");
    Ok(())
}

/// Greets whoever says something, with the words of the server's state, by the name in the path.
async fn greet(Path(name): Path<String>, State(words): State<&'static str>, upgrade: Upgrade) -> Response {
    upgrade.answer(ServerControl::new(), async move |transport, response, control| {
        let mut socket = ServerMessageWebSocket::upgraded(transport, &response, &control)?;
        while socket.receive().await?.is_some() {
            socket.send(format!("{words}, {name}")).await?;
        }
        Ok(())
    })
}

/// Counts the bytes before the first 0.
async fn count(upgrade: Upgrade) -> Response {
    let control = ServerControl::new().settings(Control::new().no_delay(false));
    upgrade.answer(control, async |transport, response, control| {
        let mut stream = ServerStreamWebSocket::upgraded(transport, &response, &control)?;
        let mut counted = 0;
        loop {
            let bytes = stream.fill_buf().await?;
            let (amount, is_last) = match bytes.iter().position(|byte| *byte == 0) {
                Some(zero) => (zero, true),
                None if bytes.is_empty() => bail!("the client closed before the 0"),
                None => (bytes.len(), false),
            };
            counted += amount as u64;
            stream.consume(amount + usize::from(is_last));
            if is_last {
                stream.write_u64(counted).await?;
                stream.flush().await?;
                break;
            }
        }
        // The client closes.
        while stream.read_chunk().await?.is_some() {}
        Ok(())
    })
}

/// The extractor of a request for a WebSocket.
struct Upgrade {
    request: ServerRequest,
    /// What hyper gives to requests that ask for an upgrade.
    upgrade: Option<OnUpgrade>,
}

impl<S: Sync> FromRequestParts<S> for Upgrade {
    type Rejection = (StatusCode, String);

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        // What HTTP/2 calls a request for a WebSocket (RFC 8441).
        let is_connect = parts.extensions.get::<Protocol>().is_some_and(|protocol| protocol.as_str() == "websocket");
        let request = match is_connect {
            true => ServerRequest::over_http2(path, &parts.headers),
            false => ServerRequest::new(path, &parts.headers),
        };
        let request = request.map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?;
        Ok(Self { request, upgrade: parts.extensions.remove() })
    }
}

impl Upgrade {
    /// The answer to the request; if it is the upgrade, `talk` gets the transport in a task of its own.
    fn answer<F>(
        self,
        control: ServerControl,
        talk: impl FnOnce(TokioIo<Upgraded>, ServerResponse, ServerControl) -> F + Send + 'static,
    ) -> Response
    where
        F: Future<Output = Result<()>> + Send,
    {
        let response = control.respond(&self.request);
        let is_accepted = response.is_accepted();
        let status = StatusCode::from_u16(response.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = status.into_response();
        for (name, value) in response.headers() {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                answer.headers_mut().insert(name, value);
            }
        }
        match self.upgrade {
            Some(upgrade) if is_accepted => {
                tokio::spawn(async move {
                    let talked = async { talk(TokioIo::new(upgrade.await?), response, control).await };
                    if let Err(error) = talked.await {
                        eprintln!("a client was lost: {error:#}");
                    }
                });
            }
            // There is nothing below that could become a WebSocket.
            None if is_accepted => return StatusCode::NOT_IMPLEMENTED.into_response(),
            _ => {}
        }
        answer
    }
}

const SIZE: u64 = 8 * 1024 * 1024;
