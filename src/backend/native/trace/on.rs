//! Events and spans of `tracing`.

use std::{
    fmt::Display,
    future::Future,
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use futures::FutureExt as _;
use tracing::{Instrument as _, Span, debug, debug_span, warn};
use url::Url;

use crate::{
    backend::native::upgrade::Upgraded,
    close::Closed,
    error::{Error, ErrorKind, Result},
    protocol::CloseFrame,
};

/// One connection: its span, from the beginning of connecting on.
#[derive(Clone, Debug)]
pub(in crate::backend::native) struct Trace(Span);

impl Trace {
    pub(in crate::backend::native) fn client(url: &Url) -> Self {
        let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
        Self(debug_span!("connection", id = next(), role = "client", scheme = url.scheme(), host, port))
    }

    pub(in crate::backend::native) fn server(peer: Option<SocketAddr>) -> Self {
        let peer = peer.map(tracing::field::display);
        Self(debug_span!("connection", id = next(), role = "server", peer))
    }

    /// The same, or a new one if it is that of nobody.
    pub(in crate::backend::native) fn or_new(self, is_server: bool) -> Self {
        match self.0.is_none() {
            false => self,
            true if is_server => Self::server(None),
            true => Self(debug_span!("connection", id = next(), role = "client")),
        }
    }

    /// Lets what `work` tells be told of this connection.
    pub(in crate::backend::native) fn follow<F: Future>(&self, work: F) -> impl Future<Output = F::Output> + use<F> {
        work.instrument(self.0.clone())
    }

    pub(in crate::backend::native) fn connected(&self, upgraded: &Upgraded) {
        let Upgraded { protocol, extensions, round_trip, .. } = upgraded;
        let protocol = protocol.as_deref();
        self.0
            .in_scope(|| debug!(protocol, extensions, round_trip = round_trip.map(tracing::field::debug), "connected"));
    }

    pub(in crate::backend::native) fn refused(&self, error: &Error) {
        self.0.in_scope(|| debug!(kind = ?error.kind(), %error, "not connected"));
    }

    pub(in crate::backend::native) fn closing(&self, frame: Option<&CloseFrame>) {
        let code = frame.map(|frame| u16::from(frame.code));
        self.0.in_scope(|| debug!(code, "closing"));
    }

    pub(in crate::backend::native) fn ended(&self, end: impl FnOnce() -> Option<(Closed, Option<Error>)>) {
        let Some((closed, error)) = end() else { return };
        let (code, reason, was_clean) = (u16::from(closed.code()), closed.reason(), closed.was_clean());
        self.0.in_scope(|| match error {
            None => debug!(code, reason, was_clean, "closed"),
            Some(error) => match error.kind() {
                kind @ (ErrorKind::ConnectionAborted | ErrorKind::NoRuntime) => debug!(?kind, %error, "lost"),
                kind => warn!(?kind, %error, "failed"),
            },
        });
    }
}

/// That of nobody.
impl Default for Trace {
    fn default() -> Self {
        Self(Span::none())
    }
}

/// A stage of connecting, which begins now: how long it took, and what came of it.
pub(in crate::backend::native) fn staged<T, F: Future<Output = Result<T>>>(
    stage: impl Display,
    work: F,
) -> impl Future<Output = Result<T>> {
    let start = Instant::now();
    work.inspect(move |outcome| {
        let elapsed = start.elapsed();
        match outcome {
            Ok(_) => debug!(%stage, ?elapsed, "done"),
            Err(error) if error.kind() == ErrorKind::Timeout => warn!(%stage, ?elapsed, "took too long"),
            Err(error) => debug!(%stage, ?elapsed, kind = ?error.kind(), %error, "failed"),
        }
    })
}

/// A redirect is followed.
pub(in crate::backend::native) fn redirected(url: &Url) {
    debug!(scheme = url.scheme(), host = url.host_str(), port = url.port_or_known_default(), "redirected");
}

/// The number of a connection of this process.
fn next() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}
