//! What a browser has nothing like: transports of one's own, TLS with certificates of one's own, runtimes that come and go,
//! a clock that stands still, servers by others, which a machine may lack, and what must hold for any input.

#[cfg(feature = "tls")]
mod alone;
mod answers;
mod backoff;
#[cfg(feature = "tls")]
mod certificates;
mod conformance;
mod credentials;
mod dialers;
mod dialling;
mod ending;
mod failed_writes;
#[cfg(not(all(feature = "proxy", feature = "tls")))]
mod features;
mod floods;
mod flushes;
mod handshake;
#[cfg(all(unix, feature = "http2", feature = "tls"))]
mod haproxy;
#[cfg(feature = "http2")]
mod http2;
mod interop;
mod liveness;
mod long_messages;
mod memory_pipe;
#[cfg(feature = "tls")]
mod nginx;
mod pair;
mod pauses;
mod pings;
mod prepared;
mod properties;
#[cfg(feature = "proxy")]
mod proxies;
#[cfg_attr(not(all(feature = "proxy", feature = "tls")), allow(dead_code, reason = "who uses all of it is left out"))]
pub(crate) mod proxy_servers;
mod redirects;
mod relay;
mod request_headers;
#[cfg(feature = "tls")]
mod revocation;
mod runtime;
mod server;
mod server_compression;
mod server_http2;
mod server_requests;
#[cfg(feature = "tls")]
mod sessions;
mod settings;
mod slow_peers;
mod system_calls;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "tls")]
mod tls_settings;
#[cfg(feature = "tracing")]
mod tracing;
mod types;
mod violations;
