//! The body of a response that refuses: RFC 9112 sections 6 and 7.

use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use httparse::{Status, parse_chunk_size};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    time::{Instant, timeout_at},
};

/// How a body tells where it ends.
#[derive(Clone, Copy)]
pub(super) enum Framing {
    Chunked,
    Length(u64),
    /// It ends where the connection does.
    Unknown,
}

/// A body, as far as it was worth waiting for.
pub(super) struct Body {
    pub(super) bytes: Bytes,
    /// Whether it has come to an end of its own, behind which nothing has come unasked.
    pub(super) is_whole: bool,
}

/// Reads a body of which `input` has the beginning: at most `MAX_BODY`, for at most `MAX_TIME` and not beyond `end`.
pub(super) async fn read<S>(transport: &mut S, input: &mut BytesMut, framing: Framing, end: Instant) -> Body
where
    S: AsyncRead + Unpin,
{
    let mut reading = Reading { transport, input, body: BytesMut::new() };
    let whole = async {
        match framing {
            Framing::Chunked => reading.chunks().await,
            Framing::Length(length) => reading.piece(length).await,
            Framing::Unknown => {
                reading.piece(u64::MAX).await;
                None
            }
        }
    };
    let ended = timeout_at(end.min(Instant::now() + MAX_TIME), whole).await.ok().flatten();
    let Reading { input, body, .. } = reading;
    let is_whole = ended.is_some() && input.is_empty();
    input.clear();
    Body { bytes: body.freeze(), is_whole }
}

struct Reading<'a, S> {
    transport: &'a mut S,
    /// What was read and not looked at.
    input: &'a mut BytesMut,
    body: BytesMut,
}

/// Each of these gives `None` where the body cannot be read on.
impl<S: AsyncRead + Unpin> Reading<'_, S> {
    async fn chunks(&mut self) -> Option<()> {
        loop {
            let size = match parse_chunk_size(self.input).ok()? {
                Status::Complete((head, size)) => {
                    self.input.advance(head);
                    size
                }
                Status::Partial => {
                    self.more().await?;
                    continue;
                }
            };
            if size == 0 {
                return self.trailers().await;
            }
            self.piece(size).await?;
            self.line().await.filter(|line| line.is_empty())?;
        }
    }

    /// What stands behind the last chunk up to an empty line (RFC 9112 section 7.1.2).
    async fn trailers(&mut self) -> Option<()> {
        while !self.line().await?.is_empty() {}
        Some(())
    }

    /// The next line, without its end.
    async fn line(&mut self) -> Option<BytesMut> {
        loop {
            if let Some(end) = self.input.iter().position(|byte| *byte == b'\n') {
                let mut line = self.input.split_to(end + 1);
                let is_long = line.ends_with(b"\r\n");
                line.truncate(end - usize::from(is_long));
                return Some(line);
            }
            self.more().await?;
        }
    }

    /// So many bytes of the body.
    async fn piece(&mut self, mut missing: u64) -> Option<()> {
        while missing > 0 {
            if self.input.is_empty() {
                self.more().await?;
            }
            let most = self.input.len().min(usize::try_from(missing).unwrap_or(usize::MAX));
            let room = MAX_BODY - self.body.len();
            self.body.extend_from_slice(&self.input.split_to(most.min(room)));
            if most > room {
                return None;
            }
            missing -= most as u64;
        }
        Some(())
    }

    async fn more(&mut self) -> Option<()> {
        if self.input.len() >= MAX_LINE {
            return None;
        }
        self.input.reserve(READ_SIZE);
        let amount = self.transport.read_buf(self.input).await.ok()?;
        (amount > 0).then_some(())
    }
}

/// How much of a body is kept.
const MAX_BODY: usize = 64 * 1024;

/// How much may stand between two chunks.
const MAX_LINE: usize = 8 * 1024;

/// How long a body may take.
const MAX_TIME: Duration = Duration::from_secs(1);

/// How much is read at once.
const READ_SIZE: usize = 4096;
