//! How much travels: the counters, and the bandwidth of sockets whose information a program looks at. From then on a timer looks
//! each second while there is traffic; programs that do not look have neither the timer nor the code.

use std::{
    cell::{Cell, OnceCell},
    rc::Rc,
};

use super::Socket;
use crate::{
    backend::browser::timer::{self, Timer},
    error::Result,
    heartbeat::Signs,
    information::{BandwidthStatistics, Meter, Traffic},
    message::Message,
};

/// What has travelled in both directions.
#[derive(Default)]
pub(super) struct TrafficTotals {
    sent: Cell<Traffic>,
    received: Cell<Traffic>,
    /// How many messages have arrived, received or not; it may begin again.
    arrived: Cell<u32>,
    /// When counting began.
    since: f64,
    bandwidth: OnceCell<Box<Bandwidth>>,
    /// What is done about traffic, once the bandwidth is measured.
    on_traffic: Cell<Option<OnTraffic>>,
    /// Runs while there is traffic.
    tick: Cell<Option<Timer>>,
}

type OnTraffic = fn(&Rc<Socket>);

/// The bandwidth so far.
#[derive(Default)]
struct Bandwidth {
    meter: Cell<Meter>,
    /// Whether there was traffic since the last look.
    is_busy: Cell<bool>,
    is_ticking: Cell<bool>,
}

impl TrafficTotals {
    pub(super) fn new() -> Self {
        Self { since: timer::now(), ..Self::default() }
    }

    pub(super) fn sent(&self) -> Traffic {
        self.sent.get()
    }

    pub(super) fn received(&self) -> Traffic {
        self.received.get()
    }

    /// Nothing will travel any more.
    pub(super) fn stop(&self) {
        self.on_traffic.take();
        self.tick.take();
    }
}

impl Socket {
    /// Counts a message that the browser has taken.
    pub(super) fn count_sent(self: &Rc<Self>, bytes: usize) {
        self.count(&self.travelled.sent, bytes);
    }

    /// Counts a message that the program has received.
    pub(super) fn count_received(self: &Rc<Self>, bytes: usize) {
        self.count(&self.travelled.received, bytes);
    }

    /// Adds one message.
    fn count(self: &Rc<Self>, traffic: &Cell<Traffic>, bytes: usize) {
        let Traffic { messages, bytes: before } = traffic.get();
        traffic.set(Traffic { messages: messages + 1, bytes: before + bytes as u64 });
        if let Some(note) = self.travelled.on_traffic.get() {
            note(self);
        }
    }

    /// What has travelled, as far as the browser tells.
    pub(in crate::backend::browser) fn signs(&self) -> Signs {
        let unsent = self.buffered_amount() as u64;
        Signs {
            arrived: self.travelled.arrived.get().into(),
            left: self.sent_bytes().saturating_sub(unsent),
            unsent,
            can_hear: !(self.tells_what_was_sent() && self.is_full()),
        }
    }

    /// Sends a message from beside the program. It never falls between the parts of another: those are sent at once.
    pub(in crate::backend::browser) fn ask(self: &Rc<Self>, message: &Message) -> Result<bool> {
        self.check_live()?;
        if self.buffered_amount() <= self.control().outbound_buffer_size {
            self.hand_over(&message.into())?;
        }
        Ok(true)
    }

    /// Counts a message that has arrived.
    pub(super) fn count_arrived(&self) {
        self.travelled.arrived.set(self.travelled.arrived.get().wrapping_add(1));
    }

    /// The bandwidth, which is measured from the first look on; that one sees the mean of all before.
    pub(super) fn bandwidth(self: &Rc<Self>) -> BandwidthStatistics {
        let bandwidth = self.travelled.bandwidth.get_or_init(|| {
            let bandwidth = Box::<Bandwidth>::default();
            let since = self.travelled.since;
            bandwidth.change(|meter| meter.start(since));
            if timer::now() - since >= TICK {
                self.look(&bandwidth);
            }
            if self.ended().is_none() {
                self.travelled.on_traffic.set(Some(Self::note_traffic));
                self.start_tick(&bandwidth);
            }
            bandwidth
        });
        bandwidth.meter.get().statistics()
    }

    fn note_traffic(self: &Rc<Self>) {
        let Some(bandwidth) = self.travelled.bandwidth.get() else { return };
        if !bandwidth.is_busy.replace(true) && !bandwidth.is_ticking.get() {
            bandwidth.change(|meter| meter.start(timer::now()));
            self.start_tick(bandwidth);
        }
    }

    fn start_tick(self: &Rc<Self>, bandwidth: &Bandwidth) {
        let tick = self.callback(|socket, _| socket.on_tick());
        self.travelled.tick.set(Some(Timer::start(TICK, tick)));
        bandwidth.is_ticking.set(true);
    }

    fn on_tick(self: &Rc<Self>) {
        let Some(bandwidth) = self.travelled.bandwidth.get() else { return };
        self.look(bandwidth);
        if bandwidth.is_busy.replace(false) {
            self.start_tick(bandwidth);
        } else {
            bandwidth.is_ticking.set(false);
            self.travelled.tick.take();
        }
    }

    fn look(&self, bandwidth: &Bandwidth) {
        let sent = self.travelled.sent.get().bytes.saturating_sub(self.buffered_amount() as u64);
        let received = self.travelled.received.get().bytes;
        bandwidth.change(|meter| meter.look(timer::now(), sent, received));
    }
}

impl Bandwidth {
    fn change(&self, change: impl FnOnce(&mut Meter)) {
        let mut meter = self.meter.get();
        change(&mut meter);
        self.meter.set(meter);
    }
}

/// In seconds.
const TICK: f64 = 1.0;
