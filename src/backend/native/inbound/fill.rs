//! Three ways to read a transport into the buffer.

use std::{
    io,
    mem::MaybeUninit,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};

use bytes::{BufMut, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

pub(super) type Transport = dyn AsyncRead + Send + Unpin;

/// Reads by way of the stack, so that a connection that has little to say never has a large buffer.
pub(super) fn poll_read_small(
    transport: &mut Transport,
    cx: &mut Context<'_>,
    into: &mut BytesMut,
) -> Poll<io::Result<usize>> {
    let mut space = [const { MaybeUninit::uninit() }; SMALL_READ];
    let mut read = ReadBuf::uninit(&mut space);
    ready!(Pin::new(transport).poll_read(cx, &mut read))?;
    into.extend_from_slice(read.filled());
    Poll::Ready(Ok(read.filled().len()))
}

/// Reads up to `size` bytes, as far as there is room.
pub(super) fn poll_read_much(
    transport: &mut Transport,
    cx: &mut Context<'_>,
    into: &mut BytesMut,
    size: usize,
) -> Poll<io::Result<usize>> {
    if into.capacity() - into.len() < size / 4 {
        into.reserve(size);
    }
    pin!(transport.read_buf(&mut into.limit(size))).poll(cx)
}

/// Reads what is missing of a long frame into the place where it will stay, and little of what follows, which has to move to
/// another place. There is never more room than twice what has arrived of this frame or of one before it, whatever has been
/// announced.
pub(super) fn poll_read_large(
    transport: &mut Transport,
    cx: &mut Context<'_>,
    into: &mut BytesMut,
    missing: usize,
    longest: usize,
) -> Poll<io::Result<usize>> {
    let room = into.capacity() - into.len();
    if room <= missing {
        let trusted = longest.saturating_mul(2).max(LEAST_ROOM).saturating_sub(into.len());
        into.reserve(missing.min(trusted).saturating_add(AHEAD));
    }
    pin!(transport.read_buf(&mut into.limit(missing.saturating_add(AHEAD)))).poll(cx)
}

/// How much is read by way of the stack.
pub(super) const SMALL_READ: usize = 2 * 1024;

/// A frame of at least this length gets room of its own.
pub(super) const LARGE_READ: usize = 32 * 1024;

/// How much is read at most behind a long frame.
const AHEAD: usize = 4 * 1024;

/// How much room a long frame gets at first.
const LEAST_ROOM: usize = 128 * 1024;
