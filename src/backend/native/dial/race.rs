//! The addresses of a host, tried as RFC 8305 has it: staggered, both families by turns, the first to connect wins.

use std::{
    collections::VecDeque,
    future::Future,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

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
        if unique.len() <= 1 {
            return Self(unique.into());
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

    /// Leaves out what cannot be reached from an address of this machine.
    pub(super) fn from(mut self, local: IpAddr) -> Self {
        self.0.retain(|address| address.is_ipv4() == local.is_ipv4());
        self
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
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
        if self.0.len() == 1 {
            // Nobody to race with.
            return Some(connect(self.0.pop_front()?).await);
        }
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

#[cfg(test)]
mod tests {
    use std::{
        future::pending,
        sync::{Arc, Mutex},
    };

    use tokio::time::Instant;

    use super::*;
    use crate::error::{Error, ErrorKind};

    const FIRST: &str = "[2001:db8::1]:1";
    const SECOND: &str = "192.0.2.1:1";
    const THIRD: &str = "[2001:db8::2]:1";

    #[tokio::test(start_paused = true)]
    async fn the_second_wins_250_ms_after_a_first_that_never_answers() {
        let start = Instant::now();
        let mut addresses = addresses(&[FIRST, SECOND, THIRD]);
        let won = addresses.race(|address| silent_but_for(address, SECOND)).await;
        assert_eq!(won.unwrap().unwrap(), SECOND.parse().unwrap());
        assert_eq!(start.elapsed(), Duration::from_millis(250));
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_refusal_the_next_one_is_tried_at_once() {
        let start = Instant::now();
        let mut addresses = addresses(&[FIRST, SECOND]);
        let won = addresses.race(|address| refused_but_for(address, SECOND)).await;
        assert_eq!(won.unwrap().unwrap(), SECOND.parse().unwrap());
        assert_eq!(start.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_first_that_is_slow_still_wins_if_nobody_is_faster() {
        let mut addresses = addresses(&[FIRST, SECOND]);
        let connect = |address: SocketAddr| async move {
            let after = if address.is_ipv6() { 400 } else { 1000 };
            tokio::time::sleep(Duration::from_millis(after)).await;
            Ok(address)
        };
        assert_eq!(addresses.race(connect).await.unwrap().unwrap(), FIRST.parse().unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn five_addresses_start_250_ms_apart_and_no_sixth() {
        let (start, starts) = (Instant::now(), Arc::new(Mutex::new(Vec::new())));
        let mut addresses = Addresses::new((1..=9).map(|host| SocketAddr::from(([192, 0, 2, host], 1))));
        let connect = |address: SocketAddr| {
            starts.lock().expect("nobody panics").push((address.ip().to_string(), start.elapsed().as_millis()));
            async {
                tokio::time::sleep(Duration::from_secs(60)).await;
                Err::<(), _>(error())
            }
        };
        assert!(addresses.race(connect).await.is_some_and(|result| result.is_err()));
        let expected = (0..5).map(|nth| (format!("192.0.2.{}", nth + 1), nth * 250));
        assert_eq!(*starts.lock().expect("nobody panics"), expected.collect::<Vec<_>>());
        assert_eq!(start.elapsed(), Duration::from_secs(61));
        assert!(addresses.race(connect).await.is_none(), "nobody is left");
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_slower_is_tried_again_if_the_winner_is_of_no_use() {
        let mut addresses = addresses(&[FIRST, SECOND, THIRD]);
        addresses.race(|address| silent_but_for(address, SECOND)).await.unwrap().unwrap();
        let won = addresses.race(|address| silent_but_for(address, FIRST)).await;
        assert_eq!(won.unwrap().unwrap(), FIRST.parse().unwrap());
        assert_eq!(addresses.into_iter().collect::<Vec<_>>(), [THIRD.parse().unwrap()]);
    }

    #[tokio::test(start_paused = true)]
    async fn dropping_the_race_drops_every_attempt() {
        let held = Arc::new(());
        let mut addresses = addresses(&[FIRST, SECOND, THIRD]);
        let connect = |_| {
            let held = held.clone();
            async move {
                let _held = held;
                pending::<Result<()>>().await
            }
        };
        assert!(timeout(Duration::from_millis(400), addresses.race(connect)).await.is_err());
        assert_eq!(Arc::strong_count(&held), 1);
    }

    #[test]
    fn families_take_turns_and_nobody_is_tried_twice() {
        let four = |host| SocketAddr::from(([192, 0, 2, host], 1));
        let six = |host| SocketAddr::from(([0x2001, 0xdb8, 0, 0, 0, 0, 0, host], 1));
        let check = |resolved: &[SocketAddr], expected: &[SocketAddr]| {
            assert_eq!(Addresses::new(resolved.iter().copied()).into_iter().collect::<Vec<_>>(), expected);
        };
        check(&[], &[]);
        check(&[four(1), four(1), four(2)], &[four(1), four(2)]);
        check(&[six(1), six(2), six(3), four(1)], &[six(1), four(1), six(2), six(3)]);
        check(
            &[four(1), four(2), four(3), four(4), four(5), six(1), six(2)],
            &[four(1), six(1), four(2), six(2), four(3)],
        );
    }

    fn addresses(texts: &[&str]) -> Addresses {
        Addresses::new(texts.iter().map(|text| text.parse().expect("an address")))
    }

    async fn silent_but_for(address: SocketAddr, who: &str) -> Result<SocketAddr> {
        if address.to_string() == who { Ok(address) } else { pending().await }
    }

    async fn refused_but_for(address: SocketAddr, who: &str) -> Result<SocketAddr> {
        if address.to_string() == who { Ok(address) } else { Err(error()) }
    }

    fn error() -> Error {
        Error::new(ErrorKind::CannotConnect, "refused")
    }
}
