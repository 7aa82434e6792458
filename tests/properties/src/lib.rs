//! What must hold for any input: each property once, for the tests and for the fuzzers.
//!
//! A property is a function that panics where it does not hold. The fuzzers of `fuzz/` give it bytes, which
//! [`Input`](input::Input) takes apart; the tests give it the fuzzers' corpus and, by proptest, inputs with more structure.

pub mod input;
pub mod receiver;
pub mod streams;
pub mod wire;

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod native;

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub use native::*;
