//! Challenges of a server: any, and what follows them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use properties::challenge;

fuzz_target!(|bytes: &[u8]| challenge::check(&challenge::Case::read(bytes)));
