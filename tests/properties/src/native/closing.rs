//! Two peers over a simulated wire, a client and a server: whatever both do, however late and in whatever pieces the wire carries it
//! and however the clock jumps, what arrives is the beginning of what was sent, and both come to an end that is clean unless one of
//! them has just gone.

use std::time::Duration;

use futures::future::poll_immediate;
use tokio::{join, task::yield_now, time::advance};
use websocket_anywhere::{Closed, Control, ErrorKind, MessageWebSocket, ServerControl, ServerMessageWebSocket};

use super::{
    run,
    simulated::{Event, wire},
};
use crate::input::Input;

/// What two programs do.
#[derive(Clone, Debug)]
pub struct Case {
    /// How much the wire holds in each direction.
    pub capacity: usize,
    pub client: Vec<Step>,
    pub server: Vec<Step>,
    /// What the wire does to what the client sends, and to what the server sends.
    pub there: Vec<Event>,
    pub back: Vec<Event>,
}

/// What one program does at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Send(u16),
    Receive,
    Yield,
    /// So many seconds pass in which nobody could look: a machine that sleeps.
    Jump(u16),
    Flush,
    Close(u16),
    /// Begins to close and gives it up.
    CloseImpatiently,
    Drop,
}

impl Case {
    /// The capacity of the wire, the steps of both, what the wire does.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut input = Input::new(bytes);
        let capacity = [1, 16, 200, 1 << 16][usize::from(input.byte()) % 4];
        let steps = |numbers: Vec<u16>| numbers.into_iter().map(Step::read).collect();
        let (client, server) = (steps(input.numbers()), steps(input.numbers()));
        let events = |numbers: Vec<u16>| numbers.into_iter().map(Event::read).collect();
        Self { capacity, client, server, there: events(input.numbers()), back: events(input.numbers()) }
    }
}

impl Step {
    const fn read(number: u16) -> Self {
        match number % 16 {
            0..=5 => Self::Send(number >> 4),
            6..=9 => Self::Receive,
            10 => Self::Yield,
            11 => Self::Jump((number >> 4) % 600),
            12 => Self::Flush,
            13 => Self::Close(4000 + (number >> 4) % 1000),
            14 => Self::CloseImpatiently,
            _ => Self::Drop,
        }
    }
}

/// What became of a side.
#[derive(Debug)]
struct Outcome {
    sent: Vec<Vec<u8>>,
    received: Vec<Vec<u8>>,
    /// `None` if it was dropped before its end.
    closed: Option<Closed>,
    /// Whether it received until the end, before it closed itself.
    heard_all: bool,
}

/// Runs both programs against each other.
pub fn check(case: &Case) {
    let (client, server) = run(async {
        let (near, far) = wire(case.capacity, &case.there, &case.back);
        let opened = async {
            join!(
                MessageWebSocket::handshake(near, "ws://example.com/", Control::new()),
                ServerMessageWebSocket::accept(far, ServerControl::new())
            )
        };
        let (client, server) = opened.await;
        let client = program(client.expect("a server that accepts"), &case.client, case, false);
        let server = program(server.expect("a client that asks"), &case.server, case, true);
        join!(client, server)
    });
    for (one, other) in [(&client, &server), (&server, &client)] {
        let begins = one.sent.starts_with(&other.received);
        assert!(begins, "{} of {} messages in {case:?}", other.received.len(), one.sent.len());
        assert!(!other.heard_all || one.sent == other.received, "not all has arrived: {case:?}");
        if let (Some(closed), Some(_)) = (&one.closed, &other.closed) {
            assert!(closed.was_clean(), "{closed:?} in {case:?}");
        }
    }
}

async fn program(mut socket: MessageWebSocket, steps: &[Step], case: &Case, is_server: bool) -> Outcome {
    let mut outcome = Outcome { sent: Vec::new(), received: Vec::new(), closed: None, heard_all: false };
    for (number, &step) in steps.iter().enumerate() {
        match step {
            Step::Send(len) => {
                let message = [&[number as u8][..], &vec![7; len.into()]].concat();
                match socket.send(message.clone()).await {
                    Ok(()) => outcome.sent.push(message),
                    Err(error) => assert!(is_the_end(error.kind()), "{error:?} in {case:?}"),
                }
            }
            Step::Receive => {
                if let Some(Ok(Some(message))) = poll_immediate(socket.receive()).await {
                    outcome.received.push(message.into_bytes().to_vec());
                }
            }
            Step::Yield => yield_now().await,
            Step::Jump(seconds) => advance(Duration::from_secs(seconds.into())).await,
            Step::Flush => drop(socket.flush().await),
            Step::Close(code) => drop(socket.close(code, "").await.expect("a code that may be sent")),
            Step::CloseImpatiently => drop(poll_immediate(socket.close(1000, "")).await),
            Step::Drop => return outcome,
        }
    }
    // A server that has not begun to close waits for its client, which closes at its end.
    if is_server && !steps.iter().any(|step| matches!(step, Step::Close(_) | Step::CloseImpatiently)) {
        while let Ok(Some(message)) = socket.receive().await {
            outcome.received.push(message.into_bytes().to_vec());
        }
        outcome.heard_all = socket.closed().is_some_and(|closed| closed.was_clean());
    }
    outcome.closed = Some(socket.close(1000, "bye").await.expect("a code that may be sent"));
    outcome
}

const fn is_the_end(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Closed | ErrorKind::ConnectionAborted | ErrorKind::ClosedByPeer)
}
