//! What a browser has nothing like: transports and TLS with certificates of one's own, runtimes that come and go, and a
//! clock that stands still.

mod backoff;
mod credentials;
mod handshake;
mod liveness;
mod memory_pipe;
mod request_headers;
mod runtime;
mod server;
mod settings;
mod tls;
