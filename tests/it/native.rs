//! What a browser has nothing like: TLS with certificates of one's own, runtimes that come and go, and a
//! clock that stands still.

mod backoff;
mod runtime;
mod tls;
