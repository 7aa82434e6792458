//! One workload with one client.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use futures::future::try_join_all;
use tokio::{runtime, sync::mpsc, task::yield_now, time::timeout};
use websocket_anywhere::{Compression, Control, HttpVersion, ServerControl, SharedConnections};

use crate::{
    clients::{Client, Peer, Target},
    dial::shared_config,
    endpoints::Endpoints,
    heap, json,
    measure::{Stopwatch, file_limit, pin, raise_file_limit, resident},
    summary::Summary,
    wire::message_len,
    workloads::{CHUNK, Deflate, Http, Kind, Memory, SMALL, Security, Task, WINDOW, Workload},
};

/// What is to be done.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) workload: &'static Workload,
    pub(crate) server: Arc<Endpoints>,
    /// How long to measure at least.
    pub(crate) time: Duration,
}

/// Runs the workload in a task of its own, on a core of its own.
pub(crate) fn run(peer: Peer, job: Job) -> Result<Summary> {
    pin(CORE)?;
    raise_file_limit()?;
    if matches!(job.workload.memory, Memory::Allocations | Memory::Live) {
        heap::count();
    }
    let mut builder = match job.workload.kind {
        Kind::PingPong { threads: true } => runtime::Builder::new_multi_thread(),
        _ => runtime::Builder::new_current_thread(),
    };
    let runtime = builder.worker_threads(WORKERS).enable_all().build()?;
    runtime.block_on(async {
        let task = tokio::spawn(timeout(PATIENCE, peer.measure(job)));
        task.await?.context("it takes too long")?
    })
}

/// Runs the workload with this type of client.
pub(crate) async fn measure<C: Client>(job: Job) -> Result<Summary> {
    match job.workload.kind {
        Kind::Connect => connect::<C>(job).await,
        Kind::Open => open::<C>(job).await,
        Kind::Idle => idle::<C>(job).await,
        Kind::Host(_) => bail!("that is for a server"),
        _ => exchange::<C>(job).await,
    }
}

async fn exchange<C: Client>(job: Job) -> Result<Summary> {
    let Workload { kind, batch, memory, .. } = *job.workload;
    let (resident_before, _) = resident()?;
    let mut session = Session { client: C::connect(&target(&job)?).await?, kind, payloads: payloads(job.workload) };
    let (mut summary, mut watch) = (Summary::default(), Stopwatch::new());
    // Memory is at its highest the first time.
    if memory != Memory::Resident {
        session.batch(batch).await?;
        summary.all += batch;
    }
    let allocations = heap::usage().allocations;
    while summary.messages == 0 || watch.spent().wall < job.time {
        watch.start()?;
        session.batch(batch).await?;
        watch.stop()?;
        summary.messages += batch;
    }
    summary.spent = watch.spent();
    summary.all += summary.messages;
    summary.memory = match memory {
        Memory::Allocations => Some((heap::usage().allocations - allocations) as f64 / summary.messages as f64),
        Memory::Resident => Some(resident()?.1.saturating_sub(resident_before) as f64),
        Memory::Live | Memory::ResidentEach | Memory::None => None,
    };
    Ok(summary)
}

/// A client at work.
#[derive(Debug)]
struct Session<C> {
    client: C,
    kind: Kind,
    /// What is sent, in turn.
    payloads: Vec<Bytes>,
}

impl<C: Client> Session<C> {
    async fn batch(&mut self, count: u64) -> Result<()> {
        match self.kind {
            Kind::Send { .. } | Kind::StreamSend => self.send(count).await,
            Kind::Receive { size, .. } => {
                self.request(count).await?;
                self.receive(count, size).await
            }
            Kind::StreamReceive { frame } => self.receive_stream(count, frame).await,
            Kind::EchoSend => self.echo_send(count).await,
            Kind::EchoFeed => self.echo_feed(count).await,
            Kind::PingPong { .. } => self.ping_pong(count).await,
            Kind::Connect | Kind::Open | Kind::Idle | Kind::Host(_) => Ok(()),
        }
    }

    /// Sends, and waits until all has arrived: the answer to a message of one byte says so.
    async fn send(&mut self, count: u64) -> Result<()> {
        for payload in self.payloads.iter().cycle().take(count as usize) {
            self.client.send(payload).await?;
        }
        self.client.send(&Bytes::from_static(&[0])).await?;
        self.client.flush().await?;
        self.receive(1, 1).await
    }

    async fn request(&mut self, count: u64) -> Result<()> {
        self.client.send(&Bytes::copy_from_slice(&count.to_be_bytes())).await?;
        self.client.flush().await
    }

