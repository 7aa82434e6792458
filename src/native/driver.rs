//! The background task of a connection: it writes what has gathered, keeps the timers, and sees the connection to its end.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use tokio::time::{Sleep, sleep, sleep_until, timeout};

use super::{connection::Connection, dial::after, liveness::Keeper, outbound::Ending};
use crate::error::{Error, ErrorKind};

/// Drives a connection until its transport can be let go.
///
/// Its drop sees to it that nobody waits for ever, should the runtime drop the task before its end, or before its beginning.
pub(super) struct Driver {
    connection: Arc<Connection>,
}

impl Driver {
    pub(super) const fn new(connection: Arc<Connection>) -> Self {
        Self { connection }
    }

    /// The task.
    pub(super) async fn drive(self) {
        self.run().await;
        self.finish().await;
    }

    /// The time while nobody has closed.
    async fn run(&self) {
        let mut stall = Stall::default();
        let mut keeper = Keeper::new(&self.connection);
        let mut timer = pin!(sleep_until(keeper.due(&self.connection)));
        poll_fn(|cx| {
            let poll = self.poll_open(cx, &mut stall);
            if poll.is_pending() {
                keeper.poll(cx, &self.connection, timer.as_mut());
            }
            // The keeper may have found the connection dead.
            if self.connection.is_open() { poll } else { Poll::Ready(()) }
        })
        .await;
    }

    fn poll_open(&self, cx: &mut Context<'_>, stall: &mut Stall) -> Poll<()> {
        let connection = &*self.connection;
        match connection.poll_write(cx) {
            Poll::Ready(Ok(())) => stall.clear(connection),
            Poll::Ready(Err(error)) => {
                let error = Error::with_source(ErrorKind::ConnectionAborted, "the connection was lost", error);
                connection.lose(error);
                connection.wake_all();
            }
            Poll::Pending if stall.poll_too_long(cx, connection).is_ready() => {
                connection.lose(Error::new(ErrorKind::Timeout, "the peer takes nothing"));
                connection.wake_all();
            }
            Poll::Pending => {}
        }
        if connection.is_open() && connection.is_unread() {
            // Pings and the Close must be seen, though nobody receives; the end shows in the state.
            let _ = connection.poll_discard(cx);
        }
        if connection.is_open() { Poll::Pending } else { Poll::Ready(()) }
    }

    /// The closing handshake, and the end of TCP, within `close_timeout`.
    async fn finish(&self) {
        let deadline = self.connection.settings.close_timeout;
        // Past the deadline TCP ends without further ado.
        let _ = timeout(deadline, self.say_farewell()).await;
    }

    async fn say_farewell(&self) {
        let connection = &*self.connection;
        if let Some((_, Ending::Loss)) = connection.ended() {
            return;
        }
        poll_fn(|cx| {
            // A failed write ends nothing: the peer's Close may have arrived before.
            let written = connection.poll_write(cx).is_ready();
            let read = connection.poll_discard(cx).is_ready();
            if written && read { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        if connection.is_server || matches!(connection.ended(), Some((_, Ending::Failure))) {
            // Whether or not it works, the connection ends.
            let _ = poll_fn(|cx| connection.poll_shutdown(cx)).await;
        }
        // The server is the first to end TCP (RFC 6455 section 7.1.1); a reset must not overtake our Close.
        poll_fn(|cx| connection.poll_drain(cx)).await;
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let connection = &*self.connection;
        connection.give_up();
        let is_lost = matches!(connection.ended(), Some((_, Ending::Loss))) && !connection.is_deaf();
        connection.release(is_lost);
        connection.wake_all();
    }
}

/// Measures how long the transport has taken nothing.
#[derive(Default)]
struct Stall {
    timer: Option<Pin<Box<Sleep>>>,
    /// The progress when the timer was set.
    seen: u64,
}

impl Stall {
    fn clear(&mut self, connection: &Connection) {
        if self.timer.take().is_some() {
            // What could not be written went out after all: the peer has taken something.
            connection.beat();
        }
    }

    /// Ready once nothing has moved for `send_timeout`.
    fn poll_too_long(&mut self, cx: &mut Context<'_>, connection: &Connection) -> Poll<()> {
        let limit = connection.settings.send_timeout;
        let progress = connection.progress();
        let timer = self.timer.get_or_insert_with(|| {
            self.seen = progress;
            Box::pin(sleep(limit))
        });
        if self.seen != progress {
            self.seen = progress;
            timer.as_mut().reset(after(limit));
            connection.beat();
        }
        timer.as_mut().poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread, time::Duration};

    use futures::future::poll_immediate;
    use tokio::{
        io::{duplex, split},
        runtime::Builder,
        task::coop::{consume_budget, has_budget_remaining},
        time::advance,
    };

    use super::*;
    use crate::{
        backend::native::{
            dial::{Ends, Transport},
            settings::Settings,
            upgrade::Upgraded,
        },
        control::Control,
    };

    fn driver() -> (Driver, tokio::io::DuplexStream) {
        let (here, there) = duplex(1024);
        let (reader, writer) = split(here);
        let transport = Transport { reader: Box::new(reader), writer: Box::new(writer) };
        let control = Control::new();
        let settings = Settings::new(&control, control.message_limits());
        let upgraded = Upgraded::without_handshake(None);
        (Driver::new(Connection::new(transport, upgraded, settings, Ends::default()).unwrap()), there)
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
