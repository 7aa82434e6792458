//! A large file to a server and back, with progress and hashes: `cargo run --example transfer`, or `-- path/to/file`.
//!
//! Without a path it makes a file of 256 MiB. The server, of this crate, too, writes what it gets to a file of its own.

use std::{
    env,
    io::{self, Seek, Write},
    time::Duration,
};

use anyhow::{Result, anyhow, bail};
use indicatif::{BinaryBytes, HumanDuration, ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256, digest::Output};
use tokio::{
    fs::File,
    io::{AsyncRead, AsyncReadExt, AsyncSeekExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use websocket_anywhere::{CloseCode, ServerControl, ServerStreamWebSocket, StreamWebSocket};

type Hash = Output<Sha256>;

#[tokio::main]
async fn main() -> Result<()> {
    let mut file = match env::args().nth(1) {
        Some(path) => File::open(path).await?,
        None => File::from_std(invented()?),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}/files", listener.local_addr()?);
    let server = tokio::spawn(async move { serve(listener.accept().await?.0).await });

    let size = file.metadata().await?.len();
    println!("{} to {url}", BinaryBytes(size));
    let mut stream = StreamWebSocket::connect(&url).await?;
    let sent = upload(&mut file, &mut stream, size).await?;
    println!("  the server has the same hash: {sent:x}");
    let received = download(&mut stream, size).await?;
    if received != sent {
        bail!("what came back is another file: {received:x}");
    }
    println!("  what came back has it, too");
    println!("  closed with {}", stream.close(CloseCode::NORMAL, "done").await?);
    server.await?
}

/// Sends the size, then the file; the server answers with the hash of what it got.
async fn upload(file: &mut File, stream: &mut StreamWebSocket, size: u64) -> Result<Hash> {
    stream.write_u64(size).await?;
    let progress = progress("up", size)?;
    let sent = copy(file, stream, size, &progress).await?;
    let mut stored = Hash::default();
    stream.read_exact(&mut stored).await?;
    finish(&progress);
    if stored == sent { Ok(sent) } else { Err(anyhow!("the server got another file: {stored:x}")) }
}

async fn download(stream: &mut StreamWebSocket, size: u64) -> Result<Hash> {
    let mut file = File::from_std(tempfile::tempfile()?);
    let progress = progress("down", size)?;
    let received = copy(stream, &mut file, size, &progress).await?;
    finish(&progress);
    Ok(received)
}

/// The server's side of one client: stores the file, tells its hash, sends it back.
async fn serve(tcp: TcpStream) -> Result<()> {
    let mut stream = ServerStreamWebSocket::accept(tcp, ServerControl::new()).await?;
    let size = stream.read_u64().await?;
    let mut file = File::from_std(tempfile::tempfile()?);
    let stored = copy(&mut stream, &mut file, size, &ProgressBar::hidden()).await?;
    stream.write_all(&stored).await?;
    file.rewind().await?;
    copy(&mut file, &mut stream, size, &ProgressBar::hidden()).await?;
    // The client closes: that is the end of the stream.
    match stream.read_chunk().await? {
        None => Ok(()),
        Some(_) => Err(anyhow!("the client sends more than it said")),
    }
}

/// Copies `size` bytes, no faster than either side can, and hashes them on the way.
async fn copy(
    input: &mut (impl AsyncRead + Unpin),
    output: &mut (impl AsyncWrite + Unpin),
    size: u64,
    progress: &ProgressBar,
) -> Result<Hash> {
    let mut input = input.take(size);
    let mut hash = Sha256::new();
    let mut bytes = vec![0; 64 * 1024];
    while input.limit() > 0 {
        let amount = input.read(&mut bytes).await?;
        if amount == 0 {
            bail!("{} bytes are missing", input.limit());
        }
        hash.update(&bytes[..amount]);
        output.write_all(&bytes[..amount]).await?;
        progress.inc(amount as u64);
    }
    output.flush().await?;
    Ok(hash.finalize())
}

fn progress(name: &'static str, size: u64) -> Result<ProgressBar> {
    let style = ProgressStyle::with_template("  {prefix:4} {bar:40} {binary_bytes}/{binary_total_bytes} {eta}")?;
    Ok(ProgressBar::new(size).with_style(style).with_prefix(name))
}

fn finish(progress: &ProgressBar) {
    progress.finish();
    let took = progress.elapsed().max(Duration::from_micros(1));
    let rate = BinaryBytes((progress.position() as f64 / took.as_secs_f64()) as u64);
    println!("  {}: {} at {rate}/s", progress.prefix(), HumanDuration(took));
}

/// A file that the system deletes with its last handle, of bytes that do not repeat (xorshift).
fn invented() -> io::Result<std::fs::File> {
    let mut file = io::BufWriter::new(tempfile::tempfile()?);
    let mut state: u64 = 0x2545_f491_4f6c_dd1d;
    for _ in 0..SIZE / 8 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        file.write_all(&state.to_le_bytes())?;
    }
    let mut file = file.into_inner()?;
    file.rewind()?;
    Ok(file)
}

const SIZE: u64 = 256 * 1024 * 1024;
