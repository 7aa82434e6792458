//! The sending half.

use std::{
    future::{Ready, ready},
    task::{self, Context, Poll},
    time::Duration,
};

use super::{half::SocketHalf, socket::WakerKind};
use crate::{
    backend::{Link, Sink},
    close::{Close, Closed},
    error::{Error, ErrorKind, Result},
    information::Information,
    message::Payload,
};

/// Hands messages to the browser, and waits while it has too many unsent.
#[derive(Debug)]
pub(crate) struct Writer {
    half: SocketHalf,
}

impl Writer {
    pub(super) const fn new(half: SocketHalf) -> Self {
        Self { half }
    }

    pub(super) const fn half(&self) -> &SocketHalf {
        &self.half
    }
}

impl Sink for Writer {
    type Ping = Ready<Result<Duration>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let socket = self.half.socket()?;
        socket.outbound.poll_room(socket, cx)
    }

    fn start(&mut self, payload: &Payload<'_>) -> Result<()> {
        let socket = self.half.socket()?;
        socket.check_live()?;
        socket.hand_over(payload)
    }

    /// As the two above, but asks once for the thread and the state.
    #[inline]
    fn poll_send(&mut self, payload: &Payload<'_>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let socket = self.half.socket()?;
        task::ready!(socket.outbound.poll_room(socket, cx))?;
        Poll::Ready(socket.hand_over(payload))
    }

    fn start_part(&mut self, part: &Payload<'_>, is_first: bool, is_last: bool) -> Result<()> {
        let socket = self.half.socket()?;
        socket.check_live()?;
        if is_first && is_last {
            return socket.hand_over(part);
        }
        let message = {
            let mut held = socket.held.borrow_mut();
            held.add(part)?;
            is_last.then(|| held.take(part))
        };
        message.map_or(Ok(()), |message| socket.hand_over(&message.into()))
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let socket = self.half.socket()?;
        socket.ended().map_or_else(|| socket.outbound.poll_fall(0, socket, cx).map_ok(drop), Poll::Ready)
    }

    fn buffered_amount(&self) -> usize {
        self.half.socket().map_or(0, |socket| socket.unsent().saturating_add(socket.held_bytes()))
    }

    fn ping(&self) -> Self::Ping {
        let unsupported = || Error::new(ErrorKind::NotSupported, "a browser lets nobody send a ping");
        ready(self.half.socket().and_then(|_| Err(unsupported())))
    }
}

impl Link for Writer {
    fn check_thread(&self) -> Result<()> {
        self.half.socket().map(drop)
    }

    fn start_close(&self, close: Option<Close<'_>>) {
        self.half.start_close(close);
    }

    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<Result<Closed>> {
        self.half.poll_closed(WakerKind::ClosingWriter, cx)
    }

    fn closed(&self) -> Option<Closed> {
        self.half.closed()
    }

    fn was_closed_here(&self) -> bool {
        self.half.was_closed_here()
    }

    fn information(&self) -> Information {
        self.half.information()
    }
}