    async fn receive(&mut self, count: u64, size: usize) -> Result<()> {
        for _ in 0..count {
            let len = self.client.receive().await?;
            ensure!(len == size, "a message of {len} bytes came instead of {size}");
        }
        Ok(())
    }

    async fn receive_stream(&mut self, count: u64, frame: usize) -> Result<()> {
        self.request(count).await?;
        let mut missing = count * frame as u64;
        while missing > 0 {
            let len = self.client.receive().await? as u64;
            missing = missing.checked_sub(len).context("more bytes came than were asked for")?;
        }
        Ok(())
    }

    async fn echo_send(&mut self, count: u64) -> Result<()> {
        for _ in 0..count / WINDOW {
            for _ in 0..WINDOW {
                self.client.send(&self.payloads[0]).await?;
            }
            self.receive(WINDOW, SMALL).await?;
        }
        Ok(())
    }

    async fn echo_feed(&mut self, count: u64) -> Result<()> {
        for _ in 0..count / WINDOW {
            for _ in 0..WINDOW {
                self.client.feed(&self.payloads[0]).await?;
            }
            self.client.flush().await?;
            self.receive(WINDOW, SMALL).await?;
        }
        Ok(())
    }

    async fn ping_pong(&mut self, count: u64) -> Result<()> {
        for _ in 0..count {
            self.client.send(&self.payloads[0]).await?;
            self.receive(1, SMALL).await?;
        }
        Ok(())
    }
}

/// Opens connections, one after the other. They stay open, so that no close is measured.
async fn connect<C: Client>(job: Job) -> Result<Summary> {
    let target = target(&job)?;
    let most = (MOST_OPENED as u64).min(file_limit().saturating_sub(SPARE_FILES));
    let mut open = Vec::with_capacity(MOST_OPENED);
    for _ in 0..WARM_UP {
        open.push(C::connect(&target).await?);
    }
    let (mut summary, mut watch) = (Summary::default(), Stopwatch::new());
    while summary.messages == 0 || watch.spent().wall < job.time && open.len() as u64 + job.workload.batch <= most {
        watch.start()?;
        for _ in 0..job.workload.batch {
            open.push(C::connect(&target).await?);
        }
        watch.stop()?;
        summary.messages += job.workload.batch;
    }
    summary.spent = watch.spent();
    summary.all = open.len() as u64;
    Ok(summary)
}

/// Opens batches of sockets, those of a batch at once. They stay open, so that no close is measured.
async fn open<C: Client>(job: Job) -> Result<Summary> {
    let batch = job.workload.batch;
    let most = (MOST_OPENED as u64).min(file_limit().saturating_sub(SPARE_FILES));
    let mut open = Vec::with_capacity(MOST_OPENED);
    let (mut summary, mut watch) = (Summary::default(), Stopwatch::new());
    while summary.messages == 0 || watch.spent().wall < job.time && open.len() as u64 + batch <= most {
        // With connections of its own to share; the first batch is a warm-up.
        let target = target(&job)?;
        let is_measured = !open.is_empty();
        if is_measured {
            watch.start()?;
        }
        open.extend(try_join_all((0..batch).map(|_| C::connect(&target))).await?);
        if is_measured {
            watch.stop()?;
            summary.messages += batch;
        }
    }
    summary.spent = watch.spent();
    summary.all = open.len() as u64;
    Ok(summary)
}

/// Opens connections, uses each once and leaves it to a task that waits for a message.
async fn idle<C: Client>(job: Job) -> Result<Summary> {
    let target = Arc::new(target(&job)?);
    let count = job.workload.batch.min(file_limit().saturating_sub(SPARE_FILES + WARM_UP));
    if count < job.workload.batch {
        eprintln!("only {count} connections: the limit of open files is {}", file_limit());
    }
    let mut summary = Summary { messages: count, all: count + WARM_UP, ..Summary::default() };
    let (ready, mut used) = mpsc::channel(1);
    let mut live = 0;
    let mut watch = Stopwatch::new();
    for at in 0..summary.all {
        if at == WARM_UP {
            live = heap::usage().live;
        }
        if at >= WARM_UP {
            watch.start()?;
        }
        tokio::spawn(stay::<C>(Arc::clone(&target), ready.clone()));
        used.recv().await.context("no connection is left")??;
        if at >= WARM_UP {
            watch.stop()?;
        }
    }
    summary.spent = watch.spent();
    // Whatever the last ones have to tidy up in tasks of their own.
    for _ in 0..WARM_UP {
        yield_now().await;
    }
    summary.memory = Some(heap::usage().live.wrapping_sub(live) as i64 as f64 / count as f64);
    Ok(summary)
}

