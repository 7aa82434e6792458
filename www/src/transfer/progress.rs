//! How far a transfer is, and how fast.

use std::cell::Cell;
use std::rc::Rc;

use web_sys::HtmlProgressElement;

use crate::format;
use crate::page::Page;

/// The progress of one transfer.
pub(super) struct Progress {
    page: Rc<Page>,
    total: u64,
    started: f64,
    sent: Cell<u64>,
    returned: Cell<u64>,
}

impl Progress {
    /// Nothing has been carried yet.
    pub(super) fn start(page: &Rc<Page>, total: u64) -> Self {
        let started = page.now();
        let this = Self { page: Rc::clone(page), total, started, sent: Cell::default(), returned: Cell::default() };
        page.show("hash-sent", "–");
        page.show("hash-returned", "–");
        this.show();
        this
    }

    pub(super) fn add_sent(&self, bytes: usize) {
        self.sent.set(self.sent.get() + bytes as u64);
    }

    pub(super) fn add_returned(&self, bytes: usize) {
        self.returned.set(self.returned.get() + bytes as u64);
    }

    pub(super) fn is_complete(&self) -> bool {
        self.returned.get() >= self.total
    }

    pub(super) fn show(&self) {
        self.bar("sent", self.sent.get());
        self.bar("returned", self.returned.get());
        let seconds = ((self.page.now() - self.started) / 1000.0).max(0.001);
        let rate = format::size((self.returned.get() as f64 / seconds) as u64);
        let tenths = (seconds * 10.0) as u64;
        self.page.show("rate", &format!("{rate}/s each way, {}.{} s", tenths / 10, tenths % 10));
    }

    /// "12.0 MiB sent, 11.5 MiB returned".
    pub(super) fn words(&self) -> String {
        format!("{} sent, {} returned", format::size(self.sent.get()), format::size(self.returned.get()))
    }

    fn bar(&self, name: &str, bytes: u64) {
        let bar: HtmlProgressElement = self.page.element_as(&format!("progress-{name}"));
        // Of nothing, all is there.
        bar.set_value(if self.total == 0 { 1.0 } else { bytes as f64 / self.total as f64 });
        self.page.show(&format!("amount-{name}"), &format::size(bytes));
    }
}
