//! Every client behind one trait, each driven the way its documentation shows and its speed is best.
//!
//! Where messages are compressed, sockudo-ws is left out, whose client offers no compression, and so is soketto, whose feature
//! would have every crate here compress by zlib in C.
//!
//! By HTTP/2 there are this crate, sockudo-ws and yawc; the others open WebSockets by HTTP/1.1 alone. yawc makes a connection for
//! each socket, where the others share one.
//!
//! As servers, fastwebsockets, yawc and web-socket get their connections after a handshake by hand, for they leave it to a web server or
//! to the program; so they are left out where connections are accepted. soketto and sockudo-ws are not compressed there either.
//!
//! What is the same for all: one configuration of TLS for all connections of a program, `TCP_NODELAY`, limits that let every message pass, and a payload that the program keeps, so
//! that the copy that masking needs is part of sending. Text is checked, by the library or, where it leaves that to
//! the program, here.

mod fastwebsockets;
mod ours;
mod raw;
mod sockudo;
mod soketto;
mod tokio_tungstenite;
mod tokio_websockets;
mod web_socket;
mod yawc;

use std::{
    fmt::{self, Display},
    net::SocketAddr,
    sync::Arc,
};

use ::yawc::HttpStream;
use anyhow::{Result, ensure};
use bytes::Bytes;
use clap::ValueEnum;
use rustls::ClientConfig;
use sockudo_ws::{Http2, Stream};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use websocket_anywhere::{Control, ServerControl};

use crate::{
    dial::Socket,
    exchange::{Job, measure},
    hosting::host,
    summary::Summary,
    workloads::{Deflate, Http, Kind, Security, Task},
};

/// Where to connect, and what for.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) server: SocketAddr,
    /// Path and query.
    pub(crate) path: String,
    /// The same with the server: text that a program would have, and not a part of what is measured.
    pub(crate) url: String,
    /// Whom to trust by TLS, as a program of a peer prepares it once for all its connections.
    pub(crate) tls: Arc<ClientConfig>,
    /// The same for this crate.
    pub(crate) control: Control,
    /// What sockudo-ws shares, as `control` has it for this crate.
    pub(crate) sockudo: sockudo::Shared,
    /// The same for this crate as the server.
    pub(crate) server_control: ServerControl,
    /// How long a message of the server is, and with its headers; for the raw client, which does not look into them.
    pub(crate) size: usize,
    pub(crate) wire: usize,
    /// Whether messages are so small that many of them fit into a buffer.
    pub(crate) has_small_messages: bool,
    /// Whether messages are compressed.
    pub(crate) deflate: Deflate,
    /// Whether messages are fed and flushed many at a time.
    pub(crate) is_batched: bool,
    /// Whether TLS is below the WebSocket.
    pub(crate) is_secure: bool,
    /// Whether buffers may be chosen for speed; if not, they are those of the library or of its examples.
    pub(crate) is_tuned: bool,
}

impl Target {
    /// The size of a buffer around the socket, for libraries that leave it to the program. Long messages are better read
    /// past it.
    const fn buffer_size(&self) -> usize {
        if self.is_tuned && self.has_small_messages { 64 * 1024 } else { 8 * 1024 }
    }
}

/// What the workloads ask of a client.
pub(crate) trait Client: Send + Sized + 'static {
    /// Opens a connection.
    fn connect(target: &Target) -> impl Future<Output = Result<Self>> + Send;

    /// Sends one binary message, so that it leaves without anything else being called.
    fn send(&mut self, payload: &Bytes) -> impl Future<Output = Result<()>> + Send;

    /// Sends one binary message that may wait for [`flush`](Self::flush).
    fn feed(&mut self, payload: &Bytes) -> impl Future<Output = Result<()>> + Send {
        self.send(payload)
    }

    /// Hands what was fed to the operating system.
    fn flush(&mut self) -> impl Future<Output = Result<()>> + Send;

    /// Receives a whole message, or some bytes of a stream, and tells the length.
    fn receive(&mut self) -> impl Future<Output = Result<usize>> + Send;
}

/// The side of a server, of the libraries that have one.
pub(crate) trait Host: Client {
    /// Takes a connection and makes the opening handshake.
    fn accept(stream: TcpStream, target: &Target) -> impl Future<Output = Result<Self>> + Send;

    /// Receives a message and sends it back, so that it leaves without anything else being called.
    fn send_back(&mut self) -> impl Future<Output = Result<()>> + Send;

