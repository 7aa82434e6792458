//! What a browser has nothing like: transports and TLS with certificates of one's own, and runtimes that come and go.

mod certificates;
mod credentials;
mod dialling;
mod handshake;
mod liveness;
mod memory_pipe;
mod nginx;
mod pair;
mod proxies;
mod request_headers;
mod runtime;
mod settings;
mod tls;
