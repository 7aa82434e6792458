//! What a connection knows about its own health: signs of life, round trips, bandwidth.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{Mutex, atomic::Ordering},
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use tokio::{task::unconstrained, time::Instant};

use super::{Connection, lock};
use crate::{
    error::{Error, ErrorKind},
    information::{BandwidthStatistics, Information, Meter, Traffic},
};

/// What is measured, from the opening of the connection on.
#[derive(Debug)]
pub(super) struct Vitals {
    opened: Instant,
    pings: Mutex<Pings>,
    meter: Mutex<Meter>,
}

/// The pings that we send; their payload is their number.
#[derive(Debug)]
struct Pings {
    last: u64,
    /// When the last one was sent, if it was not answered.
    sent: Option<Instant>,
    round_trip: Option<Duration>,
}

impl Vitals {
    /// `round_trip` is that of the opening handshake, if there was one.
    pub(super) fn new(round_trip: Option<Duration>) -> Self {
        let pings = Pings { last: 0, sent: None, round_trip };
        Self { opened: Instant::now(), pings: Mutex::new(pings), meter: Mutex::default() }
    }

    pub(super) fn round_trip(&self) -> Option<Duration> {
        lock(&self.pings).round_trip
    }

    /// From the opening until now.
    fn seconds(&self, now: Instant) -> f64 {
        now.saturating_duration_since(self.opened).as_secs_f64()
    }

    pub(super) fn bandwidth(&self) -> BandwidthStatistics {
        lock(&self.meter).statistics()
    }
}

impl Connection {
    pub(in super::super) fn information(&self) -> Information {
        let received = Traffic {
            messages: self.received_messages.load(Ordering::Relaxed),
            bytes: self.received_bytes.load(Ordering::Relaxed),
        };
        let sent = lock(&self.outbound).sent;
        let last_round_trip_time = self.vitals.round_trip();
        let bandwidth_statistics = self.vitals.bandwidth();
        Information { sent, received, last_round_trip_time, bandwidth_statistics, ..self.information.clone() }
    }

    /// Something was read, or went out that could not before: the peer lives.
    pub(in super::super) fn beat(&self) {
        if self.pulse.beat() {
            lock(&self.outbound).nudge_driver();
        }
    }

    /// Asks the peer for a sign of life (RFC 6455 section 5.5.2).
    pub(in super::super) fn ping(&self, now: Instant) {
        let number = {
            let mut pings = lock(&self.vitals.pings);
            (pings.last, pings.sent) = (pings.last + 1, Some(now));
            pings.last
        };
        let mut outbound = lock(&self.outbound);
        outbound.ping(&number.to_be_bytes());
        outbound.wake_driver();
    }

    /// A pong arrived, asked for or not. "The most recently processed Ping frame" is the one that it answers (section 5.5.3).
    pub(in super::super) fn ponged(&self, payload: &[u8]) {
        let mut pings = lock(&self.vitals.pings);
        if payload == pings.last.to_be_bytes() {
            if let Some(sent) = pings.sent.take() {
                pings.round_trip = Some(sent.elapsed());
            }
        }
    }

    /// Sends a sign of our own life (section 5.5.3), and a ping to measure the way; false if bytes wait that tell as much.
    pub(in super::super) fn keep_alive(&self, now: Instant) -> bool {
        let is_due = self.buffered_amount() == 0;
        if is_due {
            self.pong(Bytes::new());
            self.ping(now);
        }
        is_due
    }

    /// Whether the program has taken all that arrived and waits for more.
    pub(in super::super) fn is_hungry(&self) -> bool {
        lock(&self.inbound).is_hungry
    }

    /// Whether there is something to read after all: nobody reads while the program does something else.
    pub(in super::super) fn finds_life(&self) -> bool {
        let mut inbound = lock(&self.inbound);
        if !inbound.is_hungry {
            return true;
        }
        // A budget that others have used up would look like silence.
        let read = pin!(unconstrained(poll_fn(|cx| inbound.poll_read_ahead(cx))))
            .poll(&mut Context::from_waker(Waker::noop()));
        drop(inbound);
        match read {
            Poll::Pending => return false,
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(error)) => {
                self.lose(Error::with_source(ErrorKind::ConnectionAborted, "the connection was lost", error));
            }
        }
        // The waker of the reader may have been lost to this read, and there is something for it.
        self.wake_all();
        true
    }

    /// Gives back what nothing waits in.
    pub(in super::super) fn trim(&self) {
        let Ok(mut wire) = self.wire.try_lock() else { return };
        wire.trim();
        lock(&self.outbound).trim();
    }

    /// There is traffic again.
    pub(in super::super) fn start_measuring(&self, now: Instant) {
        lock(&self.vitals.meter).start(self.vitals.seconds(now));
    }

    /// Looks at how much has travelled.
    pub(in super::super) fn measure(&self, now: Instant) {
        let (sent, unsent) = {
            let outbound = lock(&self.outbound);
            (outbound.sent.bytes, self.buffered(&outbound) as u64)
        };
        let received = self.received_bytes.load(Ordering::Relaxed);
        lock(&self.vitals.meter).look(self.vitals.seconds(now), sent.saturating_sub(unsent), received);
    }
}
