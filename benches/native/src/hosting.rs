//! One workload with one library as the server; the clients are made by the load generator.

use std::mem;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use futures::future::try_join;
use tokio::{net::TcpListener, task::yield_now};

use crate::{
    clients::{Host, Target},
    exchange::{Job, MOST_OPENED, SPARE_FILES, payloads, target},
    heap,
    measure::{Stopwatch, file_limit, resident},
    orders::{Generator, HOST, Order},
    summary::Summary,
    workloads::{Memory, SMALL, Task, WINDOW, Workload},
};

/// Runs the workload with this library.
pub(crate) async fn host<H: Host>(job: Job, task: Task) -> Result<Summary> {
    let place = Place::new(&job).await?;
    match task {
        Task::Accept => accept::<H>(place, &job).await,
        Task::Idle => idle::<H>(place, &job).await,
        Task::Broadcast { clients, .. } => serve::<H>(place, &job, task, clients).await,
        _ => serve::<H>(place, &job, task, 1).await,
    }
}

/// Where connections come in, and from where.
struct Place {
    listener: TcpListener,
    generator: Generator,
    target: Target,
}

impl Place {
    async fn new(job: &Job) -> Result<Self> {
        let listener = TcpListener::bind((HOST, 0)).await?;
        Ok(Self { listener, generator: Generator::connect(job.server.load).await?, target: target(job)? })
    }

    /// Has so many connections opened, each taken before the next one comes.
    async fn fill<H: Host>(&mut self, count: u64, hosts: &mut Vec<H>) -> Result<()> {
        let port = self.listener.local_addr()?.port();
        self.generator.order(&Order::Open { port, count, path: self.target.path.clone() }).await?;
        let accepting = async {
            for _ in 0..count {
                let (stream, _) = self.listener.accept().await?;
                stream.set_nodelay(true)?;
                hosts.push(H::accept(stream, &self.target).await?);
            }
            Ok(())
        };
        try_join(accepting, self.generator.done()).await.map(|_| ())
    }
}

async fn serve<H: Host>(mut place: Place, job: &Job, task: Task, clients: u64) -> Result<Summary> {
    let mut hosts = Vec::<H>::new();
    place.fill(clients, &mut hosts).await?;
    let batch = job.workload.batch;
    let mut service = Service { task, hosts, generator: place.generator, payloads: payloads(job.workload) };
    service.batch(batch).await?;
    let (mut summary, mut watch) = (Summary { all: batch, ..Summary::default() }, Stopwatch::new());
    while summary.messages == 0 || watch.spent().wall < job.time {
        watch.start()?;
        service.batch(batch).await?;
        watch.stop()?;
        summary.messages += batch;
    }
    summary.spent = watch.spent();
    summary.all += summary.messages;
    Ok(summary)
}

/// A server at work.
struct Service<H> {
    task: Task,
    hosts: Vec<H>,
    generator: Generator,
    /// What is sent, in turn.
    payloads: Vec<Bytes>,
}

impl<H: Host> Service<H> {
    async fn batch(&mut self, count: u64) -> Result<()> {
        let Task::Broadcast { clients, row, .. } = self.task else { return self.piece(count).await };
        for _ in 0..count / (clients * row) {
            self.piece(clients * row).await?;
        }
        Ok(())
    }

    /// What the load generator is told about at once.
    async fn piece(&mut self, count: u64) -> Result<()> {
        let order = match self.task {
            Task::Echo { size, window } => Order::Echo { size, count, window },
            Task::EchoFeed { size } => Order::Echo { size, count, window: WINDOW as u32 },
            Task::Receive { size } => Order::Send { size, count },
            Task::Send { .. } => Order::Swallow { count },
            Task::Broadcast { clients, .. } => Order::Swallow { count: count / clients },
            Task::Accept | Task::Idle => return Ok(()),
        };
        self.generator.order(&order).await?;
        self.work(count).await?;
        self.generator.done().await
    }

