//! The pings of this side, and who waits for their pongs: RFC 6455 sections 5.5.2 and 5.5.3.

use std::{
    task::{Context, Poll, Waker},
    time::Duration,
};

use tokio::time::Instant;

use super::{Connection, lock};
use crate::{error::Result, protocol::Lifecycle};

/// The payload of a ping is its number.
#[derive(Debug, Default)]
pub(super) struct Pings {
    last: u64,
    /// When the last one was sent, if it was not answered.
    sent: Option<Instant>,
    pub(super) round_trip: Option<Duration>,
    /// The futures of the program, as many as it keeps.
    waiting: Vec<Waiting>,
    last_ticket: Ticket,
}

/// Names one that waits.
type Ticket = u64;

/// A future that waits for a pong.
#[derive(Debug)]
struct Waiting {
    ticket: Ticket,
    /// The ping whose pong it waits for; that of a later one will do.
    number: u64,
    since: Instant,
    took: Option<Duration>,
    waker: Waker,
}

impl Pings {
    /// `round_trip` is that of the opening handshake, if there was one.
    pub(super) fn new(round_trip: Option<Duration>) -> Self {
        Self { round_trip, ..Self::default() }
    }

    fn position(&self, ticket: Ticket) -> Option<usize> {
        self.waiting.iter().position(|waiting| waiting.ticket == ticket)
    }

    fn is_awaited(&self) -> bool {
        self.waiting.iter().any(|waiting| waiting.took.is_none())
    }
}

impl Connection {
    /// Asks the peer for a sign of life.
    pub(in super::super) fn ping(&self, now: Instant) {
        // A connection that has ended asks for nothing.
        let _ = self.queue_ping(&mut lock(&self.statistics.pings), now);
        self.signals.wake_driver();
    }

    /// Queues a ping. One that is still queued serves for this one, too, so that there is never more than one.
    fn queue_ping(&self, pings: &mut Pings, now: Instant) -> Result<()> {
        let mut outbound = lock(&self.outbound);
        outbound.life.check_open()?;
        if !outbound.is_ping_queued() {
            pings.last += 1;
            pings.sent = Some(now);
            outbound.ping(&pings.last.to_be_bytes());
        }
        outbound.driver_is_awake = true;
        Ok(())
    }

    /// Sends a ping for a future of the program, which is woken by the pong or by the end.
    pub(in super::super) fn start_ping(&self, cx: &Context<'_>) -> Result<Ticket> {
        let now = Instant::now();
        let mut pings = lock(&self.statistics.pings);
        self.queue_ping(&mut pings, now)?;
        pings.last_ticket += 1;
        let (ticket, number) = (pings.last_ticket, pings.last);
        pings.waiting.push(Waiting { ticket, number, since: now, took: None, waker: cx.waker().clone() });
        self.signals.await_pong(true);
        drop(pings);
        self.signals.wake_driver();
        Ok(ticket)
    }

    /// Waits for the pong.
    pub(in super::super) fn poll_pong(&self, ticket: Ticket, cx: &Context<'_>) -> Poll<Result<Duration>> {
        let mut pings = lock(&self.statistics.pings);
        if let Some(waiting) = pings.position(ticket).map(|position| &mut pings.waiting[position]) {
            if let Some(took) = waiting.took {
                return Poll::Ready(Ok(took));
            }
            waiting.waker.clone_from(cx.waker());
        }
        drop(pings);
        // Whoever ends it from here on wakes.
        self.life(Lifecycle::check_open).map_or_else(|error| Poll::Ready(Err(error)), |()| Poll::Pending)
    }

    /// A future of the program is dropped.
    pub(in super::super) fn stop_ping(&self, ticket: Ticket) {
        let mut pings = lock(&self.statistics.pings);
        if let Some(position) = pings.position(ticket) {
            pings.waiting.swap_remove(position);
        }
        self.signals.await_pong(pings.is_awaited());
    }

    /// A pong arrived, asked for or not; whether somebody who waits has to be woken. It answers its own ping and those before
    /// it: "An endpoint MAY elect to send a Pong frame for only the most recently processed Ping frame" (section 5.5.3).
    pub(in super::super) fn ponged(&self, payload: &[u8]) -> bool {
        let mut pings = lock(&self.statistics.pings);
        let number = payload.try_into().map_or(0, u64::from_be_bytes);
        if !(1..=pings.last).contains(&number) {
            return false;
        }
        if number == pings.last {
            if let Some(sent) = pings.sent.take() {
                pings.round_trip = Some(sent.elapsed());
            }
        }
        let mut is_awaited = false;
        for waiting in pings.waiting.iter_mut().filter(|waiting| waiting.number <= number) {
            is_awaited |= waiting.took.is_none();
            waiting.took.get_or_insert_with(|| waiting.since.elapsed());
        }
        self.signals.await_pong(pings.is_awaited());
        is_awaited
    }

    /// Wakes the futures that wait for a pong.
    pub(super) fn wake_pingers(&self) {
        let wakers: Vec<_> = lock(&self.statistics.pings).waiting.iter().map(|waiting| waiting.waker.clone()).collect();
        wakers.into_iter().for_each(Waker::wake);
    }
}
