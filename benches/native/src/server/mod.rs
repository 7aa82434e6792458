//! The neutral load server: the least that a WebSocket server can do, so that it is never what is measured.
//!
//! One thread on a core of its own, frames by hand, no check of anything. The path chooses what a connection does:
//!
//! * `/echo` gives every frame back as it arrives, so it is also an echo of a stream of bytes;
//! * `/sink` swallows frames, and answers one of a single byte with one of a single byte: all that came before has arrived;
//! * `/source?size=&text=ascii|mixed&fragments=` sends as many messages as the eight bytes of a frame ask for.

mod handshake;
mod inbound;
mod modes;
mod source;

use std::{
    io::{Read as _, stdin},
    process, thread,
};

use anyhow::Result;
use tokio::{
    net::{TcpListener, TcpStream},
    runtime,
};

use self::{handshake::accept, source::Source};
use crate::measure::{pin, raise_file_limit};

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
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        // A client that goes away is none of the server's business: the client reports what went wrong.
        tokio::spawn(connection(stream));
    }
}

async fn connection(mut stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let request = accept(&mut stream).await?;
    match request.path.as_str() {
        "/echo" => modes::echo(stream).await,
        "/sink" => modes::sink(stream).await,
        "/source" => modes::source(stream, &Source::new(&request)?).await,
        // Nothing is expected on a connection that is only opened.
        _ => modes::sink(stream).await,
    }
}

const CORE: usize = 1;
