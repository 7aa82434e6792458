//! The protocol core: bytes in, events out; payloads in, frames out. It waits for nothing and runs on every target.

mod check;
mod close_frame;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod deflate;
mod delivery;
mod encoder;
mod gathering;
mod headers;
mod limits;
mod mask;
mod messages;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod oracle;
mod utf8;

use properties::wire;
