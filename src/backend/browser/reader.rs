//! The receiving half.

use std::task::{Context, Poll};

use super::{half::SocketHalf, observer::Observer, socket::WakerKind, spawner::Spawner, writer::Writer};
use crate::{
    backend::{Chunk, Link, Source},
    close::{Close, Closed},
    error::{Error, Result},
    information::Information,
    message::Message,
};

/// Takes messages out of the inbox; once it is dropped, what arrives is thrown away.
#[derive(Debug)]
pub(crate) struct Reader {
    half: SocketHalf,
}

impl Reader {
    pub(super) const fn new(half: SocketHalf) -> Self {
        Self { half }
    }
}

impl Source for Reader {
    type Sink = Writer;
    type Observer = Observer;

    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Message>>> {
        self.half.socket()?.poll_message(cx)
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Chunk>>> {
        self.poll_message(cx).map_ok(|message| message.map(Chunk::Message))
    }

    fn is_half_of(&self, sink: &Writer) -> bool {
        self.half.is_half_of(sink.half())
    }

    fn discard(&mut self) {
        if let Ok(socket) = self.half.socket() {
            socket.stop_receiving();
        }
    }

    fn detach(&mut self) {
        if let Ok(socket) = self.half.socket() {
            socket.detach_reader();
        }
    }

    fn fail(&self, error: Error) {
        if let Ok(socket) = self.half.socket() {
            socket.break_off(error);
        }
    }

    fn observer(&self) -> Observer {
        Observer::new(self.half.socket())
    }

    fn spawner(&self) -> Spawner {
        Spawner::new(self.half.socket())
    }
}

impl Link for Reader {
    fn check_thread(&self) -> Result<()> {
        self.half.socket().map(drop)
    }

    fn start_close(&self, close: Option<Close<'_>>) {
        self.half.start_close(close);
    }

    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<Result<Closed>> {
        self.half.poll_closed(WakerKind::ClosingReader, cx)
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

impl Drop for Reader {
    fn drop(&mut self) {
        if let Ok(socket) = self.half.socket() {
            socket.stop_receiving();
            socket.reattach_reader();
        }
    }
}
