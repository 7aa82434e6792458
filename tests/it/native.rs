//! What a browser has nothing like: transports of one's own, TLS with certificates of one's own, runtimes that come and go,
//! a clock that stands still, servers by others, which a machine may lack, and what must hold for any input.

mod alone;
mod answers;
mod backoff;
mod certificates;
mod conformance;
mod credentials;
mod dialers;
mod dialling;
mod failed_writes;
mod floods;
mod handshake;
#[cfg(all(unix, feature = "http2"))]
mod haproxy;
#[cfg(feature = "http2")]
mod http2;
mod interop;
mod liveness;
mod long_messages;
mod memory_pipe;
mod nginx;
mod pair;
mod pauses;
mod pings;
mod prepared;
mod properties;
pub(crate) mod proxies;
mod redirects;
mod relay;
mod request_headers;
mod revocation;
mod runtime;
mod server;
mod server_compression;
mod server_http2;
mod server_requests;
mod sessions;
mod settings;
mod slow_peers;
mod system_calls;
mod tls;
mod tls_settings;
#[cfg(feature = "tracing")]
mod tracing;
mod types;
mod violations;
