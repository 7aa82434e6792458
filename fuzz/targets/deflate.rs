//! The deflater: every server reads what it was given.

#![no_main]

use libfuzzer_sys::fuzz_target;
use properties::deflate;

fuzz_target!(|bytes: &[u8]| deflate::check(&deflate::Case::read(bytes)));
