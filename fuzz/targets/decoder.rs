//! The decoder: a stream, cut anywhere, with any limits.

#![no_main]

use libfuzzer_sys::fuzz_target;
use properties::decoder;

fuzz_target!(|bytes: &[u8]| decoder::check(&decoder::Case::read(bytes)));
