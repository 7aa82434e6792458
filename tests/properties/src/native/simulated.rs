//! A wire in memory between two ends, which carries as a script says: late, in pieces, with stalls. It loses nothing.

use std::{
    collections::VecDeque,
    future::Future,
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

/// What happens to one direction, one behind the other; then it carries all it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The next read gives so many bytes at most.
    Cut(usize),
    /// The next write takes so many bytes at most, and the one behind it has to wait.
    Short(usize),
    /// Nothing arrives for so long.
    Delay(Duration),
    /// Nothing is taken for so long.
    Stall(Duration),
}

impl Event {
    /// All the times of a script are shorter together than any time-out.
    #[must_use]
    pub fn read(number: u16) -> Self {
        let amount = usize::from(number >> 2) % 64 + 1;
        let time = Duration::from_millis(u64::from(number >> 2) % 256);
        match number % 4 {
            0 => Self::Cut(amount),
            1 => Self::Short(amount),
            2 => Self::Delay(time),
            _ => Self::Stall(time),
        }
    }
}

/// The two ends of a wire; each direction holds `capacity` bytes.
#[must_use]
pub fn wire(capacity: usize, there: &[Event], back: &[Event]) -> (End, End) {
    let [there, back] = [there, back].map(|events| Arc::new(Mutex::new(Lane::new(capacity, events))));
    (End { incoming: back.clone(), outgoing: there.clone() }, End { incoming: there, outgoing: back })
}

/// One end of a wire.
#[derive(Debug)]
pub struct End {
    incoming: Arc<Mutex<Lane>>,
    outgoing: Arc<Mutex<Lane>>,
}

/// One direction.
#[derive(Debug)]
struct Lane {
    bytes: VecDeque<u8>,
    capacity: usize,
    events: VecDeque<Event>,
    /// Until when nothing arrives, and nothing is taken.
    delay: Option<Pin<Box<Sleep>>>,
    stall: Option<Pin<Box<Sleep>>>,
    /// Whether the last write was cut short.
    was_short: bool,
    has_ended: bool,
    is_refused: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Lane {
    fn new(capacity: usize, events: &[Event]) -> Self {
        Self {
            bytes: VecDeque::new(),
            capacity,
            events: events.iter().copied().collect(),
            delay: None,
            stall: None,
            was_short: false,
            has_ended: false,
            is_refused: false,
            reader: None,
            writer: None,
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let Some(Event::Delay(time)) = self.next(|event| matches!(event, Event::Delay(_))) {
            self.delay = Some(Box::pin(sleep(time)));
        }
        ready!(wait(&mut self.delay, cx));
        if self.bytes.is_empty() && !self.has_ended {
            self.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let mut most = self.bytes.len().min(buf.remaining());
        if most > 0 {
            if let Some(Event::Cut(cut)) = self.next(|event| matches!(event, Event::Cut(_))) {
                most = most.min(cut);
            }
        }
        for byte in self.bytes.drain(..most) {
            buf.put_slice(&[byte]);
        }
        wake(&mut self.writer);
        Poll::Ready(Ok(()))
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_refused {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if std::mem::take(&mut self.was_short) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let Some(Event::Stall(time)) = self.next(|event| matches!(event, Event::Stall(_))) {
            self.stall = Some(Box::pin(sleep(time)));
        }
        ready!(wait(&mut self.stall, cx));
        let mut most = (self.capacity - self.bytes.len()).min(bytes.len());
        if most == 0 {
            self.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        if let Some(Event::Short(short)) = self.next(|event| matches!(event, Event::Short(_))) {
            most = most.min(short);
            self.was_short = true;
        }
        self.bytes.extend(&bytes[..most]);
        wake(&mut self.reader);
        Poll::Ready(Ok(most))
    }

    /// Takes the next event if it is one of these.
    fn next(&mut self, is_meant: fn(&Event) -> bool) -> Option<Event> {
        let is_next = self.events.front().is_some_and(is_meant);
        if is_next { self.events.pop_front() } else { None }
    }

    fn end(&mut self) {
        self.has_ended = true;
        wake(&mut self.reader);
    }
}

fn wait(pause: &mut Option<Pin<Box<Sleep>>>, cx: &mut Context<'_>) -> Poll<()> {
    if let Some(sleep) = pause {
        ready!(sleep.as_mut().poll(cx));
        *pause = None;
    }
    Poll::Ready(())
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

fn lock(lane: &Mutex<Lane>) -> MutexGuard<'_, Lane> {
    lane.lock().unwrap_or_else(PoisonError::into_inner)
}

impl AsyncRead for End {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        lock(&self.incoming).poll_read(cx, buf)
    }
}

impl AsyncWrite for End {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        lock(&self.outgoing).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        lock(&self.outgoing).end();
        Poll::Ready(Ok(()))
    }
}

impl Drop for End {
    fn drop(&mut self) {
        lock(&self.outgoing).end();
        let mut incoming = lock(&self.incoming);
        incoming.is_refused = true;
        wake(&mut incoming.writer);
    }
}
