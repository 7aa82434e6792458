//! Which proxy leads to a server, by hyper-util's rules for the environment, NO_PROXY and the system's settings.

use std::{collections::BTreeMap, env};

use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use tokio_tungstenite::tungstenite::http::Uri;
use url::form_urlencoded::byte_serialize;

use super::{Host, Kind, Proxy};
use crate::{
    backend::native::os::SYSTEM_HAS_PROXIES,
    control::proxy::{Proxy as Choice, ProxyCredential, ProxySettings},
    error::{Error, ErrorKind, Result},
};

/// The proxy that leads to a server, if any does; `host` has brackets if it is an IPv6 address.
pub(in crate::backend::native::dial) fn choose(
    settings: &ProxySettings,
    host: &str,
    is_secure: bool,
) -> Result<Option<Proxy>> {
    // Mostly nothing is set, and every connection asks: only those that may name a proxy for it.
    let scheme = if is_secure { "https" } else { "http" };
    let is_unset = || own(scheme).iter().chain(&ALL).all(|name| env::var_os(name).is_none());
    if matches!(settings.proxy, Choice::System) && !SYSTEM_HAS_PROXIES && is_unset() {
        return Ok(None);
    }
    let invalid = |error| Error::with_source(ErrorKind::InvalidUrl, "not a host that a proxy may lead to", error);
    let server: Uri = format!("{scheme}://{host}/").parse().map_err(invalid)?;
    let intercept = match &settings.proxy {
        Choice::None => None,
        Choice::Http(url) => Some(explicit(url, ["http", "https"], &server)?),
        Choice::Socks5(url) => Some(explicit(url, ["socks5", "socks5h"], &server)?),
        Choice::Variables(variables) => by_variables(variables, &server, matcher)?,
        Choice::System => by_variables(&environment(), &server, |_| Matcher::from_system())?,
    };
    let Some(intercept) = intercept else { return Ok(None) };
    match &settings.credential {
        Some(credential) => proxy(&with_credential(&intercept, credential, &server)?).map(Some),
        None => proxy(&intercept).map(Some),
    }
}

/// Those of the variables that are set.
fn environment() -> BTreeMap<String, String> {
    let set = |name: &&str| Some(((*name).to_owned(), env::var_os(name)?.to_string_lossy().into_owned()));
    VARIABLES.iter().filter_map(set).collect()
}

/// The proxy with this URL, whose scheme is one of `schemes`, the first if it has none.
fn explicit(url: &str, schemes: [&str; 2], server: &Uri) -> Result<Intercept> {
    let url = if url.contains("://") { url.to_owned() } else { format!("{}://{url}", schemes[0]) };
    let intercept = Matcher::builder().all(url).build().intercept(server);
    let fits = |intercept: &Intercept| schemes.iter().any(|scheme| intercept.uri().scheme_str() == Some(scheme));
    // The URL may hold a password, so it is not shown.
    let invalid = || {
        let message = format!("the URL of the proxy is not {}://host:port or {}://host:port", schemes[0], schemes[1]);
        Error::new(ErrorKind::InvalidArgument, message)
    };
    intercept.filter(fits).ok_or_else(invalid)
}

/// The proxy that the variables name; one that makes no sense is an error, not a direct connection.
fn by_variables(
    variables: &BTreeMap<String, String>,
    server: &Uri,
    matcher: impl FnOnce(&BTreeMap<String, String>) -> Matcher,
) -> Result<Option<Intercept>> {
    // In CGI, HTTP_PROXY is the header `Proxy` of whoever asks.
    // The asterisk is for addresses, too, which hyper-util does not see.
    if variables.contains_key(CGI) || first(variables, &NO).split(',').any(|entry| entry.trim() == "*") {
        return Ok(None);
    }
    if let Some(intercept) = matcher(variables).intercept(server) {
        return Ok(Some(intercept));
    }
    let named = |names: &[&'static str; 2]| {
        let (name, value) = names.iter().find_map(|name| Some((*name, variables.get(*name)?)))?;
        (!value.is_empty()).then_some(name)
    };
    let Some(name) = named(own(server.scheme_str().unwrap_or_default())).or_else(|| named(&ALL)) else {
        return Ok(None);
    };
    let any_proxy = Matcher::builder().all("http://proxy").no(first(variables, &NO)).build();
    if any_proxy.intercept(server).is_none() {
        return Ok(None);
    }
    Err(Error::new(ErrorKind::InvalidArgument, format!("the variable {name} does not name a proxy")))
}

