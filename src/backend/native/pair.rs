//! Two sockets that are connected to each other in memory, for the tests of programs.
//!
//! Both are clients. The pipe between them turns the frames of each into those of a server: it takes the masks off, and ends
//! the transport after both Closes, as a server does (RFC 6455 section 7.1.1). All else goes from engine to engine.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
};

use bytes::{Buf, BytesMut};
use futures::task::AtomicWaker;
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex},
    runtime::Handle,
};

use super::{
    Reader, Writer,
    dial::{Endpoints, Transport},
    no_runtime, start,
    upgrade::Upgraded,
};
use crate::{
    control::{ConnectionKind, Control},
    error::Result,
    protocol::{Limits, mask},
};

/// Two connections, and the line between them.
pub(crate) fn pair(control: &Control, limits: [Limits; 2]) -> Result<([(Reader, Writer); 2], Line)> {
    control.check_supported(ConnectionKind::Pair)?;
    let runtime = Handle::try_current().map_err(|_| no_runtime())?;
    let (one, other) = duplex(CAPACITY);
    let closes = Arc::new(AtomicU8::new(0));
    let line = Line::default();
    let open = |pipe, limits, line| {
        let transport =
            Transport::of(End { pipe, translator: MaskTranslator::default(), closes: closes.clone(), line });
        let upgraded = Upgraded::without_handshake(control.extras().supported_protocols.first().cloned());
        start(&runtime, transport, upgraded, control, limits, Endpoints::default())
    };
    // The line is that of the second.
    Ok(([open(one, limits[0], Line::default())?, open(other, limits[1], line.clone())?], line))
}

/// What becomes of one end of the pipe, in the hands of a test.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line(Arc<Fate>);

#[derive(Debug, Default)]
struct Fate {
    state: AtomicU8,
    reader: AtomicWaker,
    writer: AtomicWaker,
}

#[cfg(feature = "test-util")]
impl Line {
    /// That end takes nothing any more, and nothing of it arrives.
    pub(crate) fn stall(&self) {
        self.change(STALLED);
    }

    /// That end is lost, behind what it has handed on.
    pub(crate) fn cut(&self) {
        self.change(CUT);
    }

    fn change(&self, state: u8) {
        self.0.state.store(state, Ordering::SeqCst);
        self.0.reader.wake();
        self.0.writer.wake();
    }
}

impl Line {
    /// How it is; whoever asks is woken when it changes.
    fn state(&self, waker: impl FnOnce(&Fate) -> &AtomicWaker, cx: &Context<'_>) -> u8 {
        waker(&self.0).register(cx.waker());
        self.0.state.load(Ordering::SeqCst)
    }
}

const STALLED: u8 = 1;
const CUT: u8 = 2;

/// One end of the pipe. It takes what a client writes and hands it on as a server would have written it.
struct End {
    pipe: DuplexStream,
    translator: MaskTranslator,
    /// How many Closes have passed the pipe, both directions together.
    closes: Arc<AtomicU8>,
    line: Line,
}

/// Turns a client's frames into a server's as they come, cut anywhere.
#[derive(Default)]
struct MaskTranslator {
    /// The head of a frame, as far as it is there; empty inside the payload.
    head: Vec<u8>,
    is_close: bool,
    key: [u8; 4],
    /// How much of the payload is still to come.
    missing: u64,
    /// What has been turned and waits for room in the pipe: at most twice a `PIECE`.
    turned: BytesMut,
}

impl MaskTranslator {
    /// Takes some of the bytes, which are not empty; tells how many, and whether a Close ended with them.
    fn turn(&mut self, bytes: &[u8]) -> (usize, bool) {
        if self.missing == 0 {
            self.head.push(bytes[0]);
            let is_whole = self.turn_head();
            return (1, is_whole && self.is_close && self.missing == 0);
        }
        let missing = usize::try_from(self.missing).unwrap_or(usize::MAX);
        let len = bytes.len().min(missing).min(PIECE);
        let start = self.turned.len();
        self.turned.extend_from_slice(&bytes[..len]);
        mask(self.key, &mut self.turned[start..]);
        self.key.rotate_left(len % 4);
        self.missing -= len as u64;
        (len, self.is_close && self.missing == 0)
    }