    async fn work(&mut self, count: u64) -> Result<()> {
        let host = &mut self.hosts[0];
        match self.task {
            Task::Echo { .. } => {
                for _ in 0..count {
                    host.send_back().await?;
                }
            }
            Task::EchoFeed { .. } => {
                for _ in 0..count / WINDOW {
                    for _ in 0..WINDOW {
                        host.feed_back().await?;
                    }
                    host.flush().await?;
                }
            }
            Task::Receive { .. } => {
                for _ in 0..count {
                    host.receive().await?;
                }
            }
            Task::Send { .. } => {
                for payload in self.payloads.iter().cycle().take(count as usize) {
                    host.send(payload).await?;
                }
            }
            Task::Broadcast { clients, .. } => {
                for payload in self.payloads.iter().cycle().take((count / clients) as usize) {
                    H::broadcast(&mut self.hosts, payload).await?;
                }
            }
            Task::Accept | Task::Idle => {}
        }
        Ok(())
    }
}

/// Takes connections, one after the other. They stay open, so that no close is measured.
async fn accept<H: Host>(mut place: Place, job: &Job) -> Result<Summary> {
    let batch = job.workload.batch;
    let most = (MOST_OPENED as u64).min(file_limit().saturating_sub(SPARE_FILES));
    let mut hosts = Vec::<H>::with_capacity(MOST_OPENED);
    place.fill(batch, &mut hosts).await?;
    let (mut summary, mut watch) = (Summary::default(), Stopwatch::new());
    while summary.messages == 0 || watch.spent().wall < job.time && hosts.len() as u64 + batch <= most {
        watch.start()?;
        place.fill(batch, &mut hosts).await?;
        watch.stop()?;
        summary.messages += batch;
    }
    summary.spent = watch.spent();
    summary.all = hosts.len() as u64;
    Ok(summary)
}

/// Takes connections and leaves each to a task that gives messages back; then one message comes on each of them, again and again.
async fn idle<H: Host>(mut place: Place, job: &Job) -> Result<Summary> {
    let Workload { batch, memory, .. } = *job.workload;
    let count = batch.min(file_limit().saturating_sub(SPARE_FILES + WARM_UP));
    if count < batch {
        eprintln!("only {count} connections: the limit of open files is {}", file_limit());
    }
    let mut hosts = Vec::<H>::new();
    place.fill(WARM_UP, &mut hosts).await?;
    settle(mem::take(&mut hosts), &mut place.generator).await?;
    let before = in_use(memory)?;
    for _ in 0..count / PIECE {
        place.fill(PIECE, &mut hosts).await?;
        settle(mem::take(&mut hosts), &mut place.generator).await?;
    }
    let count = count / PIECE * PIECE;
    let each = (in_use(memory)? as f64 - before as f64) / count as f64;
    let count = count + WARM_UP;
    let (mut summary, mut watch) = (Summary { all: 2 * count, ..Summary::default() }, Stopwatch::new());
    while summary.messages == 0 || watch.spent().wall < job.time {
        watch.start()?;
        touch(&mut place.generator).await?;
        watch.stop()?;
        summary.messages += count;
    }
    summary.spent = watch.spent();
    summary.all += summary.messages;
    summary.memory = Some(each);
    Ok(summary)
}

/// Leaves connections to tasks, uses all of them once and waits until whatever had to be tidied up has been.
async fn settle<H: Host>(hosts: Vec<H>, generator: &mut Generator) -> Result<()> {
    for mut host in hosts {
        tokio::spawn(async move { while host.send_back().await.is_ok() {} });
    }
    touch(generator).await?;
    for _ in 0..WARM_UP {
        yield_now().await;
    }
    Ok(())
}

async fn touch(generator: &mut Generator) -> Result<()> {
    generator.order(&Order::Touch { size: SMALL }).await?;
    generator.done().await.context("a message for each connection")
}

fn in_use(memory: Memory) -> Result<u64> {
    Ok(if memory == Memory::Live { heap::usage().live } else { resident()?.0 })
}

const WARM_UP: u64 = 64;
/// How many connections are opened before they are used.
const PIECE: u64 = 500;
