//! What a browser has nothing like: transports and TLS with certificates of one's own, and runtimes that come and go.

mod certificates;
mod handshake;
mod memory_pipe;
mod runtime;
mod tls;