    /// Hands the head on without its mask once it is whole (section 5.2).
    fn turn_head(&mut self) -> bool {
        let [first, second, rest @ ..] = &self.head[..] else { return false };
        let length_size = match second & LEN {
            LEN_16 => 2,
            LEN_64 => 8,
            _ => 0,
        };
        let Some((length, key)) = rest.split_at_checked(length_size) else { return false };
        let Ok(key) = key.try_into() else { return false };
        self.turned.extend_from_slice(&[*first, second & LEN]);
        self.turned.extend_from_slice(length);
        self.missing = match length_size {
            0 => u64::from(second & LEN),
            _ => length.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)),
        };
        (self.key, self.is_close) = (key, *first & OPCODE == CLOSE);
        self.head.clear();
        true
    }
}

impl End {
    /// Waits while the line is dead; an error once it is cut, which what has been handed on outlives.
    fn poll_line(&mut self, waker: impl FnOnce(&Fate) -> &AtomicWaker, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.line.state(waker, cx) {
            STALLED => Poll::Pending,
            CUT => {
                ready!(Pin::new(&mut self.pipe).poll_shutdown(cx))?;
                Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
            }
            _ => Poll::Ready(Ok(())),
        }
    }

    /// Hands on what was turned.
    fn poll_pass(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.translator.turned.is_empty() {
            let written = ready!(Pin::new(&mut self.pipe).poll_write(cx, &self.translator.turned))?;
            self.translator.turned.advance(written);
        }
        self.translator.turned = BytesMut::new();
        if self.closes.load(Ordering::Acquire) < 2 {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.pipe).poll_shutdown(cx)
    }
}

impl AsyncRead for End {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_line(|fate| &fate.reader, cx))?;
        Pin::new(&mut this.pipe).poll_read(cx, buf)
    }
}

impl AsyncWrite for End {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_line(|fate| &fate.writer, cx))?;
        ready!(this.poll_pass(cx))?;
        let mut taken = 0;
        while taken < buf.len() && this.translator.turned.len() < PIECE {
            let (len, has_closed) = this.translator.turn(&buf[taken..]);
            taken += len;
            if has_closed {
                this.closes.fetch_add(1, Ordering::AcqRel);
            }
        }
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_pass(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_pass(cx))?;
        Pin::new(&mut this.pipe).poll_shutdown(cx)
    }
}

/// How much either direction of the pipe holds.
const CAPACITY: usize = 64 * 1024;
/// How much is turned at once.
const PIECE: usize = 16 * 1024;

const OPCODE: u8 = 0b0000_1111;
const CLOSE: u8 = 8;
const LEN: u8 = 0b0111_1111;
const LEN_16: u8 = 126;
const LEN_64: u8 = 127;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Opcode, encode};

    #[test]
    fn frames_that_are_cut_anywhere_are_turned_alike() {
        for len in [0, 1, 125, 126, 300, 70_000] {
            let payload: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let mut frames = Vec::new();
            encode([1, 2, 3, 4], Opcode::Binary, &payload, &mut frames);
            encode([5, 6, 7, 8], Opcode::Close, &[3, 232], &mut frames);
            for cut in (0..=frames.len().min(320)).chain([frames.len()]) {
                let (mut translator, mut closes) = (MaskTranslator::default(), 0);
                for mut part in [&frames[..cut], &frames[cut..]] {
                    while !part.is_empty() {
                        let (taken, has_closed) = translator.turn(part);
                        part = &part[taken..];
                        closes += u32::from(has_closed);
                    }
                }
                assert!(
                    translator.turned.ends_with(&[&payload[..], &[0x88, 2, 3, 232]].concat()),
                    "{len} cut at {cut}"
                );
                assert_eq!((translator.turned[1] & 0x80, closes), (0, 1));
            }
        }
    }
}
