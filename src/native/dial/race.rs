//! The addresses of a host, tried as RFC 8305 has it: staggered, both families by turns, the first to connect wins.

use std::{collections::VecDeque, future::Future, net::SocketAddr, time::Duration};

use futures::{StreamExt as _, stream::FuturesUnordered};
use tokio::time::timeout;

use crate::error::Result;

/// The addresses of a host that have not failed yet, the best one first.
#[derive(Debug)]
pub(super) struct Addresses(VecDeque<SocketAddr>);

impl Addresses {
    /// The first `MAX_ADDRESSES` in the order in which they are tried: the resolver's, with the families by turns (section
    /// 4). The resolver sorts by RFC 6724, so its first address decides which family is first.
    pub(super) fn new(resolved: impl IntoIterator<Item = SocketAddr>) -> Self {
        let mut unique = Vec::new();
        for address in resolved {
            if !unique.contains(&address) {
                unique.push(address);
            }
        }
        let first_is_ipv6 = unique.first().is_some_and(SocketAddr::is_ipv6);
        let (first, second): (Vec<_>, Vec<_>) =
            unique.into_iter().partition(|address: &SocketAddr| address.is_ipv6() == first_is_ipv6);
        let count = first.len() + second.len();
        let (mut first, mut second) = (first.into_iter(), second.into_iter());
        let mut turns = VecDeque::new();
        while turns.len() < count {
            turns.extend(first.next());
            turns.extend(second.next());
        }
        turns.truncate(MAX_ADDRESSES);
        Self(turns)
    }

    /// Connects to the first address that lets itself be connected to, and takes it and those that failed before off the
    /// list. Whoever was slower is given up and stays on it, in case the winner turns out to be of no use.
    ///
    /// An attempt starts when the one before it has failed, or has lasted for 250 ms (section 5). If all fail, the last error
    /// is given; `None` if there is no address.
    pub(super) async fn race<T, F>(&mut self, connect: impl Fn(SocketAddr) -> F) -> Option<Result<T>>
    where
        F: Future<Output = Result<T>>,
    {
        let attempt = |address| {
            let connecting = connect(address);
            async move { (address, connecting.await) }
        };
        let mut waiting = self.0.clone();
        let mut running = FuturesUnordered::new();
        while !self.0.is_empty() {
            running.extend(waiting.pop_front().map(attempt));
            let finished = match waiting.is_empty() {
                true => running.next().await,
                false => timeout(ATTEMPT_DELAY, running.next()).await.unwrap_or_default(),
            };
            let Some((address, result)) = finished else { continue };
            self.0.retain(|other| *other != address);
            if result.is_ok() || self.0.is_empty() {
                return Some(result);
            }
        }
        None
    }
}

impl IntoIterator for Addresses {
    type Item = SocketAddr;
    type IntoIter = std::collections::vec_deque::IntoIter<SocketAddr>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// How many addresses of a host are tried (UWP: 5).
const MAX_ADDRESSES: usize = 5;

/// Connection Attempt Delay (section 8).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);
