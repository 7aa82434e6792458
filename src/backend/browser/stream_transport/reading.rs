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
    /// A read was begun and taken back.
    Pausing,
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
            self.reading.reads.follow(&open.reader.borrow().read());
        }
    }

    /// Reads on unless the program has enough to receive.
    pub(super) fn read_on(&self) {
        if self.has_enough() { self.pause() } else { self.read() }
    }

    fn has_enough(&self) -> bool {
        let must_go_on = self.closing.has_begun() || self.reading.was_caught.get();
        !must_go_on && self.socket().is_some_and(|socket| socket.is_full())
    }

    /// Chromium takes one message more, and only then makes the peer wait; but not after a message that a read waited for.
    /// To begin a read and to take it back makes it do so: then that message shows whether something came during the pause.
    fn pause(&self) {
        let Some(open) = self.open.get() else { return };
        self.tell(|socket| socket.on_pause());
        self.reading.state.set(State::Pausing);
        let mut reader = open.reader.borrow_mut();
        self.reading.reads.follow(&reader.read());
        reader.release_lock();
        // It is not locked any more.
        if let Ok(next) = open.readable.reader() {
            *reader = next;
        }
    }

    /// Reads what is left, after a Close. If nobody read when it came and a message is left, others behind it may have been
    /// thrown away.
    pub(super) fn drain(&self) {
        if matches!(self.reading.state.get(), State::Paused | State::Pausing) {
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
            Err(_) if self.reading.state.get() == State::Pausing => {
                self.reading.state.set(State::Paused);
                if !self.has_enough() {
                    self.read();
                }
            }
            _ => {
                self.reading.state.set(State::Over);
                self.conclude();
            }
        }
    }
}
