//! Which proxy leads to a server: a setting, the variables of the environment, or the settings of the system.

use std::env;

use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use tokio_tungstenite::tungstenite::http::Uri;
use url::Url;

use super::{
    Host, Proxy,
    bypass::is_listed,
    url::{Origin, ProxyUrl, Scheme},
};
use crate::{
    backend::native::os::SYSTEM_HAS_PROXIES,
    control::proxy::{Proxy as Choice, ProxySettings},
    error::{Error, ErrorKind, Result},
};

/// The proxy that leads to a server, if any does.
pub(in crate::backend::native::dial) fn choose(
    settings: &ProxySettings,
    url: &Url,
    server: &Host,
) -> Result<Option<Proxy>> {
    let own = if url.scheme() == "wss" { &HTTPS } else { &HTTP };
    let proxy = match &settings.proxy {
        Choice::None => None,
        Choice::Http(url) => {
            Some(explicit(url, [Scheme::Http, Scheme::Https], "http://host:port or https://host:port")?)
        }
        Choice::Socks5(url) => {
            Some(explicit(url, [Scheme::Socks5, Scheme::Socks5h], "socks5://host:port or socks5h://host:port")?)
        }
        Choice::Variables(variables) => by_variables(|name| variables.get(name).cloned(), own, server)?.proxy(),
        Choice::System => {
            let variable = |name| env::var_os(name).map(|value| value.to_string_lossy().into_owned());
            match by_variables(variable, own, server)? {
                Named::Nothing if SYSTEM_HAS_PROXIES => by_system(url)?,
                named => named.proxy(),
            }
        }
    };
    proxy.map(|proxy| proxy.proxy(settings.credential.as_ref())).transpose()
}

/// The proxy with this URL, whose scheme is one of `schemes`, the first if it has none.
fn explicit(url: &str, schemes: [Scheme; 2], expected: &str) -> Result<ProxyUrl> {
    let proxy = ProxyUrl::parse(url, schemes[0], Origin::Setting)?;
    if schemes.contains(&proxy.scheme()) {
        return Ok(proxy);
    }
    Err(Error::new(ErrorKind::InvalidArgument, format!("the URL of the proxy is not {expected}")))
}

/// What the variables say about a server.
enum Named {
    Proxy(ProxyUrl),
    /// That it is reached directly.
    Direct,
    Nothing,
}

impl Named {
    fn proxy(self) -> Option<ProxyUrl> {
        match self {
            Self::Proxy(proxy) => Some(proxy),
            Self::Direct | Self::Nothing => None,
        }
    }
}

/// The proxy that the variables name; one that makes no sense is an error, not a direct connection.
fn by_variables(
    variable: impl Fn(&'static str) -> Option<String>,
    own: &[&'static str; 2],
    server: &Host,
) -> Result<Named> {
    // The first of a pair that is there, though it may be empty.
    let first = |names: &[&'static str; 2]| names.iter().find_map(|name| Some((*name, variable(name)?)));
    let set = |names| first(names).filter(|(_, value)| !value.trim_ascii().is_empty());
    let named = set(own).or_else(|| set(&ALL));
    // Mostly nothing is set, and every connection asks: the rest is for those that may need a proxy.
    if named.is_none() && !SYSTEM_HAS_PROXIES {
        return Ok(Named::Nothing);
    }
    // In CGI, HTTP_PROXY is the header `Proxy` of whoever asks.
    if variable(CGI).is_some() || first(&NO).is_some_and(|(_, list)| is_listed(&list, server)) {
        return Ok(Named::Direct);
    }
    let Some((name, url)) = named else { return Ok(Named::Nothing) };
    ProxyUrl::parse(&url, Scheme::Http, Origin::Variable(name)).map(Named::Proxy)
}

/// The proxy of the system's settings, by hyper-util.
fn by_system(url: &Url) -> Result<Option<ProxyUrl>> {
    let invalid = |error| Error::with_source(ErrorKind::InvalidUrl, "not a host that a proxy may lead to", error);
    let scheme = if url.scheme() == "wss" { "https" } else { "http" };
    let host = url.host_str().unwrap_or_default();
    let server: Uri = format!("{scheme}://{host}/").parse().map_err(invalid)?;
    let parse = |found: Intercept| ProxyUrl::parse(&found.uri().to_string(), Scheme::Http, Origin::System);
    Matcher::from_system().intercept(&server).map(parse).transpose()
}

const HTTP: [&str; 2] = ["HTTP_PROXY", "http_proxy"];
const HTTPS: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];
const ALL: [&str; 2] = ["ALL_PROXY", "all_proxy"];
const NO: [&str; 2] = ["NO_PROXY", "no_proxy"];
const CGI: &str = "REQUEST_METHOD";
