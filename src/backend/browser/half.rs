//! What the two halves have in common.

use std::{
    rc::Rc,
    task::{Context, Poll},
};

use super::{
    socket::{Socket, WakerKind},
    thread::Local,
};
use crate::{
    close::{Close, Closed},
    error::Result,
    information::Information,
};

/// A share of a socket. On another thread than that of the socket, the socket looks lost.
#[derive(Debug)]
pub(super) struct SocketHalf(Local<Rc<Socket>>);

impl SocketHalf {
    pub(super) fn new(socket: &Rc<Socket>) -> Self {
        Self(Local::new(Rc::clone(socket)))
    }

    pub(super) fn socket(&self) -> Result<&Rc<Socket>> {
        self.0.get()
    }

    pub(super) fn is_half_of(&self, other: &Self) -> bool {
        matches!((self.socket(), other.socket()), (Ok(a), Ok(b)) if Rc::ptr_eq(a, b))
    }

    pub(super) fn start_close(&self, close: Option<Close<'_>>) {
        if let Ok(socket) = self.socket() {
            socket.start_close(close);
        }
    }

    /// Waits for the end of the connection.
    pub(super) fn poll_closed(&self, who: WakerKind, cx: &mut Context<'_>) -> Poll<Result<Closed>> {
        self.socket()?.poll_closed(who, cx)
    }

    pub(super) fn closed(&self) -> Option<Closed> {
        self.socket().map_or_else(|_| Some(Closed::abnormal()), |socket| socket.closed())
    }

    pub(super) fn was_closed_here(&self) -> bool {
        self.socket().is_ok_and(|socket| socket.was_closed_here())
    }

    pub(super) fn information(&self) -> Information {
        self.socket().map(|socket| socket.information()).unwrap_or_default()
    }
}

impl Drop for SocketHalf {
    fn drop(&mut self) {
        if let Ok(socket) = self.socket() {
            socket.drop_half();
        }
    }
}
