//! From a URL to an upgraded transport: addresses, proxies, TCP, TLS, the opening handshake, and the time they may take.

mod custom_transport;
mod host;
mod parts;
#[cfg_attr(not(feature = "proxy"), path = "without_proxy.rs")]
mod proxy;
mod race;
#[cfg(feature = "tls")]
mod secure;
mod tcp;
mod time;

use std::{net::SocketAddr, sync::Arc};

use futures::TryFutureExt as _;
use tokio::{net::TcpStream, time::Instant};
use url::Url;

pub(crate) use self::custom_transport::CustomTransport;
#[cfg(feature = "http2")]
pub(super) use self::proxy::Proxy;
#[cfg(not(feature = "http2"))]
use self::proxy::Proxy;
pub(super) use self::{
    custom_transport::Opaque,
    parts::{Output, Transport},
    time::{Deadline, Stage, after},
};
use self::{
    host::{Host, check_resolutions},
    parts::Parts,
};
#[cfg(feature = "http2")]
use super::http2;
use super::{
    tls,
    trace::Trace,
    upgrade::{self, Upgraded},
};
use crate::{
    certificate::ServerCertificates,
    control::{Control, route::Dialer},
    error::{Error, ErrorKind, Result},
};

/// An upgraded transport, and what is known about it.
pub(super) struct Dialled {
    pub(super) transport: Transport,
    pub(super) upgraded: Upgraded,
    pub(super) ends: Endpoints,
}

/// Who is at the two ends of a transport, as far as anybody knows.
#[derive(Clone, Default)]
pub(super) struct Endpoints {
    pub(super) local: Option<SocketAddr>,
    pub(super) remote: Option<SocketAddr>,
    pub(super) certificates: Option<Arc<ServerCertificates>>,
    /// What was asked for in the end.
    pub(super) url: Option<String>,
    pub(super) trace: Trace,
}

/// Tries the addresses of the host, or those of the proxy that leads to it, until one leads to a WebSocket or refuses to be
/// one.
pub(super) async fn dial(url: &Url, control: &Control, deadline: Deadline) -> Result<Dialled> {
    let server = Server::new(url)?;
    let certificates = &control.extras().certificates;
    let tls = match server.is_secure {
        true => {
            let setting_up = Box::pin(tls::Connector::new(certificates));
            Some(Stage::TlsSettings.until(deadline.within(control.connect_timeout), setting_up).await?)
        }
        false => None,
    };
    let route = &control.extras().route;
    let proxy = match route.dialer {
        Some(_) => None,
        None => {
            check_resolutions(route)?;
            proxy::choose(&control.extras().proxy, url, &server.host)?
        }
    };
    #[cfg(feature = "http2")]
    let making = {
        let end = deadline.within(control.connect_timeout);
        match Box::pin(http2::share(url, control, tls.as_ref(), proxy.as_ref(), end)).await? {
            http2::SharedAttempt::Make(making) => making,
            http2::SharedAttempt::Open(dialled) => return Ok(*dialled),
        }
    };
    let direct = Dialler {
        server: &server,
        tls: tls.as_ref(),
        proxy_route: None,
        control,
        deadline,
        #[cfg(feature = "http2")]
        making: making.as_ref(),
    };
    if let Some(program) = &route.dialer {
        return Box::pin(direct.dial_by(program)).await;
    }
    let Some(proxy) = proxy else {
        return direct.dial(&server.host).await;
    };
    let setting_up = Box::pin(proxy.connector(certificates));
    let tls_to_proxy = Stage::TlsSettings.until(deadline.within(control.connect_timeout), setting_up).await?;
    if !proxy.wants_address() && server.host.named(route).is_none() {
        let proxy_route = ProxyRoute { proxy: &proxy, tls: tls_to_proxy.as_ref(), target: server.host.name.clone() };
        return Dialler { proxy_route: Some(proxy_route), ..direct }.dial(proxy.host()).await;
    }
    let mut last = None;
    for target in server.host.resolve(route, deadline.within(control.connect_timeout)).await? {
        let proxy_route = ProxyRoute { proxy: &proxy, tls: tls_to_proxy.as_ref(), target: target.ip().to_string() };
        let dialler = Dialler { proxy_route: Some(proxy_route), ..direct };
        match dialler.dial(proxy.host()).await {
            Err(error) if dialler.may_try_another(&error) => last = Some(error),
            result => return result,
        }
    }
    Err(last.unwrap_or_else(|| server.host.has_no_address()))
}

