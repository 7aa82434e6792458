//! The closing handshake: two peers, over a pipe of any size.

#![no_main]

use libfuzzer_sys::fuzz_target;
use properties::closing;

fuzz_target!(|bytes: &[u8]| closing::check(&closing::Case::read(bytes)));
