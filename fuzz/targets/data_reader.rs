//! `DataReader`: any values out of any bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use properties::data_reader;

fuzz_target!(|bytes: &[u8]| data_reader::check(&data_reader::Case::read(bytes)));
