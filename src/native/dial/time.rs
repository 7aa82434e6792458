//! How long the stages of connecting may take.

use std::{future::Future, time::Duration};

use tokio::time::{Instant, timeout_at};

use crate::error::{Error, ErrorKind, Result};

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

    /// Whether nothing more may be tried.
    pub(super) fn has_passed(self) -> bool {
        self.0.is_some_and(|all| all <= Instant::now())
    }
}

/// Gives a stage of connecting up at `end`, with an error that names it.
pub(super) async fn stage<T>(end: Instant, name: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
    let late = |_| Error::new(ErrorKind::Timeout, format!("{name} took too long"));
    timeout_at(end, work).await.map_err(late)?
}

/// The moment when `duration` has passed; a duration that no clock can count to means never.
pub(crate) fn after(duration: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(duration).unwrap_or(now + FAR_FUTURE)
}

const FAR_FUTURE: Duration = Duration::from_secs(30 * 365 * 24 * 3600);
