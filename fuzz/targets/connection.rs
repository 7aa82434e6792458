//! A whole connection over a transport that reads and writes as the input says.

#![no_main]

use libfuzzer_sys::fuzz_target;
use properties::connection;

fuzz_target!(|bytes: &[u8]| connection::check(&connection::Case::read(bytes)));
