//! The tests of both sockets: one binary, each behaviour once, run natively and in real browsers.
//!
//! `support` chooses the target: it names the test attribute, the peer and the clock. The peer is a server whose behaviour
//! the URL chooses; see the crate `peer`.

mod arguments;
mod backpressure;
mod bad_input;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod browser;
mod cancel;
mod cancel_io;
mod close;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod compression;
mod connect;
mod drop;
mod errors;
mod inbound_pressure;
mod information;
mod io_traits;
mod loss;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod memory;
mod messages;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod native;
mod payload;
mod peer_close;
mod ping;
mod pressure;
mod protocol;
mod smoke;
mod split;
mod stream;
mod stream_end;
mod support;
mod types;
mod wakes;
