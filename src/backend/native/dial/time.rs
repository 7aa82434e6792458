//! How long the stages of connecting may take.

use std::{fmt, future::Future, net::SocketAddr, time::Duration};

use futures::FutureExt as _;
use tokio::time::{Instant, timeout_at};

use crate::{
    backend::native::{clock::later, trace::staged},
    error::{Error, ErrorKind, Result},
};

/// The end of all of connecting, if it has one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    pub(crate) fn new(timeout: Option<Duration>) -> Self {
        Self(timeout.map(after))
    }

    /// The end of what starts now: after `timeout`, or when all of connecting has to end.
    pub(super) fn within(self, timeout: Duration) -> Instant {
        let own = after(timeout);
        self.0.map_or(own, |all| all.min(own))
    }

    /// The same, but not after `end`.
    pub(crate) fn no_later_than(self, end: Instant) -> Self {
        Self(Some(self.0.map_or(end, |all| all.min(end))))
    }

    /// Whether nothing more may be tried.
    pub(super) fn has_passed(self) -> bool {
        self.0.is_some_and(|all| all <= Instant::now())
    }
}

/// What connecting waits for.
#[derive(Clone, Copy)]
pub(crate) enum Stage<'a> {
    /// The trust store, and what the program adds to it.
    TlsSettings,
    /// The connection that another socket makes.
    #[cfg(feature = "http2")]
    Share,
    /// The addresses of this name.
    Lookup(&'a str),
    Tcp(SocketAddr),
    /// The dialer of the program, and the host that it is to connect to.
    Dialer(&'a str),
    TlsToProxy,
    Tunnel,
    Tls,
    Validation,
    Handshake,
    /// The request of a client.
    Request,
    /// What a server answers to it.
    Decision,
}

impl Stage<'_> {
    /// Gives `work` up at `end`, with an error that names the stage.
    ///
    /// This is no `async fn`: that would hold the work twice, as its argument and inside of the timeout.
    pub(crate) fn until<T>(
        self,
        end: Instant,
        work: impl Future<Output = Result<T>>,
    ) -> impl Future<Output = Result<T>> {
        staged(self, timeout_at(end, work).map(move |in_time| in_time.unwrap_or_else(|_| Err(self.took_too_long()))))
    }

    fn took_too_long(self) -> Error {
        Error::new(ErrorKind::Timeout, format!("{self} took too long"))
    }
}

impl fmt::Display for Stage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TlsSettings => f.write_str("reading the trusted authorities"),
            #[cfg(feature = "http2")]
            Self::Share => f.write_str("the connection that another socket makes for both"),
            Self::Lookup(name) => write!(f, "looking up {name}"),
            Self::Tcp(remote) => write!(f, "connecting to {remote} by TCP"),
            Self::Dialer(name) => write!(f, "the program's dialer to {name}"),
            Self::TlsToProxy => f.write_str("the TLS handshake with the proxy"),
            Self::Tunnel => f.write_str("the way through the proxy"),
            Self::Tls => f.write_str("the TLS handshake"),
            Self::Validation => f.write_str("the program's own validation of the server"),
            Self::Handshake => f.write_str("the opening handshake"),
            Self::Request => f.write_str("the client's request"),
            Self::Decision => f.write_str("the decision about the client's request"),
        }
    }
}

/// The moment when `duration` has passed; a duration that no clock can count to means never.
pub(crate) fn after(duration: Duration) -> Instant {
    later(Instant::now(), duration)
}
