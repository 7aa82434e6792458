//! What the events of a connection mean to the two halves; no JavaScript is called from here.

use super::inbox::Inbox;
use crate::{
    close::Closed,
    error::{Error, Result},
    message::Message,
    protocol::{CloseFrame, Lifecycle},
};

/// How far a connection is and what its halves have still to learn.
pub(super) struct State {
    is_open: bool,
    /// The contract of closing, which is that of the native engine.
    life: Lifecycle,
    pub(super) inbox: Inbox,
    /// What ended the connection if it did not end well, for the receiver, which reports it once, behind the messages that came
    /// before it.
    last_word: Option<Error>,
}

impl State {
    pub(super) const fn new(inbox: Inbox, life: Lifecycle) -> Self {
        Self { is_open: false, life, inbox, last_word: None }
    }

    pub(super) const fn set_open(&mut self) {
        self.is_open = true;
    }

    /// Whether the connection was open at some time.
    pub(super) const fn is_open(&self) -> bool {
        self.is_open
    }

    /// How connecting ended; `None` until it has.
    pub(super) fn opened(&self) -> Option<Result<()>> {
        if self.is_open { Some(Ok(())) } else { self.ended() }
    }

    pub(super) const fn is_live(&self) -> bool {
        self.life.is_open()
    }

    pub(super) const fn was_closed_here(&self) -> bool {
        self.life.was_closed_here()
    }

    pub(super) const fn closed(&self) -> Option<&Closed> {
        self.life.closed()
    }

    /// The next thing that the receiver delivers, `None` if it has to wait.
    pub(super) fn next(&mut self) -> Option<Result<Option<Message>>> {
        if let Some(message) = self.inbox.pop() {
            return Some(message.map(Some).map_err(Error::from));
        }
        match self.last_word.take() {
            Some(error) => Some(Err(error)),
            None if self.is_live() => None,
            None => Some(Ok(None)),
        }
    }

    /// Whether another message may be sent.
    pub(super) fn check_live(&self) -> Result<()> {
        self.life.check_open()
    }

    /// Whether the connection has ended, and if it has, whether well.
    pub(super) fn ended(&self) -> Option<Result<()>> {
        self.closed().map(|_| self.life.check_flush())
    }

    /// What `close` gives once the connection has ended: an error if the program closed and its Close did not leave.
    pub(super) fn outcome_of_close(&self) -> Option<Result<Closed>> {
        self.life.outcome_of_close()
    }

    /// How it ended, for who has seen nothing else: the peer's Close, or an error.
    pub(super) fn end_for_observers(&self) -> Option<Result<Closed>> {
        self.life.end_for_observers()
    }

    /// The program closes, which ends receiving; whether there is something to close.
    pub(super) fn close(&mut self) -> bool {
        self.inbox.shut();
        self.last_word = None;
        self.life.close().sends_close
    }

    /// Behind the messages that came, others are lost.
    pub(super) fn lose(&mut self, error: Error) {
        self.last_word = Some(error).filter(|_| self.is_live());
    }

    /// The browser has handed over all that was sent, our Close included.
    pub(super) const fn flushed(&mut self) {
        self.life.flushed();
    }

    /// Both sides have closed; what was queued is still delivered. Everybody is woken at an end.
    pub(super) fn end(&mut self, frame: Option<CloseFrame>) {
        let _ = self.life.peer_closed(frame);
    }

    /// The peer did not answer in time.
    pub(super) fn give_up(&mut self) {
        let _ = self.life.give_up();
    }

    /// The connection ends without the peer's consent; whether it had not ended before.
    pub(super) fn fail(&mut self, error: Error) -> bool {
        if self.closed().is_some() {
            return false;
        }
        self.last_word = Some(error.clone()).filter(|_| !self.was_closed_here());
        let _ = self.life.lose(error);
        true
    }
}
