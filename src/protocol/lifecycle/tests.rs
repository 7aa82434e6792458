//! Every event in every state, and the stories that led to a rule.

use super::*;
use crate::{close::CloseCode, error::ErrorKind};

/// The task that sends, whoever waits for a pong, and not the task that receives.
const SENDERS: Wakes = Wakes { reader: false, writer: true, closers: false, pingers: true };

fn lost() -> Error {
    Error::new(ErrorKind::ConnectionAborted, "lost")
}

fn frame(code: u16) -> Option<CloseFrame> {
    Some(CloseFrame { code: CloseCode::from(code), reason: String::new() })
}

#[test]
fn a_failed_write_leaves_the_end_to_the_reading_side() {
    let mut life = Lifecycle::default();
    assert!(life.write_failed(lost()).writer);
    assert!(life.is_open() && !life.can_send(), "the peer's Close may lie unread");
    assert_eq!(life.check_open().unwrap_err().kind(), ErrorKind::ConnectionAborted);
    let transition = life.peer_closed(frame(4001));
    assert!(!transition.sends_close, "nothing can be written");
    assert_eq!(transition.wakes, Wakes::ALL);
    assert_eq!(life.closed().unwrap().code(), CloseCode::from(4001));
    assert_eq!(life.check_open().unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(life.check_flush().unwrap_err().kind(), ErrorKind::ConnectionAborted, "not all was sent");
}

#[test]
fn the_first_failure_is_the_one_that_is_told() {
    let mut life = Lifecycle::default();
    let _ = life.write_failed(Error::new(ErrorKind::Timeout, "the peer takes nothing"));
    let _ = life.lose(lost());
    assert_eq!(life.error().unwrap().kind(), ErrorKind::Timeout);
    assert_eq!(life.peer_closed(frame(1000)).wakes, Wakes::NOBODY);
    assert_eq!(life.closed().unwrap().code(), CloseCode::ABNORMAL);
}

#[test]
fn a_close_that_never_left_is_an_error_of_close() {
    let mut life = Lifecycle::default();
    assert!(life.close().sends_close);
    assert!(!life.close().sends_close, "it acts once");
    let mut answered = Lifecycle::default();
    assert!(answered.close().sends_close);
    answered.flushed();
    let _ = answered.give_up();
    assert_eq!(answered.outcome_of_close().unwrap().unwrap().code(), CloseCode::ABNORMAL);
    let _ = life.give_up();
    assert_eq!(life.outcome_of_close().unwrap().unwrap_err().kind(), ErrorKind::Timeout);
}

#[test]
fn what_was_thrown_away_after_a_failed_write_has_not_left() {
    for write_fails_first in [true, false] {
        let mut life = Lifecycle::default();
        if write_fails_first {
            let _ = life.write_failed(lost());
        }
        assert_ne!(life.close().sends_close, write_fails_first);
        let _ = life.write_failed(lost());
        life.flushed();
        let _ = life.lose(lost());
        assert_eq!(life.outcome_of_close().unwrap().unwrap_err().kind(), ErrorKind::ConnectionAborted);
    }
}

#[test]
fn an_end_that_came_before_the_close_is_what_close_gives() {
    let mut life = Lifecycle::default();
    let _ = life.lose(lost());
    assert!(!life.close().sends_close && !life.was_closed_here());
    assert_eq!(life.outcome_of_close().unwrap().unwrap().code(), CloseCode::ABNORMAL);
    assert_eq!(life.end_for_observers().unwrap().unwrap_err().kind(), ErrorKind::ConnectionAborted);
}

/// What a connection may have gone through.
type Past = fn(&mut Lifecycle);

const OPEN: Past = |_| {};
const MUTE: Past = |life| {
    let _ = life.write_failed(slow());
};
const CLOSING: Past = |life| {
    let _ = life.close();
};
const CLOSED_AND_LEFT: Past = |life| {
    CLOSING(life);
    life.flushed();
};
const CLOSING_AND_MUTE: Past = |life| {
    CLOSING(life);
    MUTE(life);
};
const BY_PEER: Past = |life| {
    let _ = life.peer_closed(frame(4001));
};
const BOTH: Past = |life| {
    CLOSED_AND_LEFT(life);
    BY_PEER(life);
};
const BROKEN: Past = |life| {
    let _ = life.fail(broken());
};
const LOST: Past = |life| {
    let _ = life.lose(lost());
};
const GIVEN_UP: Past = |life| {
    CLOSED_AND_LEFT(life);
    let _ = life.give_up();
};

fn slow() -> Error {
    Error::new(ErrorKind::Timeout, "the peer takes nothing")
}

fn broken() -> Error {
    Error::new(ErrorKind::Protocol, "a rule was broken")
}

fn after(past: Past) -> Lifecycle {
    let mut life = Lifecycle::default();
    past(&mut life);
    life
}

#[test]
fn each_event_in_each_state_sends_a_close_and_wakes_as_it_should() {
    let (nobody, halves, all) = (Wakes::NOBODY, Wakes::HALVES, Wakes::ALL);
    // The state; whether closing sends a Close, and the peer's Close and a broken rule do; whom the peer's Close, a broken rule and
    // the loss wake; whom a failed write wakes.
    let table: [(&str, Past, bool, Wakes, Wakes); 10] = [
        ("open", OPEN, true, all, SENDERS),
        ("open, nothing can be written", MUTE, false, all, nobody),
        ("closing", CLOSING, false, all, SENDERS),
        ("closing, the Close has left", CLOSED_AND_LEFT, false, all, SENDERS),
        ("closing, nothing can be written", CLOSING_AND_MUTE, false, all, nobody),
        ("closed by the peer", BY_PEER, false, nobody, SENDERS),
        ("closed by both", BOTH, false, nobody, SENDERS),
        ("failed", BROKEN, false, nobody, SENDERS),
        ("lost", LOST, false, nobody, nobody),
        ("given up", GIVEN_UP, false, nobody, nobody),
    ];
    for (state, past, sends_close, end, write_failed) in table {
        assert_eq!(after(past).close(), Transition { sends_close, wakes: halves }, "{state}: close");
        let transition = Transition { sends_close, wakes: end };
        assert_eq!(after(past).peer_closed(frame(1000)), transition, "{state}: the peer's Close");
        assert_eq!(after(past).fail(broken()), transition, "{state}: a broken rule");
        assert_eq!(after(past).lose(lost()), end, "{state}: loss");
        assert_eq!(after(past).give_up(), end, "{state}: no answer");
        assert_eq!(after(past).write_failed(slow()), write_failed, "{state}: a failed write");
    }
}

#[test]
fn each_state_answers_as_it_should() {
    use ErrorKind::{Closed, ConnectionAborted, Protocol, Timeout};
    // The state; whether it is open and can send; what sending fails with, and flushing; the code that closing gives and whether
    // that is clean, or the error; the same for observers.
    type Outcome = Option<std::result::Result<(u16, bool), ErrorKind>>;
    type Row = (&'static str, Past, [bool; 2], Option<ErrorKind>, Option<ErrorKind>, Outcome, Outcome);
    let table: [Row; 10] = [
        ("open", OPEN, [true, true], None, None, None, None),
        ("open, nothing can be written", MUTE, [true, false], Some(Timeout), Some(Timeout), None, None),
        ("closing", CLOSING, [false, false], Some(Closed), None, None, None),
        ("closing, the Close has left", CLOSED_AND_LEFT, [false, false], Some(Closed), None, None, None),
        ("closing, nothing can be written", CLOSING_AND_MUTE, [false, false], Some(Closed), Some(Timeout), None, None),
        (
            "closed by the peer",
            BY_PEER,
            [false, false],
            Some(Closed),
            None,
            Some(Ok((4001, true))),
            Some(Ok((4001, true))),
        ),
        ("closed by both", BOTH, [false, false], Some(Closed), None, Some(Ok((4001, true))), Some(Ok((4001, true)))),
        (
            "failed",
            BROKEN,
            [false, false],
            Some(Protocol),
            Some(Protocol),
            Some(Ok((1006, false))),
            Some(Err(Protocol)),
        ),
        (
            "lost",
            LOST,
            [false, false],
            Some(ConnectionAborted),
            Some(ConnectionAborted),
            Some(Ok((1006, false))),
            Some(Err(ConnectionAborted)),
        ),
        (
            "given up",
            GIVEN_UP,
            [false, false],
            Some(Closed),
            None,
            Some(Ok((1006, false))),
            Some(Err(ConnectionAborted)),
        ),
    ];
    for (state, past, [is_open, can_send], check_open, check_flush, outcome, end) in table {
        let life = after(past);
        assert_eq!((life.is_open(), life.can_send()), (is_open, can_send), "{state}");
        assert_eq!(life.check_open().err().map(|error| error.kind()), check_open, "{state}: sending");
        assert_eq!(life.check_flush().err().map(|error| error.kind()), check_flush, "{state}: flushing");
        let told = |outcome: Option<Result<crate::Closed>>| {
            outcome.map(|outcome| match outcome {
                Ok(closed) => Ok((u16::from(closed.code()), closed.was_clean())),
                Err(error) => Err(error.kind()),
            })
        };
        assert_eq!(told(life.outcome_of_close()), outcome, "{state}: closing");
        assert_eq!(told(life.end_for_observers()), end, "{state}: observers");
        assert_eq!(life.closed().is_some(), life.ending().is_some(), "{state}");
        assert_eq!(life.closed().is_some(), outcome.is_some(), "{state}");
    }
}

#[test]
fn what_is_left_to_do_and_who_closed_is_remembered() {
    let table: [(Past, Option<Ending>, bool, bool); 8] = [
        (OPEN, None, false, false),
        (CLOSING, None, true, false),
        (CLOSED_AND_LEFT, None, true, true),
        (BY_PEER, Some(Ending::Handshake), false, false),
        (BOTH, Some(Ending::Handshake), true, true),
        (BROKEN, Some(Ending::Failure), false, false),
        (LOST, Some(Ending::Loss), false, false),
        (GIVEN_UP, Some(Ending::Loss), true, true),
    ];
    for (number, (past, ending, was_closed_here, has_close_left)) in table.into_iter().enumerate() {
        let mut life = after(past);
        assert_eq!((life.ending(), life.was_closed_here()), (ending, was_closed_here), "{number}");
        assert_eq!(life.own_close == OwnClose::Left, has_close_left, "{number}");
        // An answer or a reason was queued; a Close that was none is not.
        let is_queued = matches!(ending, Some(Ending::Handshake | Ending::Failure)) || was_closed_here;
        life.flushed();
        assert_eq!(life.own_close == OwnClose::Left, is_queued, "{number}");
    }
}

#[test]
fn only_the_first_failed_write_counts() {
    let mut life = after(MUTE);
    assert!(life.has_write_failed() && !after(OPEN).has_write_failed());
    let _ = life.write_failed(lost());
    assert_eq!(life.check_flush().unwrap_err().kind(), ErrorKind::Timeout);
    assert!(
        !after(|life| {
            LOST(life);
            MUTE(life);
        })
        .has_write_failed()
    );
}

#[test]
fn whoever_either_of_two_transitions_wakes_is_woken() {
    let one = |number: u8| Wakes {
        reader: number & 1 > 0,
        writer: number & 2 > 0,
        closers: number & 4 > 0,
        pingers: number & 8 > 0,
    };
    for (first, second) in (0..16).flat_map(|first| (0..16).map(move |second| (first, second))) {
        let mut wakes = one(first);
        wakes |= one(second);
        assert_eq!(wakes, one(first | second));
    }
}
