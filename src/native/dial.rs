//! From a URL to an upgraded transport: addresses, TCP, TLS, the opening handshake, and the time they may take.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::{Instant, timeout, timeout_at},
};
use url::Url;

use super::{
    tls,
    upgrade::{self, Upgraded},
};
use crate::{
    address::Address,
    control::Control,
    error::{Error, ErrorKind, Result},
};

/// An upgraded transport, and its two ends.
pub(super) struct Dialled {
    pub(super) transport: Transport,
    pub(super) upgraded: Upgraded,
    pub(super) local: Option<SocketAddr>,
    pub(super) remote: SocketAddr,
}

/// The two directions of a transport.
pub(super) struct Transport {
    pub(super) reader: Box<dyn AsyncRead + Send + Unpin>,
    pub(super) writer: Box<dyn AsyncWrite + Send + Unpin>,
}

/// Tries the addresses of the host one after the other until one leads to a WebSocket, or refuses to be one.
pub(super) async fn dial(address: &Address, control: &Control) -> Result<Dialled> {
    let target = Target::parse(address)?;
    let tls = if target.is_secure { Some(tls::connector(&control.root_certificates)?) } else { None };
    let attempt = Attempt { target: &target, tls, control };
    let mut last = Error::new(ErrorKind::HostNameNotResolved, format!("{} has no address", target.host));
    for remote in resolve(&target, control.connect_timeout).await? {
        match attempt.run(remote).await {
            Ok(dialled) => return Ok(dialled),
            // Another address may work; a server that answered will not change its mind at another of its addresses.
            Err(error) if matches!(error.kind(), ErrorKind::CannotConnect | ErrorKind::Timeout) => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// The parts of the URL that matter below HTTP.
struct Target {
    url: Url,
    host: String,
    port: u16,
    is_secure: bool,
}

impl Target {
    fn parse(address: &Address) -> Result<Self> {
        let invalid = |error| Error::with_source(ErrorKind::InvalidUrl, "not a WebSocket URL", error);
        let url = Url::parse(address.as_str()).map_err(invalid)?;
        let no_host = || Error::new(ErrorKind::InvalidUrl, "not a WebSocket URL: it has no host");
        let host = url.host_str().ok_or_else(no_host)?.trim_matches(['[', ']']).to_owned();
        let port = url.port_or_known_default().ok_or_else(no_host)?;
        let is_secure = url.scheme() == "wss";
        Ok(Self { url, host, port, is_secure })
    }
}

async fn resolve(target: &Target, limit: Duration) -> Result<Vec<SocketAddr>> {
    let lookup = lookup_host((target.host.as_str(), target.port));
    let addresses = timeout(limit, lookup).await.map_err(|_| late("looking up the host"))?;
    let unknown = |error: io::Error| {
        Error::with_source(ErrorKind::HostNameNotResolved, format!("{} cannot be resolved", target.host), error)
    };
    Ok(addresses.map_err(unknown)?.take(MAX_ADDRESSES).collect())
}

/// What all attempts have in common.
struct Attempt<'a> {
    target: &'a Target,
    tls: Option<tls::Connector>,
    control: &'a Control,
}

impl Attempt<'_> {
    /// Connects to one address, all stages within one `connect_timeout`.
    async fn run(&self, remote: SocketAddr) -> Result<Dialled> {
        let deadline = after(self.control.connect_timeout);
        let tcp = timeout_at(deadline, TcpStream::connect(remote)).await.map_err(|_| late("connecting by TCP"))?;
        let refused = |error: io::Error| {
            Error::with_source(ErrorKind::CannotConnect, format!("cannot connect to {remote}"), error)
        };
        let tcp = tcp.map_err(refused)?;
        // An option of the socket that only tunes: a transport without it works as well.
        let _ = tcp.set_nodelay(self.control.no_delay);
        let local = tcp.local_addr().ok();
        let Some(tls) = &self.tls else {
            let (tcp, upgraded) = self.upgrade(deadline, tcp).await?;
            let (reader, writer) = tcp.into_split();
            let transport = Transport { reader: Box::new(reader), writer: Box::new(writer) };
            return Ok(Dialled { transport, upgraded, local, remote });
        };
        let secure = timeout_at(deadline, tls.connect(&self.target.host, tcp));
        let secure = secure.await.map_err(|_| late("the TLS handshake"))??;
        let (secure, upgraded) = self.upgrade(deadline, secure).await?;
        let (reader, writer) = tokio::io::split(secure);
        let transport = Transport { reader: Box::new(reader), writer: Box::new(writer) };
        Ok(Dialled { transport, upgraded, local, remote })
    }

    async fn upgrade<S>(&self, deadline: Instant, transport: S) -> Result<(S, Upgraded)>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let upgrade = upgrade::upgrade(transport, self.target.url.as_str(), self.control);
        timeout_at(deadline, upgrade).await.map_err(|_| late("the opening handshake"))?
    }
}

fn late(stage: &str) -> Error {
    Error::new(ErrorKind::Timeout, format!("{stage} took too long"))
}

/// The moment when `duration` has passed; a duration that no clock can count to means never.
pub(super) fn after(duration: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(duration).unwrap_or(now + FAR_FUTURE)
}

const FAR_FUTURE: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

/// How many addresses of a host are tried (UWP: 5).
const MAX_ADDRESSES: usize = 5;
