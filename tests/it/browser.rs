//! What only a browser has: its two sockets, their events, and what they may leave behind.

mod hidden;
mod leaks;
pub(crate) mod mocks;
#[cfg(target_feature = "atomics")]
mod threads;
mod transports;
mod urls;
