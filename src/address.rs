//! The URL of a server, with the rules that are the same on every target.

use crate::error::{Error, ErrorKind, Result};

/// A URL that is absolute, `ws` or `wss`, and without fragment.
///
/// The rest of its syntax is the platform's to check: the WHATWG URL parser on both targets.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    text: String,
}

impl Address {
    /// Checks what the targets treat differently, so that all refuse the same URLs (RFC 6455 section 3).
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let url = url.trim_matches(|c: char| c.is_ascii_control() || c == ' ');
        let Some((scheme, rest)) = url.split_once(':') else { return Err(invalid("it has no scheme")) };
        if !["ws", "wss"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return Err(invalid("its scheme is neither ws nor wss"));
        }
        let Some(rest) = rest.strip_prefix("//") else { return Err(invalid("it has no host")) };
        // "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used" (section 3).
        if rest.contains('#') {
            return Err(invalid("it has a fragment"));
        }
        let authority = rest.split(['/', '?', '\\']).next().unwrap_or(rest);
        if authority.is_empty() {
            return Err(invalid("it has no host"));
        }
        // A password may have anything in it that a host may not.
        let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host_and_port)| host_and_port);
        check_host_and_port(host_and_port)?;
        Ok(Self { text: url.to_owned() })
    }

    /// The URL as the user wrote it.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

/// Not all browsers tell a bad host from a server that cannot be reached.
fn check_host_and_port(authority: &str) -> Result<()> {
    if authority.contains([' ', '\t', '\r', '\n', '<', '>', '^', '|']) {
        return Err(invalid("its host has a character that no host has"));
    }
    // The colons of an IPv6 address stand in brackets.
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (authority, ""),
    };
    if host.is_empty() {
        return Err(invalid("it has no host"));
    }
    if !port.is_empty() && port.parse::<u16>().is_err() {
        return Err(invalid("its port is not a number up to 65535"));
    }
    Ok(())
}

fn invalid(why: &str) -> Error {
    Error::new(ErrorKind::InvalidUrl, format!("not a WebSocket URL: {why}"))
}
