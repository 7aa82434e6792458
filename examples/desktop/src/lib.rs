//! Chat and file transfer in a native window: `cargo run --manifest-path examples/desktop/Cargo.toml`.
//!
//! What the program does is in modules that know no window: [`chat`], [`transfer`], [`feed`], and the [`server`] that they talk
//! to. [`window`] shows it and passes on what somebody clicks and types.

pub mod chat;
pub mod feed;
pub mod model;
pub mod rates;
pub mod self_test;
pub mod server;
pub mod transfer;
pub mod window;

use std::error::Error;

/// Tells the background's news to the window: a frame is due.
pub type Wake = std::sync::Arc<dyn Fn() + Send + Sync>;

/// The error and its causes, in one line.
pub fn explained(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}
