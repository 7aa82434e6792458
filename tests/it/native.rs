//! What a browser has nothing like: TLS with certificates of one's own, runtimes that come and go, and servers by others,
//! which a machine may lack.

mod interop;
mod runtime;
mod tls;
