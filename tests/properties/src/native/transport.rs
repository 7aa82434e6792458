//! A transport that gives and takes as a script says.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use bytes::{Buf, Bytes};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::watch,
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::input::places;

/// What a server does.
#[derive(Clone, Debug)]
pub struct Script {
    /// Its answer to the request, with [`ACCEPT`] where the digest of the request's key belongs, and what follows it.
    pub answer: Vec<u8>,
    /// The answer is cut at these numbers, modulo its length; a read gives no more than one piece, and waits before each.
    pub cuts: Vec<u16>,
    pub end: End,
    /// How many bytes it takes at a time, in turn; for 0 it takes all, but later.
    pub takes: Vec<u8>,
}

/// What comes behind the last byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Eof,
    Reset,
    Silence,
}

/// The client's end of a connection with a scripted server.
#[derive(Debug)]
pub struct Transport(Arc<Mutex<Shared>>);

/// What can be seen of a connection from outside.
#[derive(Debug)]
pub struct Watch(Arc<Mutex<Shared>>, watch::Receiver<()>);

#[derive(Debug)]
struct Shared {
    script: Script,
    /// `None` until the request is complete.
    pieces: Option<Vec<Bytes>>,
    answer: Vec<u8>,
    written: Vec<u8>,
    reader: Option<Waker>,
    /// Whether the next read, or write, waits first.
    reads_later: bool,
    writes_later: bool,
    turn: usize,
    /// Lets go when the transport is dropped.
    _alive: Option<watch::Sender<()>>,
}

impl Transport {
    #[must_use]
    pub fn new(script: Script) -> (Self, Watch) {
        let (alive, dropped) = watch::channel(());
        let shared = Arc::new(Mutex::new(Shared {
            script,
            pieces: None,
            answer: Vec::new(),
            written: Vec::new(),
            reader: None,
            reads_later: true,
            writes_later: true,
            turn: 0,
            _alive: Some(alive),
        }));
        (Self(shared.clone()), Watch(shared, dropped))
    }
}

impl Watch {
    /// All that the server gives, with the digest in its place; empty if there was no request.
    #[must_use]
    pub fn answer(&self) -> Vec<u8> {
        lock(&self.0).answer.clone()
    }

    /// What the client has sent behind its request.
    #[must_use]
    pub fn written(&self) -> Vec<u8> {
        let shared = lock(&self.0);
        request_len(&shared.written).map_or_else(Vec::new, |len| shared.written[len..].to_vec())
    }

    /// All that the client has sent: its requests and what follows them.
    #[must_use]
    pub fn requests(&self) -> Vec<u8> {
        lock(&self.0).written.clone()
    }

    /// Waits until the client has let the transport go.
    pub async fn dropped(&mut self) {
        while self.1.changed().await.is_ok() {}
    }
}

impl Shared {
    /// Answers the request once it is there.
    fn answer(&mut self) {
        let (None, Some(len)) = (&self.pieces, request_len(&self.written)) else { return };
        let request = String::from_utf8_lossy(&self.written[..len]).into_owned();
        let key = request.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).expect("a key is sent");
        self.answer = replace(&self.script.answer, ACCEPT, derive_accept_key(key.as_bytes()).as_bytes());
        let mut rest = Bytes::from(self.answer.clone());
        let mut cuts = places(&self.script.cuts, rest.len());
        cuts.dedup();
        let mut pieces: Vec<_> = cuts.into_iter().rev().map(|cut| rest.split_off(cut)).collect();
        pieces.push(rest);
        pieces.retain(|piece| !piece.is_empty());
        self.pieces = Some(pieces);
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }
}

impl AsyncRead for Transport {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut shared = lock(&self.0);
        if shared.pieces.is_none() {
            shared.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        if std::mem::take(&mut shared.reads_later) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let end = shared.script.end;
        let pieces = shared.pieces.get_or_insert_default();
        let Some(piece) = pieces.last_mut() else {
            return match end {
                End::Eof => Poll::Ready(Ok(())),
                End::Reset => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
                End::Silence => Poll::Pending,
            };
        };
        let len = piece.len().min(buf.remaining());
        buf.put_slice(&piece[..len]);
        piece.advance(len);
        if piece.is_empty() {
            pieces.pop();
            shared.reads_later = true;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Transport {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut shared = lock(&self.0);
        let takes = shared.script.takes.get(shared.turn % shared.script.takes.len().max(1)).copied().unwrap_or(u8::MAX);
        if takes == 0 && std::mem::take(&mut shared.writes_later) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        shared.turn += 1;
        shared.writes_later = true;
        let len = if takes == 0 { bytes.len() } else { bytes.len().min(takes.into()) };
        shared.written.extend_from_slice(&bytes[..len]);
        shared.answer();
        Poll::Ready(Ok(len))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        lock(&self.0)._alive = None;
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The length of the request, if all of it is there.
fn request_len(written: &[u8]) -> Option<usize> {
    written.windows(4).position(|bytes| bytes == b"\r\n\r\n").map(|at| at + 4)
}

fn replace(bytes: &[u8], what: &[u8], by: &[u8]) -> Vec<u8> {
    match bytes.windows(what.len()).position(|window| window == what) {
        Some(at) => [&bytes[..at], by, &bytes[at + what.len()..]].concat(),
        None => bytes.to_vec(),
    }
}

/// Stands in an answer for the digest of the request's key (RFC 6455 section 4.2.2).
pub const ACCEPT: &[u8] = b"{accept}";
