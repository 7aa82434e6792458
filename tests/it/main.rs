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
mod data;
mod drop;
mod error_kinds;
mod errors;
mod events;
mod heartbeat;
mod inbound_pressure;
mod information;
mod io_traits;
mod loss;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod memory;
mod messages;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod native;
mod pair;
mod parts;
mod payload;
mod peer_close;
mod ping;
mod pressure;
mod protocol;
mod reconnect;
mod seed_samples;
mod settings;
mod slow_close;
mod smoke;
mod split;
mod stream;
mod stream_end;
mod subprotocols;
mod support;
mod try_send;
mod types;
mod unattended;
mod user_info;
mod wakes;
