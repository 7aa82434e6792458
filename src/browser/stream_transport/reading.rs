//! Reading ahead, pausing, and noticing what the browser threw away.

use std::{
    cell::Cell,
    rc::{Rc, Weak},
};

use wasm_bindgen::{JsCast, JsValue};

use super::{Inner, bindings::ReadResult, reactions::Reactions};
use crate::error::Result;

/// How far reading is.
pub(super) struct Reading {
    state: Cell<State>,
    /// Whether a Close came while nobody read: behind the next message, others may be lost.
    was_caught: Cell<bool>,
    has_lost: Cell<bool>,
    reads: Rc<Reactions>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// Nobody reads, so the peer will have to wait.
    Paused,
    /// A read waits for the next message.
    Reading,
    /// There is nothing more to read.
    Over,
}

impl Reading {
    pub(super) fn new(inner: &Weak<Inner>) -> Self {
        let inner = inner.clone();
        let reads = Reactions::new(move |result| {
            if let Some(inner) = inner.upgrade() {
                inner.on_read(result);
            }
        });
        Self { state: Cell::new(State::Paused), was_caught: Cell::default(), has_lost: Cell::default(), reads }
    }

    pub(super) fn is_over(&self) -> bool {
        self.state.get() == State::Over
    }

    /// Whether messages may have been thrown away before they could be read.
    pub(super) fn has_lost(&self) -> bool {
        self.has_lost.get()
    }
}

impl Inner {
    /// Waits for the next message, unless it does.
    pub(super) fn read(&self) {
        let Some(open) = self.open.get() else { return };
        if self.reading.state.get() == State::Paused {
            self.reading.state.set(State::Reading);
            self.reading.reads.follow(&open.reader.read());
        }
    }

    /// Reads on unless the program has enough to receive.
    pub(super) fn read_on(&self) {
        let is_full = !self.closing.has_begun() && self.socket().is_some_and(|socket| socket.is_full());
        if !is_full || self.reading.was_caught.get() {
            self.read();
        }
    }

    /// Reads what is left. Chromium holds one message that was read ahead; if it does, there may have been more behind it.
    pub(super) fn drain(&self) {
        if self.reading.state.get() == State::Paused {
            self.reading.was_caught.set(true);
            self.read();
        }
    }

    fn on_read(&self, result: Result<JsValue, JsValue>) {
        let result = result.map(JsValue::unchecked_into::<ReadResult>);
        match result {
            Ok(result) if !result.done() => {
                self.reading.state.set(State::Paused);
                self.reading.has_lost.set(self.reading.was_caught.get());
                self.tell(|socket| socket.on_data(result.value()));
                self.read_on();
            }
            _ => {
                self.reading.state.set(State::Over);
                self.conclude();
            }
        }
    }
}
