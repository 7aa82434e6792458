//! The URL of a server, with the rules that are the same on every target.

use crate::error::{Fault, Result};

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
        let text = url.trim_matches(|c: char| c.is_ascii_control() || c == ' ');
        let (scheme, rest) = split(text.as_bytes(), b":");
        let Some(rest) = rest else { return Err(Fault::NoScheme.into()) };
        if !scheme.eq_ignore_ascii_case(b"ws") && !scheme.eq_ignore_ascii_case(b"wss") {
            return Err(Fault::WrongScheme.into());
        }
        let Some(rest) = rest.strip_prefix(b"//") else { return Err(Fault::NoHost.into()) };
        // "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used" (section 3).
        if rest.contains(&b'#') {
            return Err(Fault::HasFragment.into());
        }
        let (authority, _) = split(rest, b"/?\\");
        // A password may have anything in it that a host may not.
        check_host_and_port(authority.rsplit(|byte| *byte == b'@').next().unwrap_or(authority))?;
        Ok(Self { text: text.to_owned() })
    }

    /// The URL as the user wrote it.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

/// Not all browsers tell a bad host from a server that cannot be reached.
fn check_host_and_port(authority: &[u8]) -> Result<()> {
    if authority.iter().any(|byte| b" \t\r\n<>^|".contains(byte)) {
        return Err(Fault::BadHost.into());
    }
    let digits = authority.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (host, port) = authority.split_at_checked(authority.len() - digits).unwrap_or((authority, b""));
    // The colons of an IPv6 address stand in brackets, so what follows the last one is the port.
    let host = match host.strip_suffix(b":") {
        Some(host) if is_port(port) => host,
        Some(_) => return Err(Fault::BadPort.into()),
        None if host.iter().rev().take_while(|byte| **byte != b']').any(|byte| *byte == b':') => {
            return Err(Fault::BadPort.into());
        }
        None => authority,
    };
    if host.is_empty() { Err(Fault::NoHost.into()) } else { Ok(()) }
}

/// Whether these digits, perhaps none, are at most 65535.
fn is_port(digits: &[u8]) -> bool {
    let number = digits.iter().fold(0_u32, |number, digit| (number * 10 + u32::from(digit - b'0')).min(1 << 16));
    number < 1 << 16
}

/// What comes before the first of these bytes, and what comes behind it.
fn split<'a>(text: &'a [u8], at: &[u8]) -> (&'a [u8], Option<&'a [u8]>) {
    let mut parts = text.splitn(2, |byte| at.contains(byte));
    (parts.next().unwrap_or_default(), parts.next())
}
