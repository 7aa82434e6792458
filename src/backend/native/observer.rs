//! Waiting for the end of a native connection.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use super::connection::Connection;
use crate::{
    backend,
    close::Closed,
    error::{Error, Result},
    heartbeat::Signs,
    message::Message,
};

/// Sees how a connection ends, and is not one of its halves.
pub(crate) struct Observer {
    connection: Arc<Connection>,
}

impl Observer {
    pub(super) const fn new(connection: Arc<Connection>) -> Self {
        Self { connection }
    }
}

impl backend::Observer for Observer {
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Result<Closed>> {
        self.connection.poll_end(cx)
    }

    fn signs(&self) -> Signs {
        self.connection.signs()
    }

    fn ask(&self, message: &Message) -> Result<bool> {
        self.connection.ask(message)
    }

    fn abandon(&self, error: Error) {
        self.connection.abandon(error);
    }
}
