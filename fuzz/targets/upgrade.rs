//! The opening handshake: any response, cut anywhere.

#![no_main]

use libfuzzer_sys::fuzz_target;
use properties::upgrade;

fuzz_target!(|bytes: &[u8]| upgrade::check(&upgrade::Case::read(bytes)));
