//! What a browser has nothing like: TLS with certificates of one's own, and runtimes that come and go.

mod runtime;
mod tls;
