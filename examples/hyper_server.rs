//! Both sockets behind a web server: `cargo run --example hyper_server`.
//!
//! hyper serves pages and makes the upgrade, this crate has the WebSockets; `axum_server` has the same by an extractor of axum.
//! A client of this crate then talks to it.

use std::convert::Infallible;

use anyhow::{Context as _, Result, bail, ensure};
use hyper::{Request, Response, StatusCode, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use websocket_anywhere::{
    CloseCode, Control, ErrorKind, MessageWebSocket, ServerControl, ServerDecision, ServerMessageWebSocket,
    ServerRequest, ServerResponse,
};

#[tokio::main]
async fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}", listener.local_addr()?);
    tokio::spawn(serve(listener));
    let control = Control::new().supported_protocol("shout");
    let mut socket = MessageWebSocket::connect_with(&format!("{url}/chat"), control.clone()).await?;
    println!("connected, subprotocol {:?}", socket.information().protocol());
    socket.send("hello").await?;
    let answer = socket.receive().await?.context("the server closed instead of answering")?;
    println!("the server answered {answer:?}");
    if answer.as_text() != Some("HELLO") {
        bail!("that is the wrong answer");
    }
    println!("closed with {}", socket.close(CloseCode::NORMAL, "done").await?);
    let refused = MessageWebSocket::connect_with(&format!("{url}/elsewhere"), control).await.err();
    println!("at another path: {}", refused.as_ref().map_or_else(String::new, ToString::to_string));
    ensure!(refused.is_some_and(|error| error.kind() == ErrorKind::HttpStatus(404)), "no 404");
    Ok(())
}

async fn serve(listener: TcpListener) {
    while let Ok((tcp, _)) = listener.accept().await {
        let connection = http1::Builder::new().serve_connection(TokioIo::new(tcp), service_fn(answer));
        tokio::spawn(connection.with_upgrades());
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<String>, Infallible> {
    if request.uri().path() == "/" {
        return Ok(Response::new("a page\n".to_owned()));
    }
    Ok(upgrade(request).unwrap_or_else(|error| {
        let mut response = Response::new(error.to_string());
        *response.status_mut() = StatusCode::BAD_REQUEST;
        response
    }))
}

/// Answers a request for a WebSocket, and spawns the task that talks to the client once hyper has sent the answer.
fn upgrade(request: Request<Incoming>) -> Result<Response<String>> {
    let control = ServerControl::new().settings(Control::new().supported_protocol("shout")).on_request(|request| {
        if request.path() == "/chat" { ServerDecision::accept() } else { ServerDecision::refuse(404) }
    });
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let response = control.respond(&ServerRequest::new(path, request.headers())?);
    let mut answer = Response::builder().status(response.status());
    for (name, value) in response.headers() {
        answer = answer.header(name, value);
    }
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        tokio::spawn(async move {
            if let Err(error) = talk(request, &response, &control).await {
                eprintln!("a client was lost: {error:#}");
            }
        });
    }
    Ok(answer.body(String::new())?)
}

async fn talk(request: Request<Incoming>, response: &ServerResponse, control: &ServerControl) -> Result<()> {
    let transport = TokioIo::new(hyper::upgrade::on(request).await?);
    let mut socket = ServerMessageWebSocket::upgraded(transport, response, control)?;
    while let Some(message) = socket.receive().await? {
        socket.send(message.as_text().unwrap_or_default().to_uppercase()).await?;
    }
    Ok(())
}
