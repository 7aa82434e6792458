//! Waiting for the end of a native connection.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use super::connection::Connection;
use crate::{backend, close::Closed, error::Result};

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
}
