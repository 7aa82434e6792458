//! The URLs of proxies. What is unclear in one is refused: a password that is taken for a host is told to others.

use std::fmt;

use http_auth::basic::encode_credentials;
use percent_encoding::percent_decode_str;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use super::{Host, Kind, Proxy};
use crate::{
    control::proxy::ProxyCredential,
    error::{Error, ErrorKind, Result},
};

/// Where a URL comes from.
#[derive(Clone, Copy)]
pub(super) enum Origin {
    Setting,
    System,
    Variable(&'static str),
}

/// A proxy as its URL has it.
pub(super) struct ProxyUrl {
    origin: Origin,
    scheme: Scheme,
    host: Host,
    user: Option<String>,
    password: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    Https,
    Socks5,
    Socks5h,
}

impl ProxyUrl {
    /// Reads a URL, which has this scheme if it has none.
    pub(super) fn parse(url: &str, default: Scheme, origin: Origin) -> Result<Self> {
        // The URL may hold a password, so it is not shown.
        let invalid = |what: &str| Error::new(ErrorKind::InvalidArgument, format!("{origin} {what}"));
        let url = url.trim_ascii();
        if url.contains(|c: char| c.is_ascii_control() || c == ' ') {
            return Err(invalid("has a space or a control character"));
        }
        let (scheme, rest) = match url.split_once("://") {
            Some((name, rest)) => (Scheme::named(name).ok_or_else(|| invalid(&unknown(name)))?, rest),
            None => (default, url),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['/', '\\', '?', '#']) {
            return Err(invalid(
                "has more than user, password, host and port; in a user and a password, / \\ ? # are percent-encoded",
            ));
        }
        // As in any URL the last one ends the password (WHATWG URL, "authority state").
        let (user_info, host) = rest.rsplit_once('@').map_or((None, rest), |(user_info, host)| (Some(user_info), host));
        let host = parse_host(host, scheme.port()).ok_or_else(|| invalid("has no host, or a port that is none"))?;
        let (user, password) = match user_info
            .map(|info| info.split_once(':').map_or((info, None), |(u, p)| (u, Some(p))))
        {
            None => (None, None),
            Some((user, password)) => {
                let decode = |text| decode(text).ok_or_else(|| invalid("has a user or a password that is not text"));
                (Some(decode(user)?), password.map(decode).transpose()?)
            }
        };
        Ok(Self { origin, scheme, host, user, password })
    }

    pub(super) const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The proxy, to which this is who we are, or what the URL says.
    pub(super) fn proxy(self, credential: Option<&ProxyCredential>) -> Result<Proxy> {
        let Self { origin, scheme, host, user, password } = self;
        let is_set = credential.is_some();
        let (whose, user, password) = match credential {
            Some(ProxyCredential { user, password }) => {
                ("proxy_credential".to_owned(), Some(user.clone()), Some(password.clone()))
            }
            None => (origin.to_string(), user, password),
        };
        let invalid = |what: &str| Error::new(ErrorKind::InvalidArgument, format!("{whose} {what}"));
        let credential = user.map(|user| (user, password.unwrap_or_default()));
        let is_secure = match scheme {
            Scheme::Http => false,
            Scheme::Https => true,
            Scheme::Socks5 | Scheme::Socks5h => {
                if let Some((user, password)) = &credential {
                    // RFC 1929 section 2.
                    let fits = |text: &str| (1..=255).contains(&text.len());
                    if !fits(user) || !fits(password) {
                        return Err(invalid(
                            "has a user or a password that SOCKS5 cannot carry: each has 1 to 255 bytes",
                        ));
                    }
                }
                return Ok(Proxy { host, kind: Kind::Socks5 { resolves: scheme == Scheme::Socks5h, credential } });
            }
        };
        let authorization = match credential {
            None => None,
            // A token may stand in a URL without a user.
            Some((user, password)) if user.contains(':') || user.is_empty() && (is_set || password.is_empty()) => {
                return Err(invalid("has a user that is empty or has a colon"));
            }
            Some((user, password)) => {
                let value = HeaderValue::try_from(encode_credentials(&user, &password));
                Some(value.map_err(|_| invalid("has credentials that are too long"))?)
            }
        };
        Ok(Proxy { host, kind: Kind::Http { is_secure, authorization } })
    }
}

fn unknown(name: &str) -> String {
    // What is no name of a scheme may be a secret.
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let name = if is_name { name } else { "another scheme" };
    format!("names a proxy by {name}, and there is a way only through those by http, https, socks5 and socks5h")
}

/// A host with brackets around an IPv6 address, and a port from 1.
fn parse_host(text: &str, default_port: u16) -> Option<Host> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    };
    let name = match url::Host::parse(host).ok()? {
        url::Host::Domain(name) => name,
        url::Host::Ipv4(address) => address.to_string(),
        url::Host::Ipv6(address) => address.to_string(),
    };
    let port = match port {
        None => default_port,
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().ok().filter(|port| *port > 0)?
        }
        Some(_) => return None,
    };
    Some(Host { name, port })
}

