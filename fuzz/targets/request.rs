//! A server's opening handshake: any request, cut anywhere.

#![no_main]

use libfuzzer_sys::fuzz_target;
use properties::request;

fuzz_target!(|bytes: &[u8]| request::check(&request::Case::read(bytes)));
