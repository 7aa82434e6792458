//! What the peer saw, kept as lines of text under the `id` of a connection.
//!
//! In this order: `open`; `request GET /path HTTP/1.1` and `request NAME: VALUE` for each header; then
//! what the client sent and what the behaviour did; at last one `end eof`, `end reset` or `end error …`.
//!
//! | line | when |
//! |---|---|
//! | `frame opcode=1 fin=1 masked=1 len=13 hex=… key=…` | raw half: a whole frame, its first 64 bytes unmasked |
//! | `message text LEN`, `message binary LEN`, `ping LEN`, `pong LEN` | tungstenite half |
//! | `close CODE REASON`, `close empty` | both: the client's Close |
//! | `violation TEXT` | tungstenite half: it refused what the client sent |
//! | `blocked BYTES`, `sent BYTES` | `/flood`: payload bytes written so far |
//! | `released`, `sink messages=… text=… binary=… bytes=… fnv=…` | `/slow-reader`, `/sink` |
//!
//! Connections with the same `id` write into the same record.

use std::collections::VecDeque;
use std::fmt::Display;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

/// All records of a server, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Records {
    entries: Mutex<VecDeque<(String, Arc<watch::Sender<Entry>>)>>,
}

/// The record of one `id`, or of nothing for a connection that has none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    entry: Option<Arc<watch::Sender<Entry>>>,
}

#[derive(Debug, Default)]
struct Entry {
    lines: Vec<String>,
    released: bool,
}

impl Records {
    /// The record of this `id`, made when it is asked for first: a report may come before its connection.
    pub(crate) fn under(&self, id: &str) -> Record {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let known = entries.iter().rev().find(|(name, _)| name == id);
        if let Some((_, entry)) = known {
            return Record { entry: Some(Arc::clone(entry)) };
        }
        if entries.len() == MAX_RECORDS {
            entries.pop_front();
        }
        let entry = Arc::new(watch::Sender::new(Entry::default()));
        entries.push_back((id.to_owned(), Arc::clone(&entry)));
        Record { entry: Some(entry) }
    }
}

impl Record {
    /// Adds a line about what the client sent. Past `MAX_LINES` such lines are dropped.
    pub(crate) fn saw(&self, line: impl Display) {
        self.push(line, MAX_LINES);
    }

    /// Adds a line that a test waits for; there is room for these when that for `saw` is used up.
    pub(crate) fn note(&self, line: impl Display) {
        self.push(line, MAX_LINES + MAX_NOTES);
    }

    /// Adds the last line of a connection.
    pub(crate) fn end(&self, outcome: io::Result<()>) {
        match outcome {
            Ok(()) => self.note("end eof"),
            Err(error) => match error.kind() {
                io::ErrorKind::UnexpectedEof => self.note("end eof inside a frame"),
                // A write to a connection that was reset before fails in the second of these ways,
                // shutting it down in the third.
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::NotConnected
                | io::ErrorKind::ConnectionAborted => self.note("end reset"),
                _ => self.note(format_args!("end error {error}")),
            },
        }
    }

    /// Lets the slow readers of this `id` read, also those that come later.
    pub(crate) fn release(&self) {
        if let Some(entry) = &self.entry {
            entry.send_modify(|entry| entry.released = true);
        }
    }

    /// Waits for `release`. A reader without an `id` cannot be released.
    pub(crate) async fn released(&self) {
        self.wait(|entry| entry.released).await;
    }

    /// Waits until a line starts with `prefix`.
    pub(crate) async fn reaches(&self, prefix: &str) {
        self.wait(|entry| entry.lines.iter().any(|line| line.starts_with(prefix))).await;
    }

    /// How many lines start with `prefix`.
    pub(crate) fn count(&self, prefix: &str) -> u64 {
        let lines = |entry: &Arc<watch::Sender<Entry>>| {
            entry.borrow().lines.iter().filter(|line| line.starts_with(prefix)).count() as u64
        };
        self.entry.as_ref().map_or(0, lines)
    }

    /// The whole record.
    pub(crate) fn text(&self) -> String {
        let entry = self.entry.as_ref();
        entry.map_or_else(String::new, |entry| entry.borrow().lines.join("\n"))
    }

    async fn wait(&self, condition: impl FnMut(&Entry) -> bool) {
        let Some(entry) = &self.entry else {
            return std::future::pending().await;
        };
        let waited = entry.subscribe().wait_for(condition).await.map(drop);
        waited.expect("the sender is borrowed here, so the channel is open");
    }

    fn push(&self, line: impl Display, room: usize) {
        if let Some(entry) = &self.entry {
            let line = line.to_string().replace(['\r', '\n'], " ");
            entry.send_if_modified(|entry| {
                let fits = entry.lines.len() < room;
                if fits {
                    entry.lines.push(line);
                }
                fits
            });
        }
    }
}

/// At the bound the oldest record is forgotten.
const MAX_RECORDS: usize = 4096;

/// At the bound further lines of one record are dropped.
const MAX_LINES: usize = 4096;

/// Room beyond `MAX_LINES` for lines that tests wait for.
const MAX_NOTES: usize = 4096;
