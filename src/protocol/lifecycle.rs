//! Where a connection stands between its opening and its end: RFC 6455 section 7, without input or output.
//!
//! Events go in: the program closes, the peer's Close arrives, a rule is broken, a write fails, the transport ends. Each
//! transition says which frame has to be sent and who has to be woken; what every half may still do is asked here, so both
//! targets and all halves give the same answer.

use std::ops::BitOrAssign;

use super::close::CloseFrame;
use crate::{
    close::Closed,
    error::{Error, ErrorCode, Result},
};

/// The state of one connection.
#[derive(Debug, Default)]
pub struct Lifecycle {
    phase: Phase,
    /// The program closed before the peer did and before the connection failed.
    was_closed_here: bool,
    /// The Close of this side, if one was due: whether it has been handed to the system.
    own_close: OwnClose,
    /// Nothing can be written any more. The reading side decides how the connection ends: the peer's Close may lie unread.
    write_error: Option<Error>,
    /// What failed the connection; each later operation reports it.
    error: Option<Error>,
}

#[derive(Debug, Default)]
enum Phase {
    /// Nobody has closed.
    #[default]
    Open,
    /// Our Close is queued or sent, the peer's has not arrived.
    Closing,
    /// The outcome is known.
    Ended { closed: Closed, how: Ending },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum OwnClose {
    #[default]
    None,
    Queued,
    Left,
}

/// What is left to do when the outcome is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The peer's Close arrived: send what is queued and let the server end TCP (section 7.1.1).
    Handshake,
    /// A rule was broken: send our Close, then end TCP (section 7.1.7).
    Failure,
    /// The transport is gone or unusable.
    Loss,
}

/// Who waits for something that a transition has changed. The driver of a connection is always told.
#[must_use = "whoever waits for the change has to be woken, with no lock held"]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wakes {
    /// The task that receives.
    pub reader: bool,
    /// The task that sends.
    pub writer: bool,
    /// Whoever waits for the end: `close` of either half, and observers.
    pub closers: bool,
    /// Whoever waits for a pong.
    pub pingers: bool,
}

impl BitOrAssign for Wakes {
    fn bitor_assign(&mut self, other: Self) {
        self.reader |= other.reader;
        self.writer |= other.writer;
        self.closers |= other.closers;
        self.pingers |= other.pingers;
    }
}

impl Wakes {
    const NOBODY: Self = Self { reader: false, writer: false, closers: false, pingers: false };
    const HALVES: Self = Self { reader: true, writer: true, closers: false, pingers: true };
    const ALL: Self = Self { reader: true, writer: true, closers: true, pingers: true };
}

/// What a transition asks for.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Whether a Close has to be queued behind what is queued.
    pub sends_close: bool,
    /// Who has to be woken.
    pub wakes: Wakes,
}

