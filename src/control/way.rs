//! The way to a server below TLS: who makes the connection, to which addresses, and from which one.

use std::{error, fmt, future::Future, net::IpAddr, pin::Pin, sync::Arc};

use tokio::io::{AsyncRead, AsyncWrite};

use super::{Control, Proxy, extras::Extras};
use crate::{
    backend::Brought,
    error::{Error, ErrorKind, Result},
};

/// The settings of this file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Way {
    pub(crate) dialer: Option<Dialer>,
    pub(crate) resolutions: Vec<Resolution>,
    pub(crate) local_address: Option<IpAddr>,
}

/// Makes connections in the place of this crate.
#[derive(Clone)]
#[allow(dead_code, reason = "a browser refuses it unread")]
pub(crate) struct Dialer(pub(crate) Arc<Dial>);

pub(crate) type Dial = dyn Fn(String, u16) -> Dialling + Send + Sync;

pub(crate) type Dialling = Pin<Box<dyn Future<Output = Result<Brought, Cause>> + Send>>;

pub(crate) type Cause = Box<dyn error::Error + Send + Sync>;

/// The addresses of a host, by the program's knowledge.
#[derive(Clone, Debug, PartialEq)]
#[allow(dead_code, reason = "a browser refuses it unread")]
pub(crate) struct Resolution {
    pub(crate) host: String,
    pub(crate) addresses: Vec<IpAddr>,
}

impl Control {
    /// Has the program make the connection to a host and a port: by a Unix socket, Tor, SSH, a VPN, a resolver of its own.
    /// Default: none, connections are by TCP (UWP has no such setting).
    ///
    /// `dial` gets the host of the URL, an IPv6 address without brackets, and the port, and gives any transport with tokio's
    /// traits. On it TLS, the opening handshake and all that follows are as ever: the header `Host` and the name in TLS are those of the
    /// URL, [`connect_timeout`](Self::connect_timeout) bounds all of it. `dial` may be called more than once, for a redirect or for an
    /// answer to a challenge. If it gives a `tokio::net::TcpStream`, its addresses are in
    /// [`Information`](crate::Information), and [`no_delay`](Self::no_delay), [`tcp_keep_alive`](Self::tcp_keep_alive) and
    /// [`tcp_user_timeout`](Self::tcp_user_timeout) are set on it.
    ///
    /// No proxy leads to the server then, also if the environment names one.
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::CannotConnect`] if `dial` fails; the error that it gave is the
    /// [`source`](error::Error::source). It fails with [`ErrorKind::InvalidArgument`], and `dial` is not called, beside a
    /// [`proxy`](Self::proxy) other than `System` and `None`, a [`proxy_credential`](Self::proxy_credential), a
    /// [`resolve`](Self::resolve) or a [`local_address`](Self::local_address), which would have no effect.
    ///
    /// # Cancel safety
    ///
    /// If connecting is given up or takes too long, the future of `dial` is dropped.
    ///
    /// # Platform notes
    ///
    /// A browser connects by itself: there, connecting fails with [`ErrorKind::NotSupported`].
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
            Box::pin(async move { dialling.await.map(Brought::new).map_err(Into::into) })
        };
        self.extras_mut().way.dialer = Some(Dialer(Arc::new(erased)));
        self
    }

    /// Takes these for the addresses of a host, which is then not looked up. Default: none (UWP has no such setting).
    ///
    /// They are tried as those of a lookup are: in this order, the families by turns, 250 ms apart, at most 5 (RFC 8305). It
    /// holds for the host of the URL and of redirects, and for that of a proxy. A proxy that leads to such a host is asked for
    /// one of its addresses, not for its name. The header `Host` and the name in TLS stay those of the URL. The last call for a
    /// host counts; upper and lower case are the same.
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::InvalidArgument`] if `host` is not a host of URLs, and to this host with
    /// [`ErrorKind::HostNameNotResolved`] if there are no addresses.
    ///
    /// # Platform notes
    ///
    /// A browser looks names up by itself: there, connecting fails with [`ErrorKind::NotSupported`].
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
        self.extras_mut().way.resolutions.push(Resolution { host: host.into(), addresses });
        self
    }

    /// The address of this machine from which to connect. Default: none, the system chooses (UWP: the `NetworkAdapter` of
    /// `ConnectAsync`).
    ///
    /// Addresses of the server that are not of its family are not tried. Through a proxy it is the connection to the proxy that
    /// comes from there.
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::CannotConnect`] if this machine does not have the address, or the server has none of its
    /// family.
    ///
    /// # Platform notes
    ///
    /// A browser chooses by itself: there, connecting fails with [`ErrorKind::NotSupported`].
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
        self.extras_mut().way.local_address = Some(address.into());
        self
    }

    /// Refuses what would have no effect beside a dialer.
    pub(super) fn check_way(&self) -> Result<()> {
        let Extras { way, proxy, .. } = self.extras();
        if way.dialer.is_none() {
            return Ok(());
        }
        let excluded = [
            ("proxy", !matches!(proxy.proxy, Proxy::System | Proxy::None)),
            ("proxy_credential", proxy.credential.is_some()),
            ("resolve", !way.resolutions.is_empty()),
            ("local_address", way.local_address.is_some()),
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
