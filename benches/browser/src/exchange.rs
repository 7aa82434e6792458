//! One workload with one client.

use std::{cell::RefCell, fmt, rc::Rc};

use bytes::Bytes;
use futures::future::LocalBoxFuture;

use crate::{Result, clients::Client};

/// What a client does.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Receives messages that it has asked for.
    Receive,
    /// Sends messages one by one, and waits until all have arrived.
    Send,
    /// Sends one message to an echo and waits for it.
    Ping,
    /// Has up to a window of messages on the way to an echo and back.
    Echo,
}

/// A workload.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    kind: Kind,
    payload: Payload,
}

/// What is sent, and how long it is when it is received.
#[derive(Clone, Debug)]
enum Payload {
    Binary(Bytes),
    Text(String),
}

impl Job {
    pub(crate) fn new(kind: &str, size: usize, text: bool) -> Result<Self> {
        let kind = match kind {
            "receive" => Kind::Receive,
            "send" => Kind::Send,
            "ping" => Kind::Ping,
            "echo" => Kind::Echo,
            other => return Err(format!("there is no workload {other}").into()),
        };
        let payload = if text { Payload::Text("x".repeat(size)) } else { Payload::Binary(vec![7; size].into()) };
        Ok(Self { kind, payload })
    }
}

/// A client that is used by one batch at a time.
pub(crate) type Shared = Rc<RefCell<Box<dyn Work>>>;

/// Does the work for so many messages.
#[allow(
    clippy::await_holding_refcell_ref,
    reason = "the page runs one batch after the other; two at once are an error"
)]
pub(crate) fn batch(shared: &Shared, count: u32) -> impl Future<Output = Result<()>> + use<> {
    let shared = Rc::clone(shared);
    async move { shared.try_borrow_mut()?.batch(count).await }
}

/// A client with its workload, of whatever type.
pub(crate) trait Work: fmt::Debug {
    fn batch(&mut self, count: u32) -> LocalBoxFuture<'_, Result<()>>;
}

/// A client with its workload.
pub(crate) struct Worker<C> {
    client: C,
    job: Job,
}

impl<C: Client + 'static> Worker<C> {
    pub(crate) async fn connect(url: String, job: Job) -> Result<Shared> {
        let worker = Self { client: C::connect(&url).await?, job };
        Ok(Rc::new(RefCell::new(Box::new(worker))))
    }

    async fn run(&mut self, count: u32) -> Result<()> {
        match self.job.kind {
            Kind::Receive => self.receive(count).await,
            Kind::Send => self.send(count).await,
            Kind::Ping => self.echo(count, 1).await,
            Kind::Echo => self.echo(count, WINDOW).await,
        }
    }

    async fn receive(&mut self, count: u32) -> Result<()> {
        let request = Bytes::copy_from_slice(&u64::from(count).to_be_bytes());
        self.client.send_bytes(&request).await?;
        for _ in 0..count {
            self.receive_one().await?;
        }
        Ok(())
    }

    async fn send(&mut self, count: u32) -> Result<()> {
        for _ in 0..count {
            self.send_one().await?;
        }
        // The answer to a message of one byte says that all has arrived.
        self.client.send_bytes(&Bytes::from_static(&[0])).await?;
        expect(self.client.receive().await?, 1)
    }

    async fn echo(&mut self, count: u32, window: u32) -> Result<()> {
        for _ in 0..count.min(window) {
            self.send_one().await?;
        }
        for number in 1..=count {
            self.receive_one().await?;
            if number + window <= count {
                self.send_one().await?;
            }
        }
        Ok(())
    }

    async fn send_one(&mut self) -> Result<()> {
        match &self.job.payload {
            Payload::Binary(bytes) => self.client.send_bytes(bytes).await,
            Payload::Text(text) => self.client.send_text(text).await,
        }
    }

    async fn receive_one(&mut self) -> Result<()> {
        let expected = match &self.job.payload {
            Payload::Binary(bytes) => bytes.len(),
            Payload::Text(text) => text.len(),
        };
        expect(self.client.receive().await?, expected)
    }
}

impl<C: Client + 'static> Work for Worker<C> {
    fn batch(&mut self, count: u32) -> LocalBoxFuture<'_, Result<()>> {
        Box::pin(self.run(count))
    }
}

impl<C> fmt::Debug for Worker<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("job", &self.job.kind).finish_non_exhaustive()
    }
}

fn expect(length: usize, expected: usize) -> Result<()> {
    if length == expected { Ok(()) } else { Err(format!("{length} bytes came instead of {expected}").into()) }
}

/// How many messages are on the way at once.
const WINDOW: u32 = 256;
