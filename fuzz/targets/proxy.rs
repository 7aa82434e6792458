//! Proxies: any answer of one to CONNECT or to SOCKS5.

#![no_main]

use libfuzzer_sys::fuzz_target;
use properties::proxy;

fuzz_target!(|bytes: &[u8]| proxy::check(&proxy::Case::read(bytes)));
