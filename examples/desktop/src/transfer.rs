//! A file to an echo server and back, over a `StreamWebSocket`: both ways at once, hashed on either, and cancelled at any time.

mod source;

pub use source::Source;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sha2::{Digest, Sha256, digest::Output};
use tokio::{io::AsyncWriteExt, runtime::Handle, select, sync::oneshot, try_join};
use websocket_anywhere::{CloseCode, InputStream, OutputStream, StreamWebSocket};

use crate::{Wake, explained, rates::Rates};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// One transfer after the other.
pub struct Transfer {
    runtime: Handle,
    wake: Wake,
    progress: Shared,
    cancel: Option<oneshot::Sender<()>>,
}

/// Where a transfer stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// None was started.
    #[default]
    Idle,
    /// A connection is being made.
    Connecting,
    /// Bytes are on their way.
    Running,
    /// All came back.
    Done {
        /// SHA-256 of what was sent.
        sent: String,
        /// SHA-256 of what came back.
        returned: String,
    },
    /// Somebody cancelled it.
    Cancelled,
    /// It failed, for this reason.
    Failed(String),
}

impl Phase {
    /// Whether a transfer is under way.
    pub fn is_active(&self) -> bool {
        matches!(self, Self::Connecting | Self::Running)
    }
}

/// How far a transfer is.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Where it stands.
    pub phase: Phase,
    /// What is sent.
    pub name: String,
    /// Bytes to send.
    pub total: u64,
    /// Bytes handed to the socket.
    pub sent: u64,
    /// Bytes that came back.
    pub returned: u64,
    /// Bytes a second that came back, over time.
    pub rates: Rates,
    started: Option<Instant>,
    took: Option<Duration>,
}

impl Progress {
    /// How long it has taken, without connecting.
    pub fn elapsed(&self) -> Duration {
        self.took.or_else(|| self.started.map(|started| started.elapsed())).unwrap_or_default()
    }

    /// Bytes a second that came back, over all of it.
    pub fn rate(&self) -> f64 {
        let seconds = self.elapsed().as_secs_f64();
        if seconds > 0.0 { self.returned as f64 / seconds } else { 0.0 }
    }

    /// How much of it came back, from 0 to 1.
    pub fn fraction(&self) -> f32 {
        if self.total > 0 { (self.returned as f64 / self.total as f64) as f32 } else { 0.0 }
    }
}

impl Transfer {
    /// No transfer yet.
    pub fn new(runtime: Handle, wake: Wake) -> Self {
        Self { runtime, wake, progress: Shared::default(), cancel: None }
    }

    /// How far it is; the background waits as long as this is held.
    pub fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock()
    }

    /// Starts a transfer, in the background. One that is under way is cancelled.
    pub fn start(&mut self, url: &str, source: Source) {
        self.cancel();
        let name = source.to_string();
        // What is left of the transfer before has the old one.
        self.progress =
            Shared(Arc::new(Mutex::new(Progress { phase: Phase::Connecting, name, ..Progress::default() })));
        let (cancel, cancelled) = oneshot::channel();
        self.cancel = Some(cancel);
        let (url, progress, wake) = (url.to_owned(), self.progress.clone(), self.wake.clone());
        self.runtime.spawn(async move {
            transfer(&url, source, &progress, &wake, cancelled).await;
            wake();
        });
    }

    /// Cancels the transfer that is under way. The server is told by a close code.
    pub fn cancel(&mut self) {
        if let Some(cancel) = self.cancel.take() {
            // Who has ended does not listen.
            let _ = cancel.send(());
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Shared(Arc<Mutex<Progress>>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, phase: Phase) {
        let mut progress = self.lock();
        progress.took = Some(progress.elapsed());
        progress.phase = phase;
    }
}

/// Until it has ended, or `cancelled` tells or is dropped.
async fn transfer(url: &str, source: Source, progress: &Shared, wake: &Wake, mut cancelled: oneshot::Receiver<()>) {
    let opened = async {
        let opened = source.open().await?;
        Ok((opened, StreamWebSocket::connect(url).await?))
    };
    let opened: Result<_> = select! {
        opened = opened => opened,
        _ = &mut cancelled => return progress.end(Phase::Cancelled),
    };
    let (mut file, stream) = match opened {
        Ok(opened) => opened,
        Err(error) => return progress.end(Phase::Failed(explained(&*error))),
    };
    {
        let mut progress = progress.lock();
        progress.phase = Phase::Running;
        progress.total = file.size();
        progress.started = Some(Instant::now());
    }
    wake();
    let (mut input, mut output) = stream.split();
    let hashes = select! {
        hashes = exchange(&mut file, &mut input, &mut output, progress) => Some(hashes),
        _ = &mut cancelled => None,
    };
    let (phase, code, reason) = match hashes {
        Some(Ok((sent, returned))) => {
            let phase = Phase::Done { sent: format!("{sent:x}"), returned: format!("{returned:x}") };
            (phase, CloseCode::NORMAL, "done")
        }
        Some(Err(error)) => (Phase::Failed(explained(&*error)), CloseCode::from(FAILED), "failed"),
        None => (Phase::Cancelled, CloseCode::from(CANCELLED), "cancelled"),
    };
    progress.end(phase);
    wake();
    // What the transfer was for is settled. A connection that is gone needs no Close.
    let _ = output.close(code, reason).await;
}

type Hash = Output<Sha256>;

/// Sends all of it while it comes back: an echo that nobody reads would stop taking.
async fn exchange(
    file: &mut source::Opened,
    input: &mut InputStream,
    output: &mut OutputStream,
    progress: &Shared,
) -> Result<(Hash, Hash)> {
    let size = file.size();
    try_join!(send(file, output, progress), receive(size, input, progress))
}

async fn send(file: &mut source::Opened, output: &mut OutputStream, progress: &Shared) -> Result<Hash> {
    let mut hash = Sha256::new();
    let mut bytes = vec![0; CHUNK];
    let mut left = file.size();
    while left > 0 {
        let amount = file.read(&mut bytes).await?;
        if amount == 0 {
            return Err(format!("the file has become shorter: {left} bytes are missing").into());
        }
        hash.update(&bytes[..amount]);
        output.write_all(&bytes[..amount]).await?;
        left -= amount as u64;
        progress.lock().sent += amount as u64;
    }
    output.flush().await?;
    Ok(hash.finalize())
}

async fn receive(size: u64, input: &mut InputStream, progress: &Shared) -> Result<Hash> {
    let mut hash = Sha256::new();
    let mut left = size;
    while left > 0 {
        let Some(chunk) = input.read_chunk().await? else {
            let closed = input.closed().map_or_else(String::new, |closed| format!(" ({closed})"));
            return Err(format!("the server closed{closed} and kept {left} bytes").into());
        };
        left = left.checked_sub(chunk.len() as u64).ok_or("the server sends more than it got")?;
        hash.update(&chunk);
        let mut progress = progress.lock();
        progress.returned += chunk.len() as u64;
        let returned = progress.returned;
        progress.rates.note(Instant::now(), returned);
    }
    Ok(hash.finalize())
}

const CHUNK: usize = 64 * 1024;
/// Codes that programs may give a meaning (RFC 6455 section 7.4.2).
const CANCELLED: u16 = 4001;
const FAILED: u16 = 4002;
