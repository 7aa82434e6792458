//! Who waits for what.

use std::{
    cell::Cell,
    task::{Context, Waker},
};

use crate::backend::browser::local_waker::LocalWaker;

/// A task that waits, by what it waits for.
#[derive(Clone, Copy)]
pub(in crate::backend::browser) enum WakerKind {
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
    slots: [LocalWaker; 4],
    observers: Cell<Vec<Waker>>,
}

impl Wakers {
    pub(in crate::backend::browser) fn of(&self, who: WakerKind) -> &LocalWaker {
        &self.slots[who as usize]
    }

    pub(super) fn watch(&self, cx: &Context<'_>) {
        let mut observers = self.observers.take();
        if !observers.iter().any(|known| known.will_wake(cx.waker())) {
            observers.push(cx.waker().clone());
        }
        self.observers.set(observers);
    }

    pub(super) fn wake_all(&self) {
        for slot in &self.slots {
            slot.wake();
        }
        self.observers.take().into_iter().for_each(Waker::wake);
    }
}
