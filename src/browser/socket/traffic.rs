//! How much travels: the counters, and the bandwidth, at which a timer looks each second while there is traffic.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use super::Socket;
use crate::{
    backend::browser::timer::{self, Timer},
    information::{BandwidthStatistics, Meter, Traffic},
};

/// What has travelled in both directions.
#[derive(Default)]
pub(super) struct Travelled {
    sent: Cell<Traffic>,
    received: Cell<Traffic>,
    meter: RefCell<Meter>,
    /// Whether there was traffic since the last look.
    is_busy: Cell<bool>,
    /// Runs while there is traffic.
    tick: RefCell<Option<Timer>>,
}

impl Travelled {
    pub(super) fn sent(&self) -> Traffic {
        self.sent.get()
    }

    pub(super) fn received(&self) -> Traffic {
        self.received.get()
    }

    pub(super) fn bandwidth(&self) -> BandwidthStatistics {
        self.meter.borrow().statistics()
    }

    /// Nothing will travel any more.
    pub(super) fn stop(&self) {
        self.tick.take();
    }
}

impl Socket {
    /// Counts a message that the browser has taken.
    pub(super) fn count_sent(self: &Rc<Self>, bytes: usize) {
        count(&self.travelled.sent, bytes);
        self.note_traffic();
    }

    /// Counts a message that the program has received.
    pub(super) fn count_received(self: &Rc<Self>, bytes: usize) {
        count(&self.travelled.received, bytes);
        self.note_traffic();
    }

    fn note_traffic(self: &Rc<Self>) {
        // After the end there is nothing to measure.
        let travelled = &self.travelled;
        if !travelled.is_busy.replace(true) && travelled.tick.borrow().is_none() && self.ended().is_none() {
            travelled.meter.borrow_mut().start(timer::now());
            self.start_tick();
        }
    }

    fn start_tick(self: &Rc<Self>) {
        let socket = Rc::downgrade(self);
        let timer = Timer::start(TICK, move || {
            if let Some(socket) = socket.upgrade() {
                socket.on_tick();
            }
        });
        self.travelled.tick.replace(Some(timer));
    }

    fn on_tick(self: &Rc<Self>) {
        let sent = self.travelled.sent.get().bytes.saturating_sub(self.buffered_amount() as u64);
        let received = self.travelled.received.get().bytes;
        self.travelled.meter.borrow_mut().look(timer::now(), sent, received);
        if self.travelled.is_busy.replace(false) {
            self.start_tick();
        } else {
            self.travelled.stop();
        }
    }
}

/// Adds one message.
fn count(traffic: &Cell<Traffic>, bytes: usize) {
    let Traffic { messages, bytes: before } = traffic.get();
    traffic.set(Traffic { messages: messages + 1, bytes: before + bytes as u64 });
}

const TICK: Duration = Duration::from_secs(1);