/// The variables for servers of one scheme.
fn own(scheme: &str) -> &'static [&'static str; 2] {
    if scheme == "https" { &HTTPS } else { &HTTP }
}

fn matcher(variables: &BTreeMap<String, String>) -> Matcher {
    let builder = Matcher::builder().all(first(variables, &ALL)).http(first(variables, &HTTP));
    builder.https(first(variables, &HTTPS)).no(first(variables, &NO)).build()
}

/// The first of the variables that is there, though it may be empty.
fn first<'a>(variables: &'a BTreeMap<String, String>, names: &[&str; 2]) -> &'a str {
    names.iter().find_map(|name| variables.get(*name)).map_or("", String::as_str)
}

/// The same proxy with another user.
fn with_credential(intercept: &Intercept, credential: &ProxyCredential, server: &Uri) -> Result<Intercept> {
    let ProxyCredential { user, password } = credential;
    let uri = intercept.uri();
    let is_http = uri.scheme_str().is_some_and(|scheme| scheme.starts_with("http"));
    if user.is_empty() || is_http && user.contains(':') {
        let message = "the user of proxy_credential is empty or has a colon";
        return Err(Error::new(ErrorKind::InvalidArgument, message));
    }
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
    let (scheme, authority) = (uri.scheme_str().unwrap_or_default(), uri.authority().map_or("", |it| it.as_str()));
    let url = format!("{scheme}://{}:{}@{authority}", encode(user), encode(password));
    let too_long = || Error::new(ErrorKind::InvalidArgument, "proxy_credential is too long");
    Matcher::builder().all(url).build().intercept(server).ok_or_else(too_long)
}

fn proxy(intercept: &Intercept) -> Result<Proxy> {
    let uri = intercept.uri();
    let invalid = || Error::new(ErrorKind::InvalidArgument, "the URL of the proxy has no host, or a port that is none");
    let host = uri.host().ok_or_else(invalid)?;
    if uri.port_u16().is_none() && uri.authority().is_some_and(|authority| authority.as_str() != host) {
        return Err(invalid());
    }
    let host = host.trim_matches(['[', ']']).to_owned();
    let credential = intercept.raw_auth().map(|(user, password)| (user.to_owned(), password.to_owned()));
    let authorization = intercept.basic_auth().cloned();
    let (kind, default_port) = match uri.scheme_str() {
        Some("http") => (Kind::Http { is_secure: false, authorization }, 80),
        Some("https") => (Kind::Http { is_secure: true, authorization }, 443),
        Some("socks5") => (Kind::Socks5 { resolves: false, credential }, 1080),
        Some("socks5h") => (Kind::Socks5 { resolves: true, credential }, 1080),
        other => {
            let message = format!("there is no way through a proxy of {}", other.unwrap_or("no scheme"));
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
    };
    Ok(Proxy { host: Host { name: host, port: uri.port_u16().unwrap_or(default_port) }, kind })
}

const HTTP: [&str; 2] = ["HTTP_PROXY", "http_proxy"];
const HTTPS: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];
const ALL: [&str; 2] = ["ALL_PROXY", "all_proxy"];
const NO: [&str; 2] = ["NO_PROXY", "no_proxy"];
const CGI: &str = "REQUEST_METHOD";

/// All of them.
const VARIABLES: [&str; 9] = [HTTP[0], HTTP[1], HTTPS[0], HTTPS[1], ALL[0], ALL[1], NO[0], NO[1], CGI];