/// The parts of the URL that matter below HTTP.
struct Server<'a> {
    url: &'a Url,
    host: Host,
    is_secure: bool,
}

impl<'a> Server<'a> {
    fn new(url: &'a Url) -> Result<Self> {
        let no_host = || Error::new(ErrorKind::InvalidUrl, "not a WebSocket URL: it has no host");
        let bracketed = url.host_str().ok_or_else(no_host)?;
        let port = url.port_or_known_default().ok_or_else(no_host)?;
        let is_secure = url.scheme() == "wss";
        Ok(Self { url, host: Host { name: bracketed.trim_matches(['[', ']']).to_owned(), port }, is_secure })
    }
}

/// The way to a server through a proxy.
struct ProxyRoute<'a> {
    proxy: &'a Proxy,
    /// Of the connection to the proxy itself.
    tls: Option<&'a tls::Connector>,
    /// What the proxy is asked for: the server's name or one of its addresses.
    target: String,
}

/// What all attempts have in common.
struct Dialler<'a> {
    server: &'a Server<'a>,
    tls: Option<&'a tls::Connector>,
    proxy_route: Option<ProxyRoute<'a>>,
    control: &'a Control,
    deadline: Deadline,
    /// Other sockets wait for the connection.
    #[cfg(feature = "http2")]
    making: Option<&'a http2::PendingConnection>,
}

