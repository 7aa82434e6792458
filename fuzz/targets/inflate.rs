//! The inflater beside another library: damaged or not, cut anywhere.

#![no_main]

use libfuzzer_sys::fuzz_target;
use properties::inflate;

fuzz_target!(|bytes: &[u8]| inflate::check(&inflate::Case::read(bytes)));
