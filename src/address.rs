//! The URL of a server, with the rules that are the same on every target.

use crate::{
    backend::HAS_BASE_URL,
    error::{Fault, Result},
};

/// A URL that is `ws`, `wss`, or was `http` or `https`, and has no fragment. Where there is a page, it may be relative to that.
///
/// The rest of its syntax is the platform's to check: the WHATWG URL parser on both targets.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    text: String,
    is_relative: bool,
}

impl Address {
    /// Checks what the targets treat differently, so that all refuse the same URLs (RFC 6455 section 3). `http` becomes `ws`,
    /// and `https` `wss`, which only newer platforms do by themselves (WHATWG WebSockets, "obtain a WebSocket URL").
    pub(crate) fn parse(url: &str) -> Result<Self> {
        // "Remove any leading and trailing C0 control or space" (WHATWG URL, "basic URL parser"), as the platform does, too.
        let start = url.bytes().take_while(|byte| *byte <= b' ').count();
        let rest = url.get(start..).unwrap_or_default();
        let scheme = check(rest.as_bytes())?;
        let text = match scheme {
            Scheme::Http => ["ws", rest.get(HTTP.len()..).unwrap_or_default()].concat(),
            Scheme::Ws | Scheme::OfBase => rest.to_owned(),
        };
        Ok(Self { text, is_relative: scheme == Scheme::OfBase })
    }

    /// Whether it is relative to the page.
    #[allow(dead_code, reason = "natively there is none")]
    pub(crate) const fn is_relative(&self) -> bool {
        self.is_relative
    }

    /// The URL as the user wrote it, but for its scheme.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

/// The scheme of a URL, each with its secure variant.
#[derive(PartialEq, Eq)]
enum Scheme {
    Http,
    Ws,
    /// That of the page, for a relative URL.
    OfBase,
}

/// Takes the bytes one by one, by what comes with every program: this is part of all browser programs.
fn check(mut url: &[u8]) -> Result<Scheme, Fault> {
    while let [rest @ .., 0..=b' '] = url {
        url = rest;
    }
    let end = url.iter().position(|byte| matches!(byte, b':' | b'/' | b'?' | b'#' | b'\\')).unwrap_or(url.len());
    let (name, rest) = url.split_at_checked(end).unwrap_or_default();
    let [b':', rest @ ..] = rest else {
        // "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used" (section 3).
        return match url {
            _ if !HAS_BASE_URL => Err(Fault::NoScheme),
            [] => Err(Fault::NotUrl),
            _ if has(url, b'#') => Err(Fault::HasFragment),
            [b'/', b'/', rest @ ..] => check_host_and_port(rest).map(|()| Scheme::OfBase),
            _ => Ok(Scheme::OfBase),
        };
    };
    let scheme = match name {
        [b'w' | b'W', b's' | b'S'] | [b'w' | b'W', b's' | b'S', b's' | b'S'] => Scheme::Ws,
        [http @ .., b's' | b'S'] | http if http.eq_ignore_ascii_case(HTTP) => Scheme::Http,
        _ => return Err(Fault::WrongScheme),
    };
    let [b'/', b'/', rest @ ..] = rest else { return Err(Fault::NoHost) };
    if has(rest, b'#') {
        return Err(Fault::HasFragment);
    }
    check_host_and_port(rest).map(|()| scheme)
}

/// Not all browsers tell a bad host from a server that cannot be reached.
fn check_host_and_port(rest: &[u8]) -> Result<(), Fault> {
    let (mut is_bad, mut len) = (false, 0_usize);
    // How long the host is, if a port follows. The colons of an IPv6 address stand in brackets.
    let (mut host_len, mut port) = (None, 0);
    for byte in rest {
        match byte {
            b'/' | b'?' | b'\\' => break,
            // A password may have anything in it that a host may not.
            b'@' => {
                (is_bad, len, host_len) = (false, 0, None);
                continue;
            }
            b' ' | b'\t' | b'\r' | b'\n' | b'<' | b'>' | b'^' | b'|' => is_bad = true,
            b':' => (host_len, port) = (Some(len), 0),
            b']' => host_len = None,
            b'0'..=b'9' => port = NO_PORT.min(port * 10 + u32::from(byte - b'0')),
            _ => port = NO_PORT,
        }
        len += 1;
    }
    match host_len {
        _ if is_bad => Err(Fault::BadHost),
        Some(_) if port >= NO_PORT => Err(Fault::BadPort),
        None if len > 0 => Ok(()),
        None | Some(0) => Err(Fault::NoHost),
        Some(_) => Ok(()),
    }
}

#[allow(clippy::manual_contains, reason = "`contains` brings a search by words, which takes code")]
fn has(text: &[u8], byte: u8) -> bool {
    text.iter().any(|known| *known == byte)
}

/// The number behind the last port.
const NO_PORT: u32 = 1 << 16;

const HTTP: &[u8] = b"http";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schemes_of_http_become_those_of_websockets() {
        for (url, expected) in [
            ("ws://host/path", "ws://host/path"),
            ("WSS://host", "WSS://host"),
            ("http://host/http://", "ws://host/http://"),
            ("https://host", "wss://host"),
            ("HtTp://user:password@host:1/?q", "ws://user:password@host:1/?q"),
            (" \n\tHTTPS://host/ ", "wsS://host/ "),
        ] {
            assert_eq!(Address::parse(url).unwrap().as_str(), expected, "{url:?}");
        }
        for url in ["httpss://host", "htt://host", "httpx://host", "w://host", "s://host", "://host", "hts://host"] {
            assert!(matches!(check(url.as_bytes()), Err(Fault::WrongScheme)), "{url}");
        }
    }
}