fn decode(text: &str) -> Option<String> {
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    (!decoded.contains(|c: char| c.is_ascii_control())).then(|| decoded.into_owned())
}

impl Scheme {
    fn named(name: &str) -> Option<Self> {
        Some(match &*name.to_ascii_lowercase() {
            "http" => Self::Http,
            "https" => Self::Https,
            "socks5" => Self::Socks5,
            // As browsers read what desktops write into the variables.
            "socks" | "socks5h" => Self::Socks5h,
            _ => return None,
        })
    }

    const fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
            Self::Socks5 | Self::Socks5h => 1080,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setting => f.write_str("the URL of the proxy"),
            Self::System => f.write_str("the URL of the system's proxy"),
            Self::Variable(name) => write!(f, "the URL of the proxy in the variable {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scheme, host, port, user and password.
    type Parts<'a> = (Scheme, &'a str, u16, Option<&'a str>, Option<&'a str>);

    #[test]
    fn urls_that_are_clear_are_taken() {
        use Scheme::{Http, Https, Socks5, Socks5h};
        let expected: [(&str, Parts<'_>); 26] = [
            ("proxy", (Http, "proxy", 80, None, None)),
            ("proxy:3128", (Http, "proxy", 3128, None, None)),
            ("http://proxy", (Http, "proxy", 80, None, None)),
            ("http://proxy:3128/", (Http, "proxy", 3128, None, None)),
            (" HTTP://Proxy.Example:80\n", (Http, "proxy.example", 80, None, None)),
            ("https://proxy", (Https, "proxy", 443, None, None)),
            ("socks5://proxy", (Socks5, "proxy", 1080, None, None)),
            ("socks5h://proxy", (Socks5h, "proxy", 1080, None, None)),
            ("socks://proxy:1081/", (Socks5h, "proxy", 1081, None, None)),
            ("http://127.0.0.1:1", (Http, "127.0.0.1", 1, None, None)),
            ("http://[::1]", (Http, "::1", 80, None, None)),
            ("http://[::1]:3128", (Http, "::1", 3128, None, None)),
            ("http://b\u{fc}cher.example", (Http, "xn--bcher-kva.example", 80, None, None)),
            ("http://user@host", (Http, "host", 80, Some("user"), None)),
            ("http://user:@host", (Http, "host", 80, Some("user"), Some(""))),
            ("http://:token@host", (Http, "host", 80, Some(""), Some("token"))),
            ("user:p@host:8080", (Http, "host", 8080, Some("user"), Some("p"))),
            ("http://user:p@ss@host", (Http, "host", 80, Some("user"), Some("p@ss"))),
            ("socks5h://alice:p@ss@host", (Socks5h, "host", 1080, Some("alice"), Some("p@ss"))),
            ("http://a@b:p@s@s@host:1", (Http, "host", 1, Some("a@b"), Some("p@s@s"))),
            ("http://user:p:a:s@host", (Http, "host", 80, Some("user"), Some("p:a:s"))),
            ("http://u%40x:p%3a%2F%40@host", (Http, "host", 80, Some("u@x"), Some("p:/@"))),
            ("http://user:100%@host", (Http, "host", 80, Some("user"), Some("100%"))),
            ("http://user:a+b@host", (Http, "host", 80, Some("user"), Some("a+b"))),
            ("http://user:%C3%A9\u{e9}@host", (Http, "host", 80, Some("user"), Some("\u{e9}\u{e9}"))),
            ("http://user:p@[::1]:1", (Http, "::1", 1, Some("user"), Some("p"))),
        ];
        for (url, parts) in expected {
            let ProxyUrl { scheme, host, user, password, .. } =
                parsed(url).unwrap_or_else(|error| panic!("{url}: {error}"));
            assert_eq!((scheme, &*host.name, host.port, user.as_deref(), password.as_deref()), parts, "{url}");
        }
    }

    #[test]
    fn urls_that_are_unclear_are_refused_and_not_shown() {
        for url in [
            "",
            " ",
            "/",
            "http://",
            "http:///",
            "http://:3128",
            "http://@",
            "http://user:sesame@",
            "http://host:",
            "http://host:0",
            "http://host:65536",
            "http://host:port",
            "http://host:+1",
            "http://host:-1",
            "http://ho st",
            "http://ho\tst",
            "http://ho\nst",
            "http://::1",
            "http://::1:3128",
            "http://[::1",
            "http://[::1]3128",
            "http://[x]",
            "http://ho%00st",
            "http://ho|st",
            "http://host/path",
            "http://host?query",
            "http://host#fragment",
            "http://host//",
            "http://host\\",
            "http://user:ses/ame@host",
            "http://user:12/ame@host",
            "http://user:ses?ame@host",
            "http://user:ses#ame@host",
            "http://user:ses\\ame@host",
            "http://user:ses ame@host",
            "http://user:ses\rame@host",
            "http://user:%0asesame@host",
            "http://us%00er:sesame@host",
            "http://user:%ff@host",
            "http://http://host",
            "://host",
            "user:sesame://host",
            "socks4://host",
            "socks4a://host",
            "ftp://host",
            "direct://",
            "quic://host",
        ] {
            let error = parsed(url).err().unwrap_or_else(|| panic!("{url:?}"));
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{url:?}");
            let words = error.to_string();
            assert!(words.contains("the variable all_proxy"), "{url:?}: {words}");
            assert!(!words.contains("ses") && !words.contains("ame@"), "{url:?}: {words}");
            if let Some((scheme @ ("socks4" | "socks4a" | "ftp"), _)) = url.split_once("://") {
                assert!(words.contains(&format!(" by {scheme},")), "{words}");
            }
        }
    }

    #[test]
    fn credentials_that_a_proxy_cannot_be_told_are_refused() {
        let long = "x".repeat(256);
        for (url, words) in [
            ("http://a%3Ab:c@host".to_owned(), "a colon"),
            ("http://@host".to_owned(), "empty"),
            ("socks5://user@host".to_owned(), "SOCKS5 cannot carry"),
            ("socks5h://user:@host".to_owned(), "SOCKS5 cannot carry"),
            ("socks5://:password@host".to_owned(), "SOCKS5 cannot carry"),
            (format!("socks5://{long}:password@host"), "SOCKS5 cannot carry"),
            (format!("socks5://user:{long}@host"), "SOCKS5 cannot carry"),
        ] {
            let error = parsed(&url).unwrap_or_else(|error| panic!("{url}: {error}")).proxy(None).err().unwrap();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{url}");
            assert!(error.to_string().contains(words), "{error}");
            assert!(error.to_string().starts_with("the URL of the proxy in the variable all_proxy "), "{error}");
        }
        let credential = ProxyCredential { user: "user".to_owned(), password: String::new() };
        let error = parsed("socks5://host").ok().unwrap().proxy(Some(&credential)).err().unwrap();
        assert!(error.to_string().starts_with("proxy_credential "), "{error}");
    }

    fn parsed(url: &str) -> Result<ProxyUrl> {
        ProxyUrl::parse(url, Scheme::Http, Origin::Variable("all_proxy"))
    }
}
