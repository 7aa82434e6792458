//! Which proxy leads to a server, and the way through it.

mod bypass;
mod choice;
mod connect;
mod socks;
mod url;

use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::Instant,
};
use tokio_tungstenite::tungstenite::http::HeaderValue;

pub(super) use self::choice::choose;
use super::Host;
use crate::{backend::native::tls::Connector, control::certificates::Certificates, error::Result};

/// A proxy, and who we are to it.
#[derive(Clone, PartialEq)]
pub(in crate::backend::native) struct Proxy {
    host: Host,
    kind: Kind,
}

#[derive(Clone, PartialEq)]
enum Kind {
    /// CONNECT (RFC 9110 section 9.3.6).
    Http { is_secure: bool, authorization: Option<HeaderValue> },
    /// SOCKS5 (RFC 1928).
    Socks5 { resolves: bool, credential: Option<(String, String)> },
}

impl Proxy {
    pub(super) const fn host(&self) -> &Host {
        &self.host
    }

    /// TLS to the proxy itself, if it is wanted. Only the roots are those of the server: nothing is ignored, and nobody shown
    /// who we are.
    pub(super) async fn connector(&self, certificates: &Certificates) -> Result<Option<Connector>> {
        if !matches!(self.kind, Kind::Http { is_secure: true, .. }) {
            return Ok(None);
        }
        let strict = Certificates {
            roots: certificates.roots.clone(),
            revocation_lists: certificates.revocation_lists.clone(),
            min_tls_version: certificates.min_tls_version,
            key_log: certificates.key_log,
            ..Certificates::default()
        };
        Connector::new(&strict).await.map(Some)
    }

    /// Whether the proxy is given an address, not a name.
    pub(super) const fn wants_address(&self) -> bool {
        matches!(self.kind, Kind::Socks5 { resolves: false, .. })
    }

    /// Asks the proxy for a way to a server, which it has time to give until `end`; `transport` is connected to the proxy.
    pub(super) async fn open<S>(&self, transport: S, host: &str, port: u16, end: Instant) -> Result<S>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        match &self.kind {
            Kind::Http { authorization, .. } => {
                connect::tunnel(transport, host, port, authorization.as_ref(), end).await
            }
            Kind::Socks5 { credential, .. } => socks::tunnel(transport, host, port, credential.as_ref()).await,
        }
    }
}
