//! What `tracing` is told about connections, if the feature of this name is on. Without it, nothing of this takes space or time.
//!
//! Nobody is told what may be secret: no payload, no header, no credential, and of a URL no more than its host and port.
//! Everything of one connection happens in one span. Levels: `WARN` for time-outs and broken rules, `DEBUG` for the rest.

#[cfg(not(feature = "tracing"))]
#[path = "trace/off.rs"]
mod told;
#[cfg(feature = "tracing")]
#[path = "trace/on.rs"]
mod told;

pub(super) use self::told::{Trace, redirected, staged};
