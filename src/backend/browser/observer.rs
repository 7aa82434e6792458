//! Waiting for the end of a connection of a browser.

use std::{
    rc::Rc,
    task::{Context, Poll},
};

use super::socket::Socket;
use crate::{
    backend,
    close::Closed,
    error::{Error, Result},
    heartbeat::Signs,
    message::Message,
};

/// Sees how a connection ends, and is not one of its halves. It stays in the thread of its task.
pub(crate) struct Observer {
    socket: Result<Rc<Socket>>,
}

impl Observer {
    pub(super) fn new(socket: Result<&Rc<Socket>>) -> Self {
        Self { socket: socket.cloned() }
    }
}

impl backend::Observer for Observer {
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Result<Closed>> {
        match &self.socket {
            Ok(socket) => socket.poll_end(cx),
            Err(error) => Poll::Ready(Err(error.clone())),
        }
    }

    fn signs(&self) -> Signs {
        self.socket.as_ref().map_or(Signs { arrived: 0, left: 0, unsent: 0, can_hear: false }, |socket| socket.signs())
    }

    fn ask(&self, message: &Message) -> Result<bool> {
        self.socket.as_ref().map_err(Error::clone)?.ask(message)
    }

    fn abandon(&self, error: Error) {
        if let Ok(socket) = &self.socket {
            socket.fail(error, None);
        }
    }
}
