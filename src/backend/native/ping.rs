//! A ping of the program, and the wait for its pong.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use super::connection::Connection;
use crate::error::Result;

/// Sends a ping when it is first polled, and waits for the pong. It is no half of the connection.
pub(crate) struct Pinging {
    connection: Arc<Connection>,
    /// Its place among those that wait.
    ticket: Option<u64>,
}

impl Pinging {
    pub(super) const fn new(connection: Arc<Connection>) -> Self {
        Self { connection, ticket: None }
    }
}

impl Future for Pinging {
    type Output = Result<Duration>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(ticket) = self.ticket else {
            self.ticket = Some(self.connection.start_ping(cx)?);
            return Poll::Pending;
        };
        self.connection.poll_pong(ticket, cx)
    }
}

impl Drop for Pinging {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            self.connection.stop_ping(ticket);
        }
    }
}
