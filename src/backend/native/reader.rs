//! The receiving half of a native connection.

use std::{
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::runtime::Handle;

use super::{
    assembly::Assembly, batch::Batch, connection::Connection, observer::Observer, spawner::Spawner, writer::Writer,
};
use crate::{
    backend::{Chunk, Link, Source},
    close::{Close, Closed},
    error::{Error, Result},
    information::Information,
    message::Message,
    protocol::{CloseFrame, Lifecycle},
};

/// Reads in the task of whoever receives.
#[derive(Debug)]
pub(crate) struct Reader {
    connection: Arc<Connection>,
    /// What the last read gave, taken apart under one lock; taking from it needs none.
    batch: Box<Batch>,
    assembly: Assembly,
    has_ended: bool,
    /// Whether the sink alone keeps the connection open.
    is_detached: bool,
    /// The runtime of the driver.
    runtime: Handle,
}

impl Reader {
    pub(super) fn new(connection: Arc<Connection>, runtime: Handle) -> Self {
        Self {
            connection,
            batch: Box::default(),
            assembly: Assembly::default(),
            has_ended: false,
            is_detached: false,
            runtime,
        }
    }

    fn poll_arrived(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Chunk>>> {
        if self.has_ended || self.connection.recv_closed() {
            self.has_ended = true;
            self.batch.clear();
            return Poll::Ready(Ok(None));
        }
        loop {
            if let Some(item) = self.batch.pop() {
                return Poll::Ready(self.deliver(item));
            }
            ready!(self.connection.poll_batch(cx, &mut self.batch));
        }
    }

    fn deliver(&mut self, item: Result<Option<Chunk>>) -> Result<Option<Chunk>> {
        match &item {
            Ok(Some(Chunk::Message(message))) => self.connection.count_received(1, message.as_bytes().len()),
            Ok(Some(Chunk::Part(part))) => self.connection.count_received(part.is_last.into(), part.bytes.len()),
            Ok(None) | Err(_) => {
                self.has_ended = true;
                self.act_on_violation();
            }
        }
        item
    }

    /// Fails the connection if the peer broke a rule: when the program gets there or will not get there.
    fn act_on_violation(&mut self) {
        if let Some(violation) = self.batch.take_violation() {
            self.connection.fail(violation);
        }
    }
}

impl Source for Reader {
    type Sink = Writer;
    type Observer = Observer;

    #[inline]
    fn take_message(&mut self) -> Option<Message> {
        if self.has_ended || self.connection.recv_closed() {
            return None;
        }
        let message = self.batch.take_message()?;
        self.connection.count_received(1, message.as_bytes().len());
        Some(message)
    }

    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Message>>> {
        loop {
            let part = match ready!(self.poll_arrived(cx))? {
                None => return Poll::Ready(Ok(None)),
                Some(Chunk::Message(message)) => return Poll::Ready(Ok(Some(message))),
                Some(Chunk::Part(part)) => part,
            };
            if let Some(message) = self.assembly.add(part)? {
                return Poll::Ready(Ok(Some(message)));
            }
        }
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Chunk>>> {
        match self.assembly.take() {
            Some(begun) => Poll::Ready(Ok(Some(Chunk::Part(begun)))),
            None => self.poll_arrived(cx),
        }
    }

    fn is_half_of(&self, sink: &Writer) -> bool {
        Arc::ptr_eq(&self.connection, sink.connection())
    }

    fn discard(&mut self) {
        self.act_on_violation();
        self.connection.discard();
    }

    fn detach(&mut self) {
        self.is_detached = self.is_detached || self.connection.detach_half();
    }

    fn fail(&self, error: Error) {
        self.connection.break_off(error);
    }

    fn observer(&self) -> Observer {
        Observer::new(self.connection.clone())
    }

    fn spawner(&self) -> Spawner {
        Spawner::new(self.runtime.clone())
    }
}

impl Link for Reader {
    fn start_close(&self, close: Option<Close<'_>>) {
        self.connection.start_close(close.map(CloseFrame::from).as_ref());
    }

    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<Result<Closed>> {
        self.connection.poll_closed(cx, READER)
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

impl Drop for Reader {
    fn drop(&mut self) {
        self.act_on_violation();
        if !self.is_detached {
            self.connection.discard();
            self.connection.drop_half();
        }
    }
}

/// The place of this half among those that wait for the end.
const READER: usize = 0;
