//! The demo page and its echo endpoint, on one loopback port.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::{self, MethodRouter};
use tokio::net::TcpListener;
use tower_http::compression::CompressionLayer;
use tower_http::services::{ServeDir, ServeFile};

use crate::setup::WasmTools;
use crate::{process, project};

/// Builds the page and serves it until interrupted; `show` opens it in a browser.
pub(crate) fn run(port: u16, show: bool) -> Result<ExitCode> {
    process::run(&mut WasmTools::ensure()?.wasm_pack())?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let (listener, address) = listen(port).await?;
        let page = format!("http://{address}/");
        println!("\nThe demo page is at {page} and its echo endpoint at ws://{address}/echo; Ctrl-C ends both.");
        if show {
            // Where no browser is found the page is still served.
            open::that_detached(&page).unwrap_or_else(|error| eprintln!("no browser opens it: {error}"));
        }
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
    Ok(axum::serve(listener, site()).await?)
}

/// The page, its module with the right type, all compressed for who takes it; and the echo endpoint.
pub(crate) fn site() -> Router {
    let www = project::root().join("www");
    let files = PAGE
        .iter()
        .fold(Router::new(), |router, (path, file)| router.route_service(path, ServeFile::new(www.join(file))));
    let page = files.nest_service("/pkg", ServeDir::new(www.join("pkg"))).layer(CompressionLayer::new());
    page.route("/echo", echo_route())
}

/// What there is beside the module.
const PAGE: [(&str, &str); 4] =
    [("/", "index.html"), ("/style.css", "style.css"), ("/cards.css", "cards.css"), ("/plots.css", "plots.css")];

/// The echo endpoint.
pub(crate) fn echo_route() -> MethodRouter {
    routing::get(upgrade)
}

/// Of the subprotocols that a client offers it speaks the first, whatever that is: it says what the client says.
async fn upgrade(mut upgrade: WebSocketUpgrade) -> Response {
    let first = upgrade.requested_protocols().next().cloned();
    if let Some(first) = first {
        upgrade.set_selected_protocol(first);
    }
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
