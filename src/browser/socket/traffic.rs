//! How much travels: the counters, and the bandwidth, at which a timer looks each second while there is traffic.

use std::{cell::Cell, rc::Rc};

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
    meter: Cell<Meter>,
    /// Whether there was traffic since the last look.
    is_busy: Cell<bool>,
    /// Runs while there is traffic.
    tick: Cell<Option<Timer>>,
    is_ticking: Cell<bool>,
}

impl Travelled {
    pub(super) fn sent(&self) -> Traffic {
        self.sent.get()
    }

    pub(super) fn received(&self) -> Traffic {
        self.received.get()
    }

    pub(super) fn bandwidth(&self) -> BandwidthStatistics {
        self.meter.get().statistics()
    }

    /// Nothing will travel any more.
    pub(super) fn stop(&self) {
        self.is_ticking.set(false);
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
        if !travelled.is_busy.replace(true) && !travelled.is_ticking.get() && self.ended().is_none() {
            let mut meter = travelled.meter.get();
            meter.start(timer::now());
            travelled.meter.set(meter);
            self.start_tick();
        }
    }

    fn start_tick(self: &Rc<Self>) {
        let tick = self.callback(|socket, _| socket.on_tick());
        self.travelled.tick.set(Some(Timer::start(TICK, tick)));
        self.travelled.is_ticking.set(true);
    }

    fn on_tick(self: &Rc<Self>) {
        let sent = self.travelled.sent.get().bytes.saturating_sub(self.buffered_amount() as u64);
        let received = self.travelled.received.get().bytes;
        let mut meter = self.travelled.meter.get();
        meter.look(timer::now(), sent, received);
        self.travelled.meter.set(meter);
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

/// In seconds.
const TICK: f64 = 1.0;
