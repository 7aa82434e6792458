//! The decoder beside tungstenite: the same bytes, the same messages, the same verdict.

#![no_main]

use libfuzzer_sys::fuzz_target;
use properties::differential;

fuzz_target!(|bytes: &[u8]| {
    differential::check(&differential::Case::read(bytes));
});
