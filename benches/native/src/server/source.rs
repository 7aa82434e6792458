//! Messages made beforehand.
//!
//! They lie in memory files. By TCP they are sent from there: the kernel then copies nothing on the way out, which keeps the
//! server ahead of every client. By TLS they have to be encrypted from their bytes.

use std::{fs::File, io::Write as _, iter};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use rustix::fs::{MemfdFlags, memfd_create, sendfile};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, Interest},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;

use super::{deflate, handshake::Request};
use crate::wire::{BINARY, FIN, TEXT, put_header, put_masked};

/// Where the messages of one connection come from.
#[derive(Debug)]
pub(super) enum Source {
    /// Messages one behind the other, to be sent many at a time.
    Block {
        block: Block,
        /// Where each message ends.
        ends: Vec<u64>,
    },
    /// A frame too long to be kept: its header, and zeros to be repeated.
    Huge { header: Vec<u8>, len: u64, zeros: Block },
}

/// Bytes, and the same in a memory file.
#[derive(Debug)]
pub(super) struct Block {
    bytes: Bytes,
    file: File,
}

impl Block {
    fn new(bytes: Vec<u8>) -> Result<Self> {
        let mut file = File::from(memfd_create("messages", MemfdFlags::CLOEXEC)?);
        file.write_all(&bytes)?;
        Ok(Self { bytes: bytes.into(), file })
    }

    /// The first `len` bytes.
    pub(super) fn bytes(&self, len: u64) -> Bytes {
        self.bytes.slice(..len as usize)
    }
}

/// Where messages are sent to.
pub(super) trait Sink: AsyncRead + AsyncWrite + Send + Unpin + 'static {
    /// Sends the first `len` bytes of a block.
    fn send_block(&mut self, block: &Block, len: u64) -> impl Future<Output = Result<()>> + Send;
}

impl Sink for TcpStream {
    async fn send_block(&mut self, block: &Block, len: u64) -> Result<()> {
        let mut offset = 0;
        while offset < len {
            let missing = (len - offset) as usize;
            let send = || Ok(sendfile(&*self, &block.file, Some(&mut offset), missing)?);
            ensure!(self.async_io(Interest::WRITABLE, send).await? > 0, "the file is shorter than that");
        }
        Ok(())
    }
}

impl Sink for TlsStream<TcpStream> {
    async fn send_block(&mut self, block: &Block, len: u64) -> Result<()> {
        self.write_all(&block.bytes[..len as usize]).await?;
        Ok(self.flush().await?)
    }
}

impl Source {
    pub(super) fn new(request: &Request) -> Result<Self> {
        let size: usize = request.parameter("size").context("no size")?.parse()?;
        let fragments: usize = request.parameter("fragments").unwrap_or("1").parse()?;
        if let Some(how) = request.parameter("deflate") {
            let (frames, ends) = deflate::frames(size, how == "takeover")?;
            return Ok(Self::Block { block: Block::new(frames)?, ends });
        }
        let (opcode, payload) = match request.parameter("text") {
            _ if size > MAX_BLOCK => return Self::huge(size as u64),
            Some("ascii") => (TEXT, text(ASCII, size)),
            Some(_) => (TEXT, text(MIXED, size)),
            None => (BINARY, (0..=u8::MAX).cycle().take(size).collect()),
        };
        ensure!(
            fragments > 0 && size.is_multiple_of(fragments) && size > 0,
            "the size is not a multiple of the fragments"
        );
        Self::repeated(&message(opcode, &payload, size / fragments))
    }

    /// Messages of a client.
    pub(super) fn masked(size: usize) -> Result<Self> {
        let mut message = Vec::new();
        put_masked(&vec![7; size], &mut message);
        Self::repeated(&message)
    }

    /// As many of a message as make a block.
    fn repeated(message: &[u8]) -> Result<Self> {
        let messages = (BLOCK / message.len()).max(1);
        let ends = (1..=messages).map(|count| (count * message.len()) as u64).collect();
        Ok(Self::Block { block: Block::new(message.repeat(messages))?, ends })
    }

    fn huge(len: u64) -> Result<Self> {
        let mut header = Vec::new();
        put_header(FIN | BINARY, len, None, &mut header);
        Ok(Self::Huge { header, len, zeros: Block::new(vec![0; BLOCK])? })
    }

    pub(super) async fn send<S: Sink>(&self, stream: &mut S, count: u64) -> Result<()> {
        match self {
            Self::Block { block, ends } => {
                let mut missing = count as usize;
                while missing > 0 {
                    let amount = missing.min(ends.len());
                    stream.send_block(block, ends[amount - 1]).await?;
                    missing -= amount;
                }
                Ok(())
            }
            Self::Huge { header, len, zeros } => {
                for _ in 0..count {
                    stream.write_all(header).await?;
                    for at in (0..*len).step_by(BLOCK) {
                        stream.send_block(zeros, (len - at).min(BLOCK as u64)).await?;
                    }
                }
                Ok(())
            }
        }
    }
}

/// One message in frames of `part` bytes.
fn message(opcode: u8, payload: &[u8], part: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(payload.len() + 16);
    let mut parts = payload.chunks(part).peekable();
    let mut opcode = opcode;
    while let Some(part) = parts.next() {
        let fin = if parts.peek().is_none() { FIN } else { 0 };
        put_header(fin | opcode, part.len() as u64, None, &mut bytes);
        bytes.extend_from_slice(part);
        opcode = 0;
    }
    bytes
}

/// `size` bytes of UTF-8.
fn text(sample: &str, size: usize) -> Vec<u8> {
    let mut text = sample.repeat(size / sample.len() + 1);
    let end = (0..=size).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    text.truncate(end);
    text.extend(iter::repeat_n('.', size - end));
    text.into_bytes()
}

const ASCII: &str = "The quick brown fox jumps over the lazy dog. ";
const MIXED: &str = "Zażółć gęślą jaźń, Οὐχὶ ταὐτὰ, Съешь же ещё, いろはにほへと, 🦀🌍. ";
/// How much is written at a time.
const BLOCK: usize = 256 * 1024;
const MAX_BLOCK: usize = 32 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_the_size_and_is_text() {
        for size in 0..200 {
            let bytes = text(MIXED, size);
            assert_eq!(bytes.len(), size);
            assert!(str::from_utf8(&bytes).is_ok());
        }
    }

    #[test]
    fn fragments_begin_with_the_type_and_end_with_fin() {
        assert_eq!(message(TEXT, b"abcd", 2), b"\x01\x02ab\x80\x02cd");
        assert_eq!(message(BINARY, b"abcd", 4), b"\x82\x04abcd");
    }
}
