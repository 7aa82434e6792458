//! What a browser has nothing like: transports of one's own, TLS with certificates of one's own, runtimes that come and go,
//! servers by others, which a machine may lack, and what must hold for any input.

mod credentials;
mod handshake;
mod interop;
mod liveness;
mod memory_pipe;
mod pair;
mod properties;
mod request_headers;
mod runtime;
mod settings;
mod tls;
