//! URLs and the setters of the request: any text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use properties::settings;

fuzz_target!(|bytes: &[u8]| settings::check(&settings::Case::read(bytes)));
