//! What both sockets carry, and how fast it returns: counted here, sampled twice a second, plotted for a minute.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;

use crate::format;
use crate::page::Page;
use crate::plot::Plot;

pub(crate) struct Live {
    page: Rc<Page>,
    /// Bytes since the last sample.
    sent: Cell<u64>,
    received: Cell<u64>,
    /// The last round trip in microseconds, and when it ended.
    round_trip: Cell<Option<(u64, f64)>>,
    samples: RefCell<VecDeque<Sample>>,
    bandwidth: Plot,
    trip: Plot,
}

/// Half a second.
#[derive(Clone, Copy, Default)]
struct Sample {
    /// Bits a second.
    sent: u64,
    received: u64,
    /// Microseconds, if one was measured lately.
    round_trip: Option<u64>,
}

impl Live {
    /// Samples for as long as the page is there.
    pub(crate) fn start(page: &Rc<Page>) -> Rc<Self> {
        let this = Rc::new(Self {
            page: Rc::clone(page),
            sent: Cell::default(),
            received: Cell::default(),
            round_trip: Cell::default(),
            samples: RefCell::new(VecDeque::from([Sample::default(); SAMPLES])),
            bandwidth: Plot::new(page, "bandwidth", &["received", "sent"]),
            trip: Plot::new(page, "trip", &["trip"]),
        });
        this.draw();
        let live = Rc::clone(&this);
        spawn_local(async move {
            let mut last = live.page.now();
            loop {
                TimeoutFuture::new(INTERVAL).await;
                let now = live.page.now();
                live.sample(last, now);
                live.draw();
                last = now;
            }
        });
        this
    }

    pub(crate) fn add_sent(&self, bytes: usize) {
        self.sent.set(self.sent.get() + bytes as u64);
    }

    pub(crate) fn add_received(&self, bytes: usize) {
        self.received.set(self.received.get() + bytes as u64);
    }

    pub(crate) fn add_round_trip(&self, milliseconds: f64) {
        self.round_trip.set(Some(((milliseconds * 1000.0) as u64, self.page.now())));
    }

    fn sample(&self, last: f64, now: f64) {
        // A timer may be late: the time that has really passed counts.
        let seconds = ((now - last) / 1000.0).max(0.001);
        let rate = |bytes: u64| (bytes as f64 * 8.0 / seconds) as u64;
        let recent = |(_, ended): &(u64, f64)| now - ended < RECENT;
        let round_trip = self.round_trip.get().filter(recent).map(|(took, _)| took);
        let sample = Sample { sent: rate(self.sent.take()), received: rate(self.received.take()), round_trip };
        let mut samples = self.samples.borrow_mut();
        samples.pop_front();
        samples.push_back(sample);
    }

    fn draw(&self) {
        let samples = self.samples.borrow();
        let last = samples.back().copied().unwrap_or_default();
        self.page.show("bandwidth-sent", &format!("sent {}", format::bit_rate(last.sent)));
        self.page.show("bandwidth-received", &format!("received {}", format::bit_rate(last.received)));
        let trip = last.round_trip.map_or_else(|| "not measured".to_owned(), format::milliseconds);
        self.page.show("trip-last", &trip);

        let received: Vec<_> = samples.iter().map(|sample| Some(sample.received)).collect();
        let sent: Vec<_> = samples.iter().map(|sample| Some(sample.sent)).collect();
        let trips: Vec<_> = samples.iter().map(|sample| sample.round_trip).collect();
        self.bandwidth.draw(&[&received, &sent], 1000, format::bit_rate);
        self.trip.draw(&[&trips], 1000, format::milliseconds);
    }
}

/// How long a sample takes, in milliseconds.
const INTERVAL: u32 = 500;
/// A minute.
const SAMPLES: usize = 120;
/// A round trip that is older says nothing about now: in milliseconds.
const RECENT: f64 = 2500.0;
