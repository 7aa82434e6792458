//! The clients, each as its own documentation uses it.

mod gloo_net;
mod ours;
mod tokio_tungstenite_wasm;
mod web_sys;
mod websocket_web;
mod ws_stream_wasm;

use bytes::Bytes;

use crate::{
    Result,
    exchange::{Job, Shared, Worker},
};

/// What every client can do. It is given payloads to borrow or to share, whichever it likes better.
pub(crate) trait Client: Sized {
    async fn connect(url: &str) -> Result<Self>;

    async fn send_bytes(&mut self, bytes: &Bytes) -> Result<()>;

    async fn send_text(&mut self, text: &str) -> Result<()>;

    /// Takes the next message into Rust's memory; gives its length in bytes.
    async fn receive(&mut self) -> Result<usize>;
}

/// The clients of this module; plain JavaScript is in the page.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Peer {
    WebSys,
    GlooNet,
    WsStreamWasm,
    TokioTungsteniteWasm,
    WebsocketWeb,
    WebsocketAnywhere,
}

impl Peer {
    pub(crate) fn by_name(name: &str) -> Result<Self> {
        Ok(match name {
            "web-sys" => Self::WebSys,
            "gloo-net" => Self::GlooNet,
            "ws_stream_wasm" => Self::WsStreamWasm,
            "tokio-tungstenite-wasm" => Self::TokioTungsteniteWasm,
            "websocket-web" => Self::WebsocketWeb,
            "websocket-anywhere" => Self::WebsocketAnywhere,
            other => return Err(format!("there is no client {other}").into()),
        })
    }

    pub(crate) async fn connect(self, url: String, job: Job) -> Result<Shared> {
        match self {
            Self::WebSys => Worker::<web_sys::Raw>::connect(url, job).await,
            Self::GlooNet => Worker::<gloo_net::Gloo>::connect(url, job).await,
            Self::WsStreamWasm => Worker::<ws_stream_wasm::WsStreamWasm>::connect(url, job).await,
            Self::TokioTungsteniteWasm => {
                Worker::<tokio_tungstenite_wasm::TokioTungsteniteWasm>::connect(url, job).await
            }
            Self::WebsocketWeb => Worker::<websocket_web::WebsocketWeb>::connect(url, job).await,
            Self::WebsocketAnywhere => Worker::<ours::Ours>::connect(url, job).await,
        }
    }
}

/// The error of a client whose connection has ended.
fn ended() -> Box<dyn std::error::Error> {
    "the connection has ended".into()
}
