//! The servers that the page meets: its own, others that do what servers do, one that goes away, and none.

use std::net::TcpListener as Listener;

use anyhow::Result;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::{Html, Response};
use axum::routing;
use tokio::runtime::Runtime;

use crate::serve;

/// A server in a runtime of its own: when dropped it is gone, and its connections are.
#[derive(Debug)]
pub(super) struct Server {
    /// Host and port.
    pub(super) address: String,
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
}

impl Server {
    /// Serves the page and everything else on a free port.
    pub(super) fn start() -> Result<Self> {
        let (listener, address) = silent()?;
        listener.set_nonblocking(true)?;
        let runtime = Runtime::new()?;
        let site = serve::site()
            .route("/phone", routing::get(async || Html(PHONE)))
            .route("/bye", routing::get(bye))
            .route("/deaf", routing::get(deaf))
            .route("/flood", routing::get(flood))
            .route("/spoil", routing::get(spoil));
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("inside of a runtime");
            axum::serve(listener, site).await
        });
        Ok(Self { address, runtime: Some(runtime) })
    }
}

impl Drop for Server {
    /// Also inside of another runtime, where waiting is not allowed.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The address of a port at which nobody listens.
pub(super) fn refused() -> Result<String> {
    Ok(silent()?.1)
}

/// A port that takes connections and, as long as nobody serves it, says nothing.
pub(super) fn silent() -> Result<(Listener, String)> {
    let listener = Listener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?.to_string();
    Ok((listener, address))
}

/// Closes with the first message.
async fn bye(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async |mut socket| {
        socket.recv().await;
        let frame = CloseFrame { code: 4001, reason: "closing time".into() };
        // The client answers, or is gone; both end the connection.
        let _ = socket.send(Message::Close(Some(frame))).await;
        while let Some(Ok(_)) = socket.recv().await {}
    })
}

/// Reads nothing, and so answers no Close.
async fn deaf(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async |socket: WebSocket| {
        let _held = socket;
        std::future::pending::<()>().await;
    })
}

/// Sends numbers, more than the log of the page shows.
async fn flood(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async |mut socket: WebSocket| {
        for number in 1..=FLOOD {
            if socket.send(Message::text(number.to_string())).await.is_err() {
                return;
            }
        }
        while let Some(Ok(_)) = socket.recv().await {}
    })
}

/// Returns every message with another first byte.
async fn spoil(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async |mut socket: WebSocket| {
        while let Some(Ok(message)) = socket.recv().await {
            let Message::Binary(bytes) = message else { continue };
            let mut bytes = Vec::from(bytes);
            if let Some(first) = bytes.first_mut() {
                *first ^= 1;
            }
            if socket.send(Message::binary(bytes)).await.is_err() {
                return;
            }
        }
    })
}

/// How many messages `/flood` sends.
pub(super) const FLOOD: u32 = 1000;

/// The page in a window of 360 pixels, which some browsers do not give otherwise.
const PHONE: &str = "<!doctype html><meta charset=utf-8><title>A phone</title><style>body { margin: 0 }
    iframe { display: block; width: 360px; height: 3300px; border: 0 }</style><iframe src=/></iframe>";