    /// Receives a message and sends it back when the connection is flushed.
    fn feed_back(&mut self) -> impl Future<Output = Result<()>> + Send {
        self.send_back()
    }

    /// Sends one message to all.
    fn broadcast(hosts: &mut [Self], payload: &Bytes) -> impl Future<Output = Result<()>> + Send {
        async {
            for host in hosts {
                host.send(payload).await?;
            }
            Ok(())
        }
    }
}

/// The clients, in the order of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
pub(crate) enum Peer {
    WebsocketAnywhere,
    TokioTungstenite,
    Fastwebsockets,
    TokioWebsockets,
    Yawc,
    SockudoWs,
    WebSocket,
    Soketto,
    Raw,
}

impl Peer {
    /// Whether it is a library that this crate is compared with.
    pub(crate) fn is_rival(self) -> bool {
        !matches!(self, Self::WebsocketAnywhere | Self::Raw)
    }

    pub(crate) async fn measure(self, job: Job) -> Result<Summary> {
        let compresses = matches!(self, Self::WebsocketAnywhere | Self::Yawc);
        ensure!(compresses || job.workload.deflate == Deflate::Off, "it does not compress");
        let has_http2 = matches!(self, Self::WebsocketAnywhere | Self::SockudoWs | Self::Yawc);
        ensure!(has_http2 || job.workload.http == Http::One, "it has no WebSockets over HTTP/2");
        if let Kind::Host(task) = job.workload.kind {
            ensure!(task != Task::Accept || self.shakes_hands(), "its handshake is left to a web server");
            return self.host(job, task).await;
        }
        match (self, job.workload.http) {
            (Self::SockudoWs, Http::Two) => return measure::<sockudo::Sockudo<Stream<Http2>>>(job).await,
            (Self::Yawc, Http::Two) => return measure::<yawc::Yawc<HttpStream>>(job).await,
            _ => {}
        }
        match job.workload.security {
            Security::None => self.measure_over::<TcpStream>(job).await,
            Security::Tls | Security::FullTls => self.measure_over::<TlsStream<TcpStream>>(job).await,
        }
    }

    /// Whether it makes the opening handshake of a server.
    const fn shakes_hands(self) -> bool {
        !matches!(self, Self::Fastwebsockets | Self::WebSocket | Self::Yawc)
    }

    async fn host(self, job: Job, task: Task) -> Result<Summary> {
        match self {
            Self::WebsocketAnywhere => host::<ours::Messages>(job, task).await,
            Self::TokioTungstenite => host::<tokio_tungstenite::Tungstenite>(job, task).await,
            Self::Fastwebsockets => host::<fastwebsockets::Fast<TcpStream>>(job, task).await,
            Self::TokioWebsockets => host::<tokio_websockets::Websockets<TcpStream>>(job, task).await,
            Self::Yawc => host::<yawc::Yawc<TcpStream>>(job, task).await,
            Self::SockudoWs => host::<sockudo::Sockudo<TcpStream>>(job, task).await,
            Self::WebSocket => host::<web_socket::Plain<TcpStream>>(job, task).await,
            Self::Soketto => host::<soketto::Soketto<TcpStream>>(job, task).await,
            Self::Raw => host::<raw::Raw<TcpStream>>(job, task).await,
        }
    }

    async fn measure_over<S: Socket>(self, job: Job) -> Result<Summary> {
        match self {
            Self::WebsocketAnywhere if job.workload.is_stream() => measure::<ours::Stream>(job).await,
            Self::WebsocketAnywhere => measure::<ours::Messages>(job).await,
            Self::TokioTungstenite => measure::<tokio_tungstenite::Tungstenite>(job).await,
            Self::Fastwebsockets => measure::<fastwebsockets::Fast<S>>(job).await,
            Self::TokioWebsockets => measure::<tokio_websockets::Websockets<S>>(job).await,
            Self::Yawc => measure::<yawc::Yawc<S>>(job).await,
            Self::SockudoWs => measure::<sockudo::Sockudo<S>>(job).await,
            Self::WebSocket => measure::<web_socket::Plain<S>>(job).await,
            Self::Soketto => measure::<soketto::Soketto<S>>(job).await,
            Self::Raw => measure::<raw::Raw<S>>(job).await,
        }
    }
}

impl Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.to_possible_value().expect("no client is hidden").get_name())
    }
}
