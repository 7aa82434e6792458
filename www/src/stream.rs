//! `StreamWebSocket`: many bytes out and back at once, compared by their hash.

use futures::AsyncWriteExt as _;
use js_sys::Date;
use sha2::digest::Output;
use sha2::{Digest as _, Sha256};
use websocket_anywhere::{CloseCode, InputStream, OutputStream, StreamWebSocket};

use crate::Result;
use crate::page::Page;

const MEBIBYTE: usize = 1 << 20;
const TOTAL: usize = 16 * MEBIBYTE;
/// What is sent at a time.
const CHUNK: usize = 1 << 16;

/// Sends the bytes while reading them back, and shows how far and how fast.
pub(crate) async fn run(page: &Page, url: &str) -> Result<()> {
    let (mut input, mut output) = StreamWebSocket::connect(url).await?.split();
    let started = Date::now();
    let (sent, received) = futures::try_join!(send(&mut output), receive(page, &mut input))?;
    let seconds = (Date::now() - started) / 1000.0;
    output.close(CloseCode::NORMAL, "").await?;

    let mebibytes = TOTAL / MEBIBYTE;
    page.show("rate", &format!("{:.0} MiB/s each way", mebibytes as f64 / seconds));
    if sent != received {
        return Err("other bytes came back than were sent".into());
    }
    page.show("bytes", &format!("{mebibytes} MiB, same hash"));
    Ok(())
}

async fn send(output: &mut OutputStream) -> Result<Output<Sha256>> {
    let mut hash = Sha256::new();
    for index in 0..TOTAL / CHUNK {
        let chunk = chunk(index);
        hash.update(&chunk);
        output.write_all(&chunk).await?;
    }
    output.flush().await?;
    Ok(hash.finalize())
}

async fn receive(page: &Page, input: &mut InputStream) -> Result<Output<Sha256>> {
    let mut hash = Sha256::new();
    let mut count = 0;
    while count < TOTAL {
        let Some(bytes) = input.read_chunk().await? else {
            return Err(format!("the stream ended after {count} bytes").into());
        };
        hash.update(&bytes);
        count += bytes.len();
        page.show_progress("progress", count as f64 / TOTAL as f64);
    }
    Ok(hash.finalize())
}

/// Bytes that differ from chunk to chunk, so that none can be lost or swapped unseen.
fn chunk(index: usize) -> Vec<u8> {
    let seed = index as u32 * CHUNK as u32;
    (seed..seed + CHUNK as u32).map(|position| (position.wrapping_mul(0x9e37_79b1) >> 24) as u8).collect()
}
