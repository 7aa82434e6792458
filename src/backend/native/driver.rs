//! The background task of a connection: it writes what has gathered, keeps the timers, and sees the connection to its end.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    task::unconstrained,
    time::{Instant, Sleep, sleep_until},
};

use super::{
    clock::later,
    connection::{Connection, Outgoing},
    inbound::Ahead,
    liveness::KeepAlive,
};
use crate::{
    error::{Error, ErrorCode, ErrorKind},
    protocol::{Ending, Lifecycle, Patience},
};

/// Drives a connection until its transport can be let go.
///
/// Its drop sees to it that nobody waits for ever, should the runtime drop the task before its end, or before its beginning.
pub(super) struct Driver {
    connection: Arc<Connection>,
    /// Whether the task has come to its end.
    is_done: bool,
}

impl Driver {
    pub(super) const fn new(connection: Arc<Connection>) -> Self {
        Self { connection, is_done: false }
    }

    /// The task.
    pub(super) async fn drive(mut self) {
        self.run().await;
        // Boxed: an idle connection needs no room for its end.
        Box::pin(self.finish()).await;
        self.is_done = true;
    }

    /// Polls until it is ready.
    async fn poll<T>(&self, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> T {
        poll_fn(|cx| self.connection.signals.poll_driver(cx, &mut poll)).await
    }

    /// The time while nobody has closed.
    async fn run(&self) {
        let connection = &*self.connection;
        let mut stall = ProgressTimer::new(connection.settings.send_timeout);
        let mut last_words = ProgressTimer::new(connection.settings.close_timeout);
        let mut keep_alive = KeepAlive::new(connection);
        let mut timer = pin!(sleep_until(keep_alive.due(connection)));
        // Not by `poll`, whose future would make an idle connection larger.
        let mut poll = |cx: &mut Context<'_>| {
            if self.write(cx, &mut stall) == Written::Stalled {
                // The end, if it has arrived, counts more; if it may, it is looked for.
                if let Ahead::Armed | Ahead::Ended = connection.read_ahead() {
                    connection.abandon(ErrorCode::Lost.into());
                }
            }
            if connection.life(Lifecycle::has_write_failed) {
                self.look_for_close(cx, &mut last_words);
            } else {
                if connection.is_open() && connection.is_unread() {
                    // Pings and the Close must be seen, though nobody receives; the end shows in the state.
                    let _ = connection.poll_discard(cx);
                } else if connection.signals.is_pong_awaited() {
                    // Whether or not the program receives: the time until it does is no part of the round trip.
                    self.read_ahead(cx);
                }
                keep_alive.poll(cx, connection, timer.as_mut());
            }
            if connection.is_open() { Poll::Pending } else { Poll::Ready(()) }
        };
        poll_fn(|cx| connection.signals.poll_driver(cx, &mut poll)).await;
    }

    /// Writes what there is.
    fn write(&self, cx: &mut Context<'_>, stall: &mut ProgressTimer) -> Written {
        let connection = &*self.connection;
        if connection.poll_write(cx).is_ready() {
            if stall.clear() {
                // What could not be written went out after all: the peer has taken something.
                connection.signals.beat();
            }
            return Written::All;
        }
        match stall.poll(cx, || connection.progress()) {
            Progress::Made => connection.signals.beat(),
            Progress::None => {}
            Progress::TooLate => {
                connection.write_failed(Error::new(ErrorKind::Timeout, "the peer takes nothing"));
                return Written::Stalled;
            }
        }
        Written::Some
    }

    /// Nothing can be written any more. What has arrived may end with the peer's Close, which then counts; it is looked for as
    /// long as something comes.
    fn look_for_close(&self, cx: &mut Context<'_>, last_words: &mut ProgressTimer) {
        let connection = &*self.connection;
        connection.signals.let_driver_read();
        let is_waiting = if connection.is_unread() || connection.recv_closed() {
            connection.poll_discard(cx).is_pending()
        } else {
            // A program that leaves much unread finds the end by itself.
            self.read_ahead(cx) != Ahead::Full
        };
        if is_waiting && last_words.poll(cx, || connection.received()) == Progress::TooLate {
            connection.abandon(ErrorCode::Lost.into());
        }
    }

    /// Reads ahead of the program; if there is more, goes on when others have had their turn.
    fn read_ahead(&self, cx: &mut Context<'_>) -> Ahead {
        let ahead = self.connection.read_ahead();
        if ahead == Ahead::More {
            self.connection.signals.yield_driver(cx);
        }
        ahead
    }

    /// The closing handshake, and the end of TCP.
    async fn finish(&self) {
        let connection = &*self.connection;
        if connection.ending() == Some(Ending::Loss) {
            return;
        }
        // Slow is not dead: while the peer takes bytes, what was sent is sent.
        let mut stall = ProgressTimer::new(connection.settings.patience_at_end);
        let written = self
            .poll(|cx| {
                let _ = self.poll_rest(cx);
                let written = self.write(cx, &mut stall);
                let is_over = written != Written::Some || connection.ending() == Some(Ending::Loss);
                if is_over { Poll::Ready(written) } else { Poll::Pending }
            })
            .await;
        if written == Written::Stalled {
            return;
        }
        // From here on it takes `close_timeout` at most; bytes that leave the system's queue begin it anew, for our Close is
        // behind them.
        let close_timeout = connection.settings.close_timeout;
        let mut silence = ProgressTimer::new(close_timeout);
        let mut outgoing = connection.outgoing();
        let mut farewell = pin!(self.say_farewell());
        self.poll(|cx| {
            if farewell.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            while silence.poll(cx, || 0) == Progress::TooLate {
                if !takes(connection, &mut outgoing) {
                    return Poll::Ready(());
                }
                silence = ProgressTimer::new(close_timeout);
            }
            Poll::Pending
        })
        .await;
        // Past the deadline TCP ends without further ado.
    }