async fn stay<C: Client>(target: Arc<Target>, ready: mpsc::Sender<Result<()>>) {
    // In a box of its own, so that what connecting needs does not stay with the task.
    let used = Box::pin(use_once::<C>(&target)).await;
    drop(target);
    let (client, result) = match used {
        Ok(client) => (Some(client), Ok(())),
        Err(error) => (None, Err(error)),
    };
    let _ = ready.try_send(result);
    drop(ready);
    if let Some(mut client) = client {
        let _ = client.receive().await;
    }
}

async fn use_once<C: Client>(target: &Target) -> Result<C> {
    let kind = Kind::PingPong { threads: false };
    let mut session = Session { client: C::connect(target).await?, kind, payloads: vec![bytes(SMALL)] };
    session.batch(1).await?;
    Ok(session.client)
}

pub(crate) fn target(job: &Job) -> Result<Target> {
    let Workload { kind, security, deflate, http, .. } = *job.workload;
    let (size, fragments) = match kind {
        Kind::Receive { size, fragments, .. } => (size, fragments),
        Kind::StreamReceive { frame } => (frame, 1),
        Kind::EchoSend | Kind::EchoFeed | Kind::PingPong { .. } | Kind::Idle => (SMALL, 1),
        Kind::Send { .. } | Kind::StreamSend | Kind::Connect | Kind::Open => (1, 1),
        Kind::Host(task) => (task.received(), 1),
    };
    // Clients mask what a server gets.
    let key = if matches!(kind, Kind::Host(_)) { 4 } else { 0 };
    let path = job.workload.path();
    let Endpoints { plain, tls, full, http2, root, .. } = &*job.server;
    let (server, scheme) = match security {
        Security::None if http == Http::Two => (*http2, "ws"),
        Security::None => (*plain, "ws"),
        Security::Tls => (*tls, "wss"),
        Security::FullTls => (*full, "wss"),
    };
    let control = match security {
        Security::None => Control::new(),
        Security::Tls | Security::FullTls => Control::new().root_certificate(root),
    };
    let control = match http {
        Http::One => control,
        Http::Two => control.http_version(HttpVersion::Http2).shared_connections(&SharedConnections::new()),
    };
    let fresh = deflate == Deflate::Fresh;
    let compression =
        Compression::new().threshold(0).client_no_context_takeover(fresh).server_no_context_takeover(fresh);
    let control = if deflate == Deflate::Off { control } else { control.compression(compression) };
    let server_control = ServerControl::new().settings(control.clone());
    Ok(Target {
        server,
        url: format!("{scheme}://{server}{path}"),
        path,
        tls: shared_config(root)?,
        control,
        server_control,
        sockudo: Default::default(),
        size,
        wire: message_len(size as u64, fragments) as usize + key,
        has_small_messages: size.max(sent(kind)) <= SMALL_MESSAGE,
        deflate,
        is_batched: matches!(kind, Kind::EchoFeed | Kind::Host(Task::EchoFeed { .. })),
        is_secure: security != Security::None,
        is_tuned: !matches!(
            kind,
            Kind::Idle | Kind::Connect | Kind::Open | Kind::Host(Task::Accept | Task::Idle | Task::Broadcast { .. })
        ),
    })
}

/// How long a message is that is sent.
const fn sent(kind: Kind) -> usize {
    match kind {
        Kind::Send { size } => size,
        Kind::StreamSend => CHUNK,
        Kind::EchoSend | Kind::EchoFeed | Kind::PingPong { .. } | Kind::Idle => SMALL,
        Kind::Receive { .. } | Kind::StreamReceive { .. } | Kind::Connect | Kind::Open => 0,
        Kind::Host(task) => task.sent(),
    }
}

pub(crate) fn payloads(workload: &Workload) -> Vec<Bytes> {
    let size = sent(workload.kind);
    if workload.deflate == Deflate::Off || size == 0 {
        return vec![bytes(size)];
    }
    (0..json::variety(size)).map(|number| json::message(number, size).into()).collect()
}

fn bytes(size: usize) -> Bytes {
    (0..=u8::MAX).cycle().take(size).collect()
}

const CORE: usize = 0;
/// Threads of the multi_thread runtime.
const WORKERS: usize = 2;
const PATIENCE: Duration = Duration::from_secs(120);
const WARM_UP: u64 = 64;
pub(crate) const MOST_OPENED: usize = 4096;
/// Files that are open besides the connections.
pub(crate) const SPARE_FILES: u64 = 64;
const SMALL_MESSAGE: usize = 4096;
