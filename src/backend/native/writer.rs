//! The sending half of a native connection.

use std::{
    sync::Arc,
    task::{Context, Poll, ready},
};

use super::{
    connection::{Connection, WriteTiming},
    ping::Pinging,
};
use crate::{
    backend::{Link, Sink},
    close::{Close, Closed},
    error::Result,
    information::Information,
    message::Payload,
    protocol::{
        CloseFrame, Header, Lifecycle,
        deflate::{Deflated, Deflater},
    },
};

/// Encodes in the task of whoever sends; the driver writes.
#[derive(Debug)]
pub(crate) struct Writer {
    connection: Arc<Connection>,
    /// Only if compression was negotiated. It is here and not behind the lock of what it compresses for.
    deflater: Option<Box<Deflater>>,
    /// How many bytes may be sent before the connection is asked again whether there is room.
    room: usize,
}

impl Writer {
    pub(super) const fn new(connection: Arc<Connection>, deflater: Option<Box<Deflater>>) -> Self {
        Self { connection, deflater, room: 0 }
    }

    #[inline]
    fn put(&mut self, payload: &Payload<'_>, when: WriteTiming) -> Result<()> {
        self.room = self.room.saturating_sub(Header::MAX_SIZE + payload.as_bytes().len());
        let Some(deflater) = &mut self.deflater else { return self.connection.send(payload, None, when) };
        let deflated = match payload {
            Payload::Prepared(prepared) => deflater.deflate_shared(payload.as_bytes(), prepared.forms()),
            _ => deflater.deflate(payload.as_bytes()).map(Deflated::Lent),
        };
        let sent = self.connection.send(payload, deflated, when);
        deflater.trim();
        sent
    }

    pub(super) const fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }
}

impl Sink for Writer {
    type Ping = Pinging;

    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.poll_ready_for(0, cx)
    }

    #[inline]
    fn poll_ready_for(&mut self, len: usize, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if self.room <= len {
            // 0 bytes of room is room for one more message.
            self.room = ready!(self.connection.poll_room(len, cx))?.saturating_add(1);
        }
        Poll::Ready(Ok(()))
    }

    #[inline]
    fn start(&mut self, payload: &Payload<'_>) -> Result<()> {
        self.put(payload, WriteTiming::Now)
    }

    #[inline]
    fn feed(&mut self, payload: &Payload<'_>) -> Result<()> {
        self.put(payload, WriteTiming::Later)
    }

    fn start_part(&mut self, part: &Payload<'_>, is_first: bool, is_last: bool) -> Result<()> {
        self.room = self.room.saturating_sub(Header::MAX_SIZE + part.as_bytes().len());
        self.connection.send_part(part, is_first, is_last)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.connection.poll_flush(cx)
    }

    fn buffered_amount(&self) -> usize {
        self.connection.buffered_amount()
    }

    fn ping(&self) -> Pinging {
        Pinging::new(self.connection.clone())
    }
}

impl Link for Writer {
    fn start_close(&self, close: Option<Close<'_>>) {
        self.connection.start_close(close.map(CloseFrame::from).as_ref());
    }

    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<Result<Closed>> {
        self.connection.poll_closed(cx, WRITER)
    }

    fn closed(&self) -> Option<Closed> {
        self.connection.closed()
    }

    fn was_closed_here(&self) -> bool {
        self.connection.life(Lifecycle::was_closed_here)
    }

    fn information(&self) -> Information {
        self.connection.information()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.connection.drop_half();
    }
}

/// The place of this half among those that wait for the end.
const WRITER: usize = 1;
