//! The way to a server below TLS: who makes the connection, to which addresses, and from which one.

use std::{error, fmt, future::Future, net::IpAddr, pin::Pin, sync::Arc};

use tokio::io::{AsyncRead, AsyncWrite};

use super::{Control, Proxy, extras::Extras};
use crate::{
    backend::CustomTransport,
    error::{Error, ErrorKind, Result},
};

/// The settings of this file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RouteSettings {
    pub(crate) dialer: Option<Dialer>,
    pub(crate) resolutions: Vec<Resolution>,
    pub(crate) local_address: Option<IpAddr>,
}

/// Makes connections in the place of this crate.
#[derive(Clone)]
#[allow(dead_code, reason = "a browser refuses it unread")]
pub(crate) struct Dialer(pub(crate) Arc<Dial>);

pub(crate) type Dial = dyn Fn(String, u16) -> Dialling + Send + Sync;

pub(crate) type Dialling = Pin<Box<dyn Future<Output = Result<CustomTransport, Cause>> + Send>>;

pub(crate) type Cause = Box<dyn error::Error + Send + Sync>;

/// The addresses of a host, by the program's knowledge.
#[derive(Clone, Debug, PartialEq)]
#[allow(dead_code, reason = "a browser refuses it unread")]
pub(crate) struct Resolution {
    pub(crate) host: String,
    pub(crate) addresses: Vec<IpAddr>,
}

impl Control {
    /// A function of the program that connects to a host and a port, for example over a Unix socket, Tor, SSH, a VPN or with
    /// a resolver of its own. Default: none, connections use TCP.
    ///
    /// `dial` gets the host of the URL (an IPv6 address without brackets) and the port, and returns any transport with
    /// tokio's traits. TLS and the opening handshake run over it as usual: the header `Host` and the server name of TLS are
    /// those of the URL, and [`connect_timeout`](Self::connect_timeout) bounds everything. `dial` may be called more than
    /// once, for redirects and authentication challenges. If it returns a `tokio::net::TcpStream`,
    /// [`Information`](crate::Information) has its addresses, and [`no_delay`](Self::no_delay),
    /// [`tcp_keep_alive`](Self::tcp_keep_alive) and [`tcp_user_timeout`](Self::tcp_user_timeout) are set on it.
    ///
    /// No proxy is used, even if the environment names one.
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::CannotConnect`] if `dial` fails; its error is the
    /// [`source`](error::Error::source). It fails with [`ErrorKind::InvalidArgument`], without a call of `dial`, if a
    /// [`proxy`](Self::proxy) other than `System` and `None`, a [`proxy_credential`](Self::proxy_credential), a
    /// [`resolve`](Self::resolve) or a [`local_address`](Self::local_address) is set, since it would have no effect.
    ///
    /// # Cancel safety
    ///
    /// If connecting is cancelled or times out, the future of `dial` is dropped.
    ///
    /// # Platform notes
    ///
    /// In a browser, which connects by itself, connecting fails with [`ErrorKind::NotSupported`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[cfg(unix)] async fn run() -> Result<(), websocket_anywhere::Error> {
    /// use tokio::net::UnixStream;
    /// use websocket_anywhere::{Control, MessageWebSocket};
    ///
    /// let control = Control::new().dialer(|_host, _port| UnixStream::connect("/run/chat.sock"));
    /// let socket = MessageWebSocket::connect_with("ws://localhost/chat", control).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn dialer<F, T, E>(mut self, dial: impl Fn(String, u16) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        E: Into<Box<dyn error::Error + Send + Sync>>,
    {
        let erased = move |host, port| -> Dialling {
            let dialling = dial(host, port);
            Box::pin(async move { dialling.await.map(CustomTransport::new).map_err(Into::into) })
        };
        self.extras_mut().route.dialer = Some(Dialer(Arc::new(erased)));
        self
    }

    /// The addresses to use for a host instead of a DNS lookup. Default: none.
    ///
    /// They are tried like those of a lookup: in this order, alternating between the address families, 250 ms apart, at most
    /// 5 (RFC 8305). The setting applies to the host of the URL, of redirects and of a proxy; a proxy is asked to connect to
    /// one of the addresses instead of the name. The header `Host` and the server name of TLS stay those of the URL. The
    /// last call for a host counts; names are not case-sensitive.
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::InvalidArgument`] if `host` is not a valid host of a URL; connecting to this host
    /// fails with [`ErrorKind::HostNameNotResolved`] if there are no addresses.
    ///
    /// # Platform notes
    ///
    /// In a browser, which resolves names by itself, connecting fails with [`ErrorKind::NotSupported`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::net::Ipv4Addr;
    ///
    /// let control = websocket_anywhere::Control::new().resolve("example.com", [Ipv4Addr::new(192, 0, 2, 1).into()]);
    /// ```
    #[must_use]
    pub fn resolve(mut self, host: impl Into<String>, addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        let addresses = addresses.into_iter().collect();
        self.extras_mut().route.resolutions.push(Resolution { host: host.into(), addresses });
        self
    }

    /// The local address to connect from. Default: none, the system chooses (UWP: the `NetworkAdapter` of `ConnectAsync`).
    ///
    /// Addresses of the server of the other address family are not tried. With a proxy, it is the local address of the
    /// connection to the proxy.
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::CannotConnect`] if this machine does not have the address, or if the server has no
    /// address of the same family.
    ///
    /// # Platform notes
    ///
    /// In a browser, which chooses by itself, connecting fails with [`ErrorKind::NotSupported`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::net::Ipv4Addr;
    ///
    /// let control = websocket_anywhere::Control::new().local_address(Ipv4Addr::new(192, 0, 2, 7));
    /// ```
    #[must_use]
    pub fn local_address(mut self, address: impl Into<IpAddr>) -> Self {
        self.extras_mut().route.local_address = Some(address.into());
        self
    }

    /// Refuses what would have no effect beside a dialer.
    pub(super) fn check_route(&self) -> Result<()> {
        let Extras { route, proxy, .. } = self.extras();
        if route.dialer.is_none() {
            return Ok(());
        }
        let excluded = [
            ("proxy", !matches!(proxy.proxy, Proxy::System | Proxy::None)),
            ("proxy_credential", proxy.credential.is_some()),
            ("resolve", !route.resolutions.is_empty()),
            ("local_address", route.local_address.is_some()),
        ];
        excluded.iter().find(|(_, is_set)| *is_set).map_or(Ok(()), |(name, _)| {
            Err(Error::new(ErrorKind::InvalidArgument, ["dialer and ", name, " exclude each other"].concat()))
        })
    }
}

/// The same function leads the same way; whether two of them do, nobody can tell.
impl PartialEq for Dialer {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialer").finish_non_exhaustive()
    }
}
