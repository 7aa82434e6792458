//! The sending half of a native connection.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use super::connection::Connection;
use crate::{
    backend::{Link, Sink},
    close::Closed,
    error::Result,
    information::Information,
    message::Payload,
    protocol::CloseFrame,
};

/// Encodes in the task of whoever sends; the driver writes.
#[derive(Debug)]
pub(crate) struct Writer {
    connection: Arc<Connection>,
}

impl Writer {
    pub(super) const fn new(connection: Arc<Connection>) -> Self {
        Self { connection }
    }

    pub(super) const fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }
}

impl Sink for Writer {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.connection.poll_ready(cx)
    }

    fn start(&mut self, payload: &Payload<'_>) -> Result<()> {
        self.connection.send(payload)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.connection.poll_flush(cx)
    }

    fn buffered_amount(&self) -> usize {
        self.connection.buffered_amount()
    }
}

impl Link for Writer {
    fn start_close(&self, frame: Option<&CloseFrame>) {
        self.connection.start_close(frame);
    }

    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<Closed> {
        self.connection.poll_closed(cx, WRITER)
    }

    fn closed(&self) -> Option<Closed> {
        self.connection.ended().map(|(closed, _)| closed)
    }

    fn was_closed_here(&self) -> bool {
        self.connection.was_closed_here()
    }

    fn information(&self) -> Information {
        self.connection.information()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.connection.drop_half(false);
    }
}

/// The place of this half among those that wait for the end.
const WRITER: usize = 1;
