//! Closing without losing what was sent, and without getting stuck on what was not read.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use super::{Inner, bindings, reactions::Reactions};
use crate::{
    backend::browser::{callback, timer::Timer},
    close::Close,
    protocol::CloseFrame,
};

/// How far closing is.
pub(super) struct Closing {
    state: RefCell<State>,
    /// How long nothing may leave.
    patience: Duration,
    /// How many bytes were unsent at the last look.
    unsent_at_look: Cell<usize>,
    /// Until what had arrived has been read, then until the next look at what has left.
    timer: RefCell<Option<Timer>>,
    /// Whether what had arrived has been read.
    is_drained: Cell<bool>,
}

enum State {
    Open,
    /// The Close waits for what was sent before.
    Waiting(Option<CloseFrame>),
    Closed,
}

impl Closing {
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            state: RefCell::new(State::Open),
            patience,
            unsent_at_look: Cell::default(),
            timer: RefCell::default(),
            is_drained: Cell::default(),
        }
    }

    /// Whether the program wants the connection to end.
    pub(super) fn has_begun(&self) -> bool {
        !matches!(*self.state.borrow(), State::Open)
    }

    /// The connection has ended.
    pub(super) fn stop(&self) {
        self.timer.take();
    }
}

impl Inner {
    /// Closes, in time; gives up if the connection is not open.
    pub(super) fn close(self: &Rc<Self>, close: Option<Close<'_>>) {
        if self.closing.has_begun() {
            return;
        }
        self.closing.state.replace(State::Waiting(close.map(CloseFrame::from)));
        if self.open.get().is_some() {
            self.begin_to_close();
        } else {
            self.abort.abort();
        }
    }

    /// Reads what has arrived, until there is nothing: when the next task begins, the last read waits for the network.
    pub(super) fn begin_to_close(self: &Rc<Self>) {
        self.read();
        self.set_timer(Duration::ZERO, |inner| {
            inner.closing.is_drained.set(true);
            inner.look_again();
            inner.close_if_ready();
        });
    }

    /// Sends the Close if it is time.
    pub(super) fn close_if_ready(&self) {
        if !self.closing.is_drained.get() || !self.sending.is_idle() {
            return;
        }
        let State::Waiting(frame) = self.closing.state.replace(State::Closed) else { return };
        let empty = bindings::object();
        let result = match frame {
            Some(CloseFrame { code, reason }) => {
                let info: bindings::CloseInfo = bindings::object();
                info.set_close_code(code.into());
                info.set_reason(&reason);
                self.stream.close(&info)
            }
            None => self.stream.close(&empty),
        };
        // Every frame was checked; should the browser find fault with one all the same, it is closed without.
        let _ = result.or_else(|_| self.stream.close(&empty));
    }

    /// Looks in a while whether something has left; so it goes on, also when the socket is gone, while the peer takes something.
    fn look_again(self: &Rc<Self>) {
        self.closing.unsent_at_look.set(self.sending.unsent());
        self.set_timer(self.closing.patience, |inner| {
            if inner.sending.is_idle() {
                return;
            }
            if inner.sending.unsent() < inner.closing.unsent_at_look.get() {
                return inner.look_again();
            }
            // The peer takes nothing: no more is written, and the browser closes when it can.
            if let Some(open) = inner.open.get() {
                Reactions::new(|_| ()).follow(&open.writer.abort());
            }
        });
    }

    fn set_timer(self: &Rc<Self>, delay: Duration, then: fn(&Rc<Self>)) {
        let this = Rc::downgrade(self);
        let ring = callback::new(move |_| {
            if let Some(this) = this.upgrade() {
                then(&this);
            }
        });
        self.closing.timer.replace(Some(Timer::after(delay, ring)));
    }
}