impl Lifecycle {
    /// Whether nobody has closed and nothing has failed; writing may have.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open)
    }

    /// Whether frames can leave: the connection is open, and so is its writing side.
    #[must_use]
    pub const fn can_send(&self) -> bool {
        matches!(self.phase, Phase::Open) && self.write_error.is_none()
    }

    /// Fails once a message can no longer be sent, with the reason.
    ///
    /// # Errors
    ///
    /// What failed the connection or its writing side, else that the socket is closed.
    #[inline]
    pub fn check_open(&self) -> Result<()> {
        if self.can_send() { Ok(()) } else { Err(self.reason()) }
    }

    #[cold]
    fn reason(&self) -> Error {
        let failed = self.error.as_ref();
        let failed = failed.or_else(|| self.write_error.as_ref().filter(|_| self.is_open()));
        failed.cloned().unwrap_or_else(|| ErrorCode::Closed.into())
    }

    /// Fails once what was sent before can no longer leave.
    ///
    /// # Errors
    ///
    /// What failed the connection or its writing side.
    pub fn check_flush(&self) -> Result<()> {
        self.error.as_ref().or(self.write_error.as_ref()).map_or(Ok(()), |error| Err(error.clone()))
    }

    /// The program closes. It acts once.
    pub fn close(&mut self) -> Transition {
        if !self.is_open() {
            return Transition { sends_close: false, wakes: Wakes::HALVES };
        }
        self.phase = Phase::Closing;
        self.was_closed_here = true;
        Transition { sends_close: self.queue_close(), wakes: Wakes::HALVES }
    }

    /// The peer's Close arrived. It is answered if it is not itself the answer (section 5.5.1).
    pub fn peer_closed(&mut self, frame: Option<CloseFrame>) -> Transition {
        let sends_close = self.is_open() && self.queue_close();
        Transition { sends_close, wakes: self.end(Closed::by_peer(frame), Ending::Handshake, None) }
    }

    /// One side broke a rule, which fails the connection. The peer is told why, unless our Close is out (section 7.1.7).
    pub fn fail(&mut self, error: Error) -> Transition {
        let sends_close = self.is_open() && self.queue_close();
        Transition { sends_close, wakes: self.end(Closed::abnormal(), Ending::Failure, Some(error)) }
    }

    /// Nothing can be written any more. It decides nothing while there may be something to read; only the first error counts.
    pub fn write_failed(&mut self, error: Error) -> Wakes {
        if self.write_error.is_some() || self.ending() == Some(Ending::Loss) {
            return Wakes::NOBODY;
        }
        self.write_error = Some(error);
        Wakes { reader: false, ..Wakes::HALVES }
    }

    /// Whether nothing can be written any more.
    #[must_use]
    pub const fn has_write_failed(&self) -> bool {
        self.write_error.is_some()
    }

    /// The transport has ended without the peer's Close, or is given up. What failed first is what counts.
    pub fn lose(&mut self, error: Error) -> Wakes {
        let error = self.write_error.clone().unwrap_or(error);
        self.end(Closed::abnormal(), Ending::Loss, Some(error))
    }

    /// The peer did not answer our Close in time. That is no error if our Close has left.
    pub fn give_up(&mut self) -> Wakes {
        let error = match self.own_close {
            OwnClose::Left => None,
            OwnClose::None | OwnClose::Queued => {
                Some(self.write_error.clone().unwrap_or_else(|| ErrorCode::CloseTimeout.into()))
            }
        };
        self.end(Closed::abnormal(), Ending::Loss, error)
    }

    /// All that was queued has been handed to the system.
    pub const fn flushed(&mut self) {
        // After a failed write nothing is left because it was thrown away.
        if let (OwnClose::Queued, None) = (self.own_close, &self.write_error) {
            self.own_close = OwnClose::Left;
        }
    }

    /// Whether the program closed before the peer did and before the connection failed.
    #[must_use]
    pub const fn was_closed_here(&self) -> bool {
        self.was_closed_here
    }

    /// How the connection ended, if it has.
    #[must_use]
    pub const fn closed(&self) -> Option<&Closed> {
        match &self.phase {
            Phase::Ended { closed, .. } => Some(closed),
            Phase::Open | Phase::Closing => None,
        }
    }

    /// What is left to do, if the outcome is known.
    #[must_use]
    pub const fn ending(&self) -> Option<Ending> {
        match &self.phase {
            Phase::Ended { how, .. } => Some(*how),
            Phase::Open | Phase::Closing => None,
        }
    }

    /// What failed the connection, if something has.
    #[must_use]
    pub const fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// What `close` gives, once the outcome is known: an error if the program closed and its Close never left.
    #[must_use]
    pub fn outcome_of_close(&self) -> Option<Result<Closed>> {
        let closed = self.closed()?;
        let is_unsent = self.was_closed_here && self.own_close != OwnClose::Left && !closed.was_clean();
        Some(if is_unsent { Err(self.error_of_end()) } else { Ok(closed.clone()) })
    }

    /// How the connection ended, for who has seen nothing else: the peer's Close, or the error that stands in its place.
    #[must_use]
    pub fn end_for_observers(&self) -> Option<Result<Closed>> {
        let closed = self.closed()?;
        Some(if closed.was_clean() { Ok(closed.clone()) } else { Err(self.error_of_end()) })
    }

    fn error_of_end(&self) -> Error {
        self.error.clone().unwrap_or_else(|| ErrorCode::Unanswered.into())
    }

    /// Our Close is due; whether it can be sent.
    fn queue_close(&mut self) -> bool {
        self.own_close = OwnClose::Queued;
        self.write_error.is_none()
    }

    /// Only the first end counts.
    fn end(&mut self, closed: Closed, how: Ending, error: Option<Error>) -> Wakes {
        if self.closed().is_some() {
            return Wakes::NOBODY;
        }
        self.phase = Phase::Ended { closed, how };
        self.error = error;
        Wakes::ALL
    }
}

#[cfg(test)]
mod tests;
