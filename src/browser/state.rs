//! What the events of a connection mean to the two halves; no JavaScript is called from here.

use super::inbox::Inbox;
use crate::{
    close::Closed,
    error::{Error, Fault, Result},
    message::Message,
};

/// How far a connection is and what its halves have still to learn.
pub(super) struct State {
    is_open: bool,
    phase: Phase,
    was_closed_here: bool,
    pub(super) inbox: Inbox,
    /// What ended the connection if it did not end well; each operation of the sender reports it.
    failure: Option<Error>,
    /// The same for the receiver, which reports it once, behind the messages that came before it.
    last_word: Option<Error>,
}

enum Phase {
    /// Nobody has closed.
    Live,
    /// The program has closed, the peer has not.
    Closing,
    Closed(Closed),
}

impl State {
    pub(super) const fn new(inbox: Inbox) -> Self {
        Self { is_open: false, phase: Phase::Live, was_closed_here: false, inbox, failure: None, last_word: None }
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
        matches!(self.phase, Phase::Live)
    }

    pub(super) const fn was_closed_here(&self) -> bool {
        self.was_closed_here
    }

    pub(super) const fn closed(&self) -> Option<&Closed> {
        match &self.phase {
            Phase::Closed(closed) => Some(closed),
            Phase::Live | Phase::Closing => None,
        }
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
        if self.is_live() { Ok(()) } else { Err(self.failure.clone().unwrap_or_else(|| Fault::Closed.into())) }
    }

    /// Whether the connection has ended, and if it has, whether well.
    pub(super) fn ended(&self) -> Option<Result<()>> {
        self.closed().map(|_| self.failure.clone().map_or(Ok(()), Err))
    }

    /// What `close` gives once the connection has ended: an error if the program closed and its Close did not leave.
    pub(super) fn outcome_of_close(&self) -> Option<Result<Closed>> {
        let failure = self.failure.clone().filter(|_| self.was_closed_here);
        self.closed().map(|closed| failure.map_or_else(|| Ok(closed.clone()), Err))
    }

    /// How it ended, for who has seen nothing else: the peer's Close, or an error.
    pub(super) fn end_for_observers(&self) -> Option<Result<Closed>> {
        let closed = self.closed()?;
        if closed.was_clean() {
            return Some(Ok(closed.clone()));
        }
        Some(Err(self.failure.clone().unwrap_or_else(|| Fault::Unanswered.into())))
    }

    /// The program closes, which ends receiving; whether there is something to close.
    pub(super) fn close(&mut self) -> bool {
        self.inbox.shut();
        self.last_word = None;
        let was_live = self.is_live();
        if was_live {
            self.phase = Phase::Closing;
            self.was_closed_here = true;
        }
        was_live
    }

    /// Behind the messages that came, others are lost.
    pub(super) fn lose(&mut self, error: Error) {
        self.last_word = Some(error).filter(|_| self.is_live());
    }

    /// Both sides have closed; what was queued is still delivered.
    pub(super) fn end(&mut self, closed: Closed) {
        if self.closed().is_none() {
            self.phase = Phase::Closed(closed);
        }
    }

    /// The connection ends without the peer's consent; whether it had not ended before.
    pub(super) fn fail(&mut self, error: Error) -> bool {
        if self.closed().is_some() {
            return false;
        }
        self.phase = Phase::Closed(Closed::abnormal());
        self.last_word = Some(error.clone()).filter(|_| !self.was_closed_here);
        self.failure = Some(error);
        true
    }
}
