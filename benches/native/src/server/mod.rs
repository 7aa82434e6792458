//! The neutral load server: the least that a WebSocket server can do, so that it is never what is measured.
//!
//! One thread on a core of its own, frames by hand, no check of anything; HTTP/2, where it is below, by the crate h2. The path chooses what a connection does:
//!
//! * `/echo` gives every frame back as it arrives, so it is also an echo of a stream of bytes;
//! * `/sink` swallows frames, and answers one of a few bytes with one of a single byte: all that came before has arrived;
//! * `/source?size=&text=ascii|mixed|json&fragments=` sends as many messages as the eight bytes of a frame ask for.
//!
//! For the workloads in which a library is the server, the same thread makes the clients (`load.rs`).

mod deflate;
pub(crate) mod handshake;
mod http2;
mod inbound;
mod load;
mod modes;
mod secure;
mod source;

use std::{
    io::{Read as _, stdin},
    process, thread,
};

use anyhow::Result;
use tokio::{net::TcpListener, runtime};
use tokio_rustls::TlsAcceptor;

use self::{
    handshake::{Request, accept},
    secure::secure,
    source::{Sink, Source},
};
use crate::{
    endpoints::Endpoints,
    measure::{pin, raise_file_limit},
};

/// Serves until the standard input ends, so that no server outlives whoever started it.
pub(crate) fn run() -> Result<()> {
    pin(CORE)?;
    raise_file_limit()?;
    thread::spawn(|| {
        let _ = stdin().read_to_end(&mut Vec::new());
        process::exit(0);
    });
    runtime::Builder::new_current_thread().enable_io().build()?.block_on(serve())
}

async fn serve() -> Result<()> {
    let bind = || TcpListener::bind(("127.0.0.1", 0));
    let (plain, tls, full, http2) = (bind().await?, bind().await?, bind().await?, bind().await?);
    let load = bind().await?;
    let secure = secure()?;
    let endpoints = Endpoints {
        plain: plain.local_addr()?,
        tls: tls.local_addr()?,
        full: full.local_addr()?,
        http2: http2.local_addr()?,
        load: load.local_addr()?,
        root: secure.root,
    };
    println!("{endpoints}");
    tokio::spawn(http2::listen(http2));
    tokio::spawn(load::listen(load));
    tokio::spawn(listen(tls, Some(secure.resuming)));
    tokio::spawn(listen(full, Some(secure.full)));
    listen(plain, None).await
}

async fn listen(listener: TcpListener, acceptor: Option<TlsAcceptor>) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        // A client that goes away is none of the server's business: the client reports what went wrong.
        match acceptor.clone() {
            Some(acceptor) => tokio::spawn(async move { connection(acceptor.accept(stream).await?).await }),
            None => tokio::spawn(connection(stream)),
        };
    }
}

async fn connection<S: Sink>(mut stream: S) -> Result<()> {
    let (request, _) = accept(&mut stream).await?;
    serve_request(stream, &request).await
}

async fn serve_request<S: Sink>(stream: S, request: &Request) -> Result<()> {
    match request.path.as_str() {
        "/echo" => modes::echo(stream).await,
        "/sink" => modes::sink(stream).await,
        "/source" => modes::source(stream, &Source::new(request)?).await,
        // Nothing is expected on a connection that is only opened.
        _ => modes::sink(stream).await,
    }
}

const CORE: usize = 1;
