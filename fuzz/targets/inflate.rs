//! The inflater beside zlib: damaged, cut short or neither, cut anywhere.

#![no_main]

use libfuzzer_sys::fuzz_target;
use properties::inflate;

fuzz_target!(|bytes: &[u8]| inflate::check(&inflate::Case::read(bytes)));
