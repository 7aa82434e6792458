//! The demo page and its echo endpoint, on one loopback port.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::{self, MethodRouter};
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

use crate::setup::WasmTools;
use crate::{process, project};

/// Builds the page and serves it until interrupted.
pub(crate) fn run(port: u16) -> Result<ExitCode> {
    process::run(&mut WasmTools::ensure()?.wasm_pack())?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let (listener, address) = listen(port).await?;
        println!(
            "\nThe demo page is at http://{address}/ and its echo endpoint at ws://{address}/echo; Ctrl-C ends both."
        );
        serve(listener).await
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A listener on loopback; port 0 takes a free one.
pub(crate) async fn listen(port: u16) -> Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .with_context(|| format!("cannot listen on port {port} of 127.0.0.1"))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves page and echo endpoint for ever.
pub(crate) async fn serve(listener: TcpListener) -> Result<()> {
    let page = ServeDir::new(project::root().join("www"));
    let site = Router::new().route("/echo", echo_route()).fallback_service(page);
    Ok(axum::serve(listener, site).await?)
}

/// The echo endpoint.
pub(crate) fn echo_route() -> MethodRouter {
    routing::get(upgrade)
}

async fn upgrade(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(echo)
}

/// Sends back every message until the peer closes or is gone. Pings and closes are answered by axum.
async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        let sent = match message {
            Message::Text(_) | Message::Binary(_) => socket.send(message).await,
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => Ok(()),
        };
        if sent.is_err() {
            return;
        }
    }
}
