//! One direction of a transport, whose lock shuttle knows. It wakes nobody while it holds it.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use shuttle::sync::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::super::dial::Output;

#[derive(Default)]
pub(super) struct Pipe {
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    bytes: VecDeque<u8>,
    written: usize,
    /// Nothing more will be written.
    has_ended: bool,
    /// Nothing more will be read.
    is_refused: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Pipe {
    pub(super) fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Self { capacity, state: Mutex::default() })
    }

    /// How much was ever written.
    pub(super) fn written(&self) -> usize {
        self.state.lock().expect("nobody panics with the lock").written
    }

    /// Takes at most `most` bytes; none at the end.
    pub(super) fn poll_read(&self, cx: &Context<'_>, most: usize) -> Poll<Vec<u8>> {
        let mut state = self.state.lock().expect("nobody panics with the lock");
        if state.bytes.is_empty() && !state.has_ended {
            state.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let most = most.min(state.bytes.len());
        let bytes = state.bytes.drain(..most).collect();
        let writer = state.writer.take();
        drop(state);
        wake(writer);
        Poll::Ready(bytes)
    }

    /// Gives what there is room for.
    pub(super) fn poll_write(&self, cx: &Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut state = self.state.lock().expect("nobody panics with the lock");
        if state.is_refused {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let room = (self.capacity - state.bytes.len()).min(bytes.len());
        if room == 0 {
            state.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        state.bytes.extend(&bytes[..room]);
        state.written += room;
        let reader = state.reader.take();
        drop(state);
        wake(reader);
        Poll::Ready(Ok(room))
    }

    pub(super) fn end(&self) {
        let mut state = self.state.lock().expect("nobody panics with the lock");
        state.has_ended = true;
        let reader = state.reader.take();
        drop(state);
        wake(reader);
    }

    pub(super) fn refuse(&self) {
        let mut state = self.state.lock().expect("nobody panics with the lock");
        state.is_refused = true;
        let writer = state.writer.take();
        drop(state);
        wake(writer);
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// The end of a pipe that a connection reads.
pub(super) struct Incoming(pub(super) Arc<Pipe>);

impl AsyncRead for Incoming {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.0.poll_read(cx, buf.remaining()).map(|bytes| {
            buf.put_slice(&bytes);
            Ok(())
        })
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        self.0.refuse();
    }
}

/// The end of a pipe that a connection writes.
pub(super) struct Outgoing(pub(super) Arc<Pipe>);

impl AsyncWrite for Outgoing {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.end();
        Poll::Ready(Ok(()))
    }
}

impl Output for Outgoing {
    fn in_system(&self) -> Option<usize> {
        None
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        self.0.end();
    }
}
