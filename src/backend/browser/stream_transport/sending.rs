//! Writing, and knowing what has been written.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::{Rc, Weak},
};

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

use super::{Inner, reactions::Reactions};
use crate::{backend::browser::transport::Sender, error::Result, message::Payload};

/// What is on its way.
pub(super) struct Sending {
    /// The sizes of the messages that the network has not taken, in order.
    sizes: RefCell<VecDeque<usize>>,
    /// Their sum, and that of those which could not be written: only the end of the connection tells why.
    unsent: Cell<usize>,
    writes: Rc<Reactions>,
}

impl Sending {
    pub(super) fn new(inner: &Weak<Inner>) -> Self {
        let inner = inner.clone();
        let writes = Reactions::new(move |result| {
            if let Some(inner) = inner.upgrade() {
                inner.on_written(&result);
            }
        });
        Self { sizes: RefCell::default(), unsent: Cell::default(), writes }
    }

    pub(super) fn unsent(&self) -> usize {
        self.unsent.get()
    }

    /// Whether nothing is on its way.
    pub(super) fn is_idle(&self) -> bool {
        self.sizes.borrow().is_empty()
    }
}

impl Sender for Inner {
    /// Writes a copy, since it may be taken long after.
    fn send(&self, payload: &Payload<'_>) {
        let Some(open) = self.open.get() else { return };
        let bytes = payload.as_bytes();
        let chunk = match payload.as_text() {
            Some(text) => JsValue::from_str(text),
            None => Uint8Array::from(bytes).into(),
        };
        self.sending.sizes.borrow_mut().push_back(bytes.len());
        self.sending.unsent.set(self.sending.unsent.get() + bytes.len());
        self.sending.writes.follow(&open.writer.write(&chunk));
    }
}

impl Inner {
    fn on_written(&self, result: &Result<JsValue, JsValue>) {
        let size = self.sending.sizes.borrow_mut().pop_front();
        if let (Ok(_), Some(size)) = (result, size) {
            self.sending.unsent.set(self.sending.unsent.get() - size);
            self.tell(|socket| socket.on_sent());
        }
        self.close_if_ready();
    }
}
