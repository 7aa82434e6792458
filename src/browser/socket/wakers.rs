//! Who waits for what.

use std::{
    cell::Cell,
    task::{Context, Waker},
};

use crate::backend::browser::slot::Slot;

/// A task that waits, by what it waits for.
#[derive(Clone, Copy)]
pub(in crate::backend::browser) enum Who {
    /// The next message; before that, the end of connecting.
    Receiver,
    /// Room to send.
    Sender,
    /// The end of the connection, with the receiving half.
    ClosingReader,
    /// The same with the sending half.
    ClosingWriter,
}

/// One slot for each, and those who watch.
#[derive(Default)]
pub(in crate::backend::browser) struct Wakers {
    slots: [Slot; 4],
    observers: Cell<Option<Box<dyn Watching>>>,
}

/// Tasks that wait for the end. Behind a table, since only programs with handlers of events have them.
trait Watching {
    fn add(&mut self, waker: &Waker);
    fn wake(self: Box<Self>);
}

impl Wakers {
    pub(in crate::backend::browser) fn of(&self, who: Who) -> &Slot {
        &self.slots[who as usize]
    }

    pub(super) fn watch(&self, cx: &Context<'_>) {
        let mut observers = self.observers.take().unwrap_or_else(|| Box::new(Vec::new()));
        observers.add(cx.waker());
        self.observers.set(Some(observers));
    }

    pub(super) fn wake_all(&self) {
        for slot in &self.slots {
            slot.wake();
        }
        if let Some(observers) = self.observers.take() {
            observers.wake();
        }
    }
}

impl Watching for Vec<Waker> {
    fn add(&mut self, waker: &Waker) {
        if !self.iter().any(|known| known.will_wake(waker)) {
            self.push(waker.clone());
        }
    }

    fn wake(self: Box<Self>) {
        self.into_iter().for_each(Waker::wake);
    }
}
