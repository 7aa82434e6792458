//! Two peers over a pipe, a client and a server: whatever both do, what arrives is the beginning of what was sent, and both come
//! to an end that is clean unless one of them has just gone.

use futures::future::poll_immediate;
use tokio::{io::duplex, join, task::yield_now};
use websocket_anywhere::{Closed, Control, ErrorKind, MessageWebSocket, ServerControl, ServerMessageWebSocket};

use super::run;
use crate::input::Input;

/// What two programs do.
#[derive(Clone, Debug)]
pub struct Case {
    /// How much the pipe holds.
    pub pipe: usize,
    pub client: Vec<Step>,
    pub server: Vec<Step>,
}

/// What one program does at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Send(u16),
    Receive,
    Yield,
    Flush,
    Close(u16),
    /// Begins to close and gives it up.
    CloseImpatiently,
    Drop,
}

impl Case {
    /// The size of the pipe, the steps of both.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut input = Input::new(bytes);
        let pipe = [1, 16, 200, 1 << 16][usize::from(input.byte()) % 4];
        let steps = |numbers: Vec<u16>| numbers.into_iter().map(Step::read).collect();
        Self { pipe, client: steps(input.numbers()), server: steps(input.numbers()) }
    }
}

impl Step {
    const fn read(number: u16) -> Self {
        match number % 16 {
            0..=5 => Self::Send(number >> 4),
            6..=9 => Self::Receive,
            10 | 11 => Self::Yield,
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
        let (near, far) = duplex(case.pipe);
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
