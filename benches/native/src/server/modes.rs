//! What a connection does with the frames it gets.

use anyhow::Result;
use tokio::io::AsyncWriteExt as _;

use super::{
    deflate::{COMPRESSED, Inflater},
    inbound::{Inbound, Piece},
    source::{Sink, Source},
};
use crate::wire::{BINARY, CLOSE, FIN, put_header};

/// Gives every frame back, piece by piece.
pub(super) async fn echo<S: Sink>(mut stream: S) -> Result<()> {
    let mut inbound = Inbound::new();
    let mut out = Vec::new();
    loop {
        while let Some(mut piece) = inbound.next() {
            if piece.is_first() {
                put_header(piece.header.first, piece.header.len, None, &mut out);
            }
            piece.unmask();
            out.extend_from_slice(piece.payload);
        }
        if !turn(&mut inbound, &mut stream, &mut out).await? {
            return Ok(());
        }
    }
}

/// Skips payloads as they are, masked, and answers what is one byte long.
pub(super) async fn sink<S: Sink>(mut stream: S) -> Result<()> {
    let mut inbound = Inbound::new();
    let mut out = Vec::new();
    loop {
        while let Some(piece) = inbound.next() {
            if piece.header.len <= MOST_SYNC && piece.is_last() {
                out.extend_from_slice(&[FIN | BINARY, 1, 0]);
            }
            farewell(&piece, &mut out);
        }
        if !turn(&mut inbound, &mut stream, &mut out).await? {
            return Ok(());
        }
    }
}

/// Sends what is asked for.
pub(super) async fn source<S: Sink>(mut stream: S, source: &Source) -> Result<()> {
    let mut inbound = Inbound::new();
    let mut out = Vec::new();
    let mut request = Vec::new();
    let mut inflater = Inflater::new();
    loop {
        let mut asked = 0;
        while let Some(mut piece) = inbound.next() {
            farewell(&piece, &mut out);
            piece.unmask();
            request.extend_from_slice(piece.payload);
            if piece.is_last() {
                if piece.header.first & COMPRESSED != 0 {
                    request = inflater.inflate(&request)?;
                }
                asked += request.first_chunk().map_or(0, |count| u64::from_be_bytes(*count));
                request.clear();
            }
        }
        source.send(&mut stream, asked).await?;
        if !turn(&mut inbound, &mut stream, &mut out).await? {
            return Ok(());
        }
    }
}

/// Answers a Close, so that clients that wait for it go away quickly.
fn farewell(piece: &Piece<'_>, out: &mut Vec<u8>) {
    if piece.header.first == FIN | CLOSE && piece.is_last() {
        out.extend_from_slice(&[FIN | CLOSE, 0]);
    }
}

/// Writes what has gathered and reads on; false at the end.
async fn turn<S: Sink>(inbound: &mut Inbound, stream: &mut S, out: &mut Vec<u8>) -> Result<bool> {
    if !out.is_empty() {
        stream.write_all(out).await?;
        stream.flush().await?;
        out.clear();
    }
    inbound.fill(stream).await
}

/// A byte, perhaps compressed; no message that is measured is as short.
const MOST_SYNC: u64 = 8;