    /// Reads what may still come before the end: ready once the peer's Close has, or nothing can.
    fn poll_rest(&self, cx: &mut Context<'_>) -> Poll<()> {
        let connection = &*self.connection;
        if connection.ending().is_some() {
            return Poll::Ready(());
        }
        connection.poll_discard(cx)
    }

    /// The peer's Close, and the end of TCP.
    async fn say_farewell(&self) {
        let connection = &*self.connection;
        poll_fn(|cx| self.poll_rest(cx)).await;
        match connection.ending() {
            Some(Ending::Loss) => return,
            Some(Ending::Failure) => {}
            Some(Ending::Handshake) | None => {
                if !connection.is_server {
                    // The server is the first to end TCP (RFC 6455 section 7.1.1); a reset must not overtake our Close.
                    return poll_fn(|cx| connection.poll_drain(cx)).await;
                }
            }
        }
        // Whether or not it works, the connection ends.
        let _ = poll_fn(|cx| connection.poll_shutdown(cx)).await;
        poll_fn(|cx| connection.poll_drain(cx)).await;
    }
}

/// What came of writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    /// Nothing is left, or nothing can be written any more.
    All,
    /// Something is left, which waits for the peer.
    Some,
    /// The peer has taken nothing for too long.
    Stalled,
}

/// Whether the peer has taken bytes since the last time.
fn takes(connection: &Connection, outgoing: &mut Option<Outgoing>) -> bool {
    let before = std::mem::replace(outgoing, connection.outgoing());
    outgoing.zip(before).is_some_and(|(now, before)| now.has_moved_since(before))
}

impl Drop for Driver {
    fn drop(&mut self) {
        let connection = &*self.connection;
        if !self.is_done {
            // The runtime ends: what was sent and the system can take still leaves, and what has arrived stays.
            connection.send_last();
        }
        connection.give_up();
        connection.release();
    }
}

/// Measures how long there was no progress.
struct ProgressTimer {
    limit: Duration,
    /// Boxed, as there seldom is one.
    running: Option<Box<Running>>,
}

struct Running {
    begun: Instant,
    patience: Patience,
    timer: Pin<Box<Sleep>>,
    /// What the progress was.
    seen: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Made,
    None,
    /// There was none for the whole limit.
    TooLate,
}

impl ProgressTimer {
    const fn new(limit: Duration) -> Self {
        Self { limit, running: None }
    }

    /// There is nothing to wait for; whether there was.
    fn clear(&mut self) -> bool {
        self.running.take().is_some()
    }

    /// Waits for progress, from the first call on.
    fn poll(&mut self, cx: &mut Context<'_>, progress: impl FnOnce() -> u64) -> Progress {
        let progress = progress();
        let running = self.running.get_or_insert_with(|| {
            let begun = Instant::now();
            let patience = Patience::new(self.limit, Duration::ZERO);
            let timer = Box::pin(sleep_until(later(begun, patience.due())));
            Box::new(Running { begun, timer, patience, seen: progress })
        });
        let mut outcome = Progress::None;
        if running.seen != progress {
            running.seen = progress;
            running.patience.renew(running.begun.elapsed());
            outcome = Progress::Made;
        }
        // Without tokio's budget, which would make a timer that is due look as if it were not.
        while pin!(unconstrained(running.timer.as_mut())).poll(cx).is_ready() {
            if running.patience.has_ended(running.begun.elapsed()) {
                return Progress::TooLate;
            }
            running.timer.as_mut().reset(later(running.begun, running.patience.due()));
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread, time::Duration};

    use futures::future::poll_immediate;
    use tokio::{
        io::duplex,
        runtime::Builder,
        task::coop::{consume_budget, has_budget_remaining},
        time::advance,
    };

    use super::*;
    use crate::{
        backend::native::{
            dial::{Endpoints, Transport},
            settings::Settings,
            upgrade::Upgraded,
        },
        control::Control,
    };

    fn driver() -> (Driver, tokio::io::DuplexStream) {
        let (here, there) = duplex(1024);
        let transport = Transport::of(here);
        let control = Control::new();
        let settings = Settings::new(&control, control.message_limits());
        let upgraded = Upgraded::without_handshake(None);
        (Driver::new(Connection::new(transport, upgraded, settings, Endpoints::default()).unwrap()), there)
    }

    #[test]
    fn a_poll_ends_though_a_timer_is_due_and_the_budget_of_the_task_is_used_up() {
        let (done, is_done) = mpsc::channel();
        // In a thread of its own: a poll that never ends would hold the test.
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
            runtime.block_on(async {
                let (driver, _peer) = driver();
                let mut driving = pin!(driver.drive());
                assert!(poll_immediate(driving.as_mut()).await.is_none());
                for minutes in 1..4 {
                    advance(Duration::from_secs(minutes * 60)).await;
                    let used_up = poll_fn(|cx| {
                        while has_budget_remaining() {
                            let _ = pin!(consume_budget()).poll(cx);
                        }
                        let _ = driving.as_mut().poll(cx);
                        Poll::Ready(!has_budget_remaining())
                    });
                    assert!(used_up.await);
                }
            });
            done.send(()).unwrap();
        });
        is_done.recv_timeout(Duration::from_secs(20)).expect("a poll of the driver did not end");
    }
}