impl Dialler<'_> {
    /// Connects by way of `host`: the server or a proxy.
    async fn dial(&self, host: &Host) -> Result<Dialled> {
        let timeout = self.control.connect_timeout;
        let route = &self.control.extras().route;
        let mut addresses = host.resolve(route, self.deadline.within(timeout)).await?;
        if let Some(local) = route.local_address.filter(|_| !addresses.is_empty()) {
            addresses = addresses.from(local);
            if addresses.is_empty() {
                let message = format!("{} has no address that could be reached from {local}", host.name);
                return Err(Error::new(ErrorKind::CannotConnect, message));
            }
        }
        let mut last = None;
        let connect = |remote| async move {
            // From here on the address has its time, for all stages together.
            let end = self.deadline.within(timeout);
            let tcp = Stage::Tcp(remote).until(end, tcp::connect(remote, self.control)).await?;
            Ok((tcp, remote, end))
        };
        while let Some(connected) = addresses.race(&connect).await {
            let dialled = match connected {
                Ok((tcp, remote, end)) => self.open(tcp, remote, end).await,
                Err(error) => Err(error),
            };
            match dialled {
                Err(error) if self.may_try_another(&error) => last = Some(error),
                result => return result,
            }
        }
        Err(last.unwrap_or_else(|| host.has_no_address()))
    }

    /// Over a connection that the program makes.
    async fn dial_by(&self, Dialer(dial): &Dialer) -> Result<Dialled> {
        let Host { name, port } = &self.server.host;
        let failed = |error| {
            let message = format!("the program's dialer cannot connect to {name}");
            Error::with_source(ErrorKind::CannotConnect, message, error)
        };
        let end = self.deadline.within(self.control.connect_timeout);
        let dialling = dial(name.clone(), *port).map_err(failed);
        match Stage::Dialer(name).until(end, dialling).await? {
            CustomTransport::Opaque(transport) => self.secure(transport, Endpoints::default(), end).await,
            CustomTransport::Tcp(tcp) => {
                tcp::tune(&tcp, self.control);
                let ends =
                    Endpoints { local: tcp.local_addr().ok(), remote: tcp.peer_addr().ok(), ..Endpoints::default() };
                self.secure(tcp, ends, end).await
            }
        }
    }

    /// Whether another address may do better: a server that answered will not change its mind at another of its addresses.
    fn may_try_another(&self, error: &Error) -> bool {
        matches!(error.kind(), ErrorKind::CannotConnect | ErrorKind::Timeout) && !self.deadline.has_passed()
    }

    /// Everything above TCP, which leads to the server or to a proxy.
    ///
    /// What takes TLS or a proxy is boxed: connecting without them would be a future of 12 KB for their sake.
    async fn open(&self, tcp: TcpStream, remote: SocketAddr, end: Instant) -> Result<Dialled> {
        let ends = Endpoints { local: tcp.local_addr().ok(), remote: Some(remote), ..Endpoints::default() };
        match &self.proxy_route {
            None => self.secure(tcp, ends, end).await,
            Some(proxy_route) => Box::pin(self.go(proxy_route, tcp, ends, end)).await,
        }
    }

    /// Through the proxy, then as without one.
    async fn go(&self, route: &ProxyRoute<'_>, tcp: TcpStream, ends: Endpoints, end: Instant) -> Result<Dialled> {
        let ProxyRoute { proxy, tls, target } = route;
        let port = self.server.host.port;
        match tls {
            None => {
                let tunnel = Stage::Tunnel.until(end, proxy.open(tcp, target, port, end)).await?;
                self.secure(tunnel, ends, end).await
            }
            Some(tls) => {
                let handshake = tls.connect(&proxy.host().name, tcp, &[]);
                let (secure, _) = Stage::TlsToProxy.until(end, handshake).await?;
                let tunnel = Stage::Tunnel.until(end, proxy.open(secure, target, port, end)).await?;
                self.secure(tunnel, ends, end).await
            }
        }
    }

    /// Everything above the way to the server.
    async fn secure<S>(&self, transport: S, ends: Endpoints, end: Instant) -> Result<Dialled>
    where
        S: Parts + Send + 'static,
    {
        match self.tls {
            #[cfg(feature = "http2")]
            None if http2::is_chosen(self.control, false, None)? => self.open_by_http2(transport, ends, end).await,
            None => self.upgrade(transport, ends, end).await,
            Some(tls) => Box::pin(self.upgrade_by(tls, transport, ends, end)).await,
        }
    }

    /// By TLS.
    async fn upgrade_by<S>(&self, tls: &tls::Connector, transport: S, ends: Endpoints, end: Instant) -> Result<Dialled>
    where
        S: Parts + Send + 'static,
    {
        #[cfg(feature = "http2")]
        let protocols = http2::protocols(self.control);
        #[cfg(not(feature = "http2"))]
        let protocols = &[];
        let handshake = tls.connect(&self.server.host.name, transport, protocols);
        let (transport, certificates) = Stage::Tls.until(end, handshake).await?;
        Stage::Validation.until(end, tls.validate(&certificates)).await?;
        let ends = Endpoints { certificates: Some(Arc::new(certificates)), ..ends };
        #[cfg(feature = "http2")]
        if http2::is_chosen(self.control, true, tls::protocol(&transport))? {
            return self.open_by_http2(transport, ends, end).await.map_err(tls::refused_afterwards);
        }
        #[cfg(feature = "http2")]
        if let Some(making) = self.making {
            making.is_http1();
        }
        self.upgrade(transport, ends, end).await
    }

    #[cfg(feature = "http2")]
    async fn open_by_http2<S>(&self, transport: S, ends: Endpoints, end: Instant) -> Result<Dialled>
    where
        S: Parts + Send + 'static,
    {
        let Self { server, control, making, .. } = *self;
        Box::pin(http2::open(Box::new(transport), server.url, control, ends, making, end)).await
    }

    async fn upgrade<S: Parts>(&self, transport: S, ends: Endpoints, end: Instant) -> Result<Dialled> {
        let upgrading = upgrade::upgrade(transport, self.server.url, self.control, end);
        let upgraded = Stage::Handshake.until(end, upgrading).await;
        let (transport, upgraded) = upgraded.map_err(tls::refused_afterwards)?;
        Ok(Dialled { transport: transport.parts(), upgraded, ends })
    }
}

/// Makes TLS, if the URL wants it, and the opening handshake over a transport that the program brings.
pub(super) async fn dial_over(url: &Url, control: &Control, transport: Opaque, end: Instant) -> Result<Dialled> {
    let server = Server::new(url)?;
    let tls = match server.is_secure {
        true => Some(Stage::TlsSettings.until(end, tls::Connector::new(&control.extras().certificates)).await?),
        false => None,
    };
    let dialler = Dialler {
        server: &server,
        tls: tls.as_ref(),
        proxy_route: None,
        control,
        deadline: Deadline::new(None),
        #[cfg(feature = "http2")]
        making: None,
    };
    dialler.secure(transport, Endpoints::default(), end).await
}
