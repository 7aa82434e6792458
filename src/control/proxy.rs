//! Which proxy leads to the server.

use std::{collections::BTreeMap, fmt};

use super::Control;
use crate::error::{Error, ErrorKind, Result};

/// The proxy that is used to reach the server (UWP uses that of the system, [`System`](Self::System)).
///
/// # URLs
///
/// `scheme://user:password@host:port`; scheme, user, password and port are optional, and only a single `/` may follow. User
/// and password are percent-encoded and end at the last `@`, as in any URL. Anything else is an
/// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) that names the variable or the setting, and does not contain any
/// part of the URL except an unknown scheme.
///
/// | scheme | proxy | the server's name is resolved | default port |
/// |---|---|---|---|
/// | `http` | CONNECT (RFC 9110 section 9.3.6) | there | 80 |
/// | `https` | CONNECT, with TLS to the proxy itself | there | 443 |
/// | `socks5` | SOCKS5 (RFC 1928) | here | 1080 |
/// | `socks5h`, `socks` | SOCKS5 | there | 1080 |
///
/// # `NO_PROXY`
///
/// A list, separated by commas or spaces, of servers that are connected to without a proxy; not case-sensitive:
///
/// | entry | what it matches |
/// |---|---|
/// | `*` | every server |
/// | `example.com`, `.example.com` | the name, and all names below it |
/// | `*.example.com` | all names below it |
/// | `127.*`, `db-*.example.com` | what the asterisks may stand for |
/// | `127.0.0.1`, `::1`, `[::1]` | the address |
/// | `10.0.0.0/8`, `fe80::/10` | the addresses of the network |
/// | each but `*` and a network with a port, `example.com:8080`, `[::1]:8080` | the same on this port alone |
///
/// # Examples
///
/// ```
/// use websocket_anywhere::{Control, Proxy};
///
/// let control = Control::new().proxy(Proxy::Socks5("socks5h://127.0.0.1:9050".to_owned()));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Proxy {
    /// The default: the proxy of the environment, `HTTPS_PROXY` for `wss`, `HTTP_PROXY` for `ws`, `ALL_PROXY` for both, none
    /// for hosts in `NO_PROXY`; lower-case names work as well. If no variable is set, the system settings of macOS and
    /// Windows.
    ///
    /// In a CGI program `HTTP_PROXY` is ignored, because there it is a header of the request.
    #[default]
    System,
    /// No proxy: connects directly.
    None,
    /// An HTTP proxy, by the method CONNECT (RFC 9110 section 9.3.6): `http://host:port`, or `https://host:port`.
    Http(String),
    /// A SOCKS proxy (RFC 1928): `socks5://host:port`, or `socks5h://host:port`.
    Socks5(String),
    /// As [`System`](Self::System), with these variables in place of those of the environment.
    Variables(BTreeMap<String, String>),
}

/// The settings of this file.
#[derive(Clone, Debug)]
pub(crate) struct ProxySettings {
    pub(crate) proxy: Proxy,
    pub(crate) credential: Option<ProxyCredential>,
}

impl ProxySettings {
    /// Refuses credentials that no kind of proxy could be told.
    pub(super) fn check(&self) -> Result<()> {
        let Some(ProxyCredential { user, password }) = &self.credential else { return Ok(()) };
        if [user, password].iter().any(|text| text.contains(|c: char| c.is_ascii_control())) {
            let message = "the user or the password of proxy_credential has a control character";
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        Ok(())
    }
}

/// A user with a password.
#[derive(Clone)]
#[allow(dead_code, reason = "a browser refuses it unread")]
pub(crate) struct ProxyCredential {
    pub(crate) user: String,
    pub(crate) password: String,
}

impl Control {
    /// The proxy that is used to reach the server. Default: System ([`Proxy::System`]).
    ///
    /// An HTTP proxy is asked to CONNECT, for `ws` as well (RFC 6455 section 4.1).
    ///
    /// # Errors
    ///
    /// Never falls back to a direct connection. Connecting fails with
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the URL of the proxy is invalid, even if it
    /// comes from the environment; with [`ErrorKind::ProxyAuthentication`](crate::ErrorKind::ProxyAuthentication) if the
    /// proxy requires other credentials; and with [`ErrorKind::HttpStatus`](crate::ErrorKind::HttpStatus) if an HTTP proxy
    /// refuses, whose response is [`Error::response`](crate::Error::response).
    ///
    /// # Platform notes
    ///
    /// In a browser, which uses its own settings, connecting with any other value than [`Proxy::System`] fails with
    /// [`ErrorKind::NotSupported`](crate::ErrorKind::NotSupported). Natively without the feature `proxy`, `System` means
    /// [`Proxy::None`], and any other value fails the same way.
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Control, Proxy};
    ///
    /// let control = Control::new().proxy(Proxy::Http("http://proxy.example:3128".to_owned()));
    /// ```
    #[must_use]
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.extras_mut().proxy.proxy = proxy;
        self
    }

    /// The user and password for the proxy; they take precedence over those of the proxy's URL. Default: none (UWP:
    /// `ProxyCredential`).
    ///
    /// An HTTP proxy gets them as Basic credentials (RFC 7617), a SOCKS proxy by RFC 1929. Both are readable on the network
    /// path to the proxy.
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if either has a control
    /// character; through a proxy, if the user is empty or has a colon where the proxy is one of HTTP, or if either has not 1
    /// to 255 bytes where it is one of SOCKS (RFC 1929 section 2).
    ///
    /// # Platform notes
    ///
    /// In a browser, which asks the user, connecting fails with [`ErrorKind::NotSupported`](crate::ErrorKind::NotSupported).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Control, Proxy};
    ///
    /// let control = Control::new()
    ///     .proxy(Proxy::Http("http://proxy.example:3128".to_owned()))
    ///     .proxy_credential("Aladdin", "open sesame");
    /// ```
    #[must_use]
    pub fn proxy_credential(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.extras_mut().proxy.credential = Some(ProxyCredential { user: user.into(), password: password.into() });
        self
    }
}

/// Shows no passwords: URLs of proxies have them.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let without_user =
            |url: &str| url.rsplit_once('@').map_or_else(|| url.to_owned(), |(_, rest)| format!("..@{rest}"));
        match self {
            Self::System => f.write_str("System"),
            Self::None => f.write_str("None"),
            Self::Http(url) => f.debug_tuple("Http").field(&without_user(url)).finish(),
            Self::Socks5(url) => f.debug_tuple("Socks5").field(&without_user(url)).finish(),
            Self::Variables(variables) => f.debug_tuple("Variables").field(&variables.keys()).finish(),
        }
    }
}

impl fmt::Debug for ProxyCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyCredential").field("user", &self.user).finish_non_exhaustive()
    }
}
