//! Guides: what to write for each member of UWP, what differs in a browser, and all errors.

#[doc = include_str!("docs/errors.md")]
pub mod errors {}
