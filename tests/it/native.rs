//! What a browser has nothing like: transports of one's own, TLS with certificates of one's own, runtimes that come and go,
//! and servers by others, which a machine may lack.

mod handshake;
mod interop;
mod memory_pipe;
mod runtime;
mod tls;
