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
        check(url.as_bytes())?;
        Ok(Self { text: url.to_owned() })
    }

    /// The URL as the user wrote it.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The URL without user and password.
    #[allow(dead_code, reason = "natively they are taken out of a parsed URL")]
    pub(crate) fn without_user_info(&self) -> String {
        without_user_info(&self.text)
    }
}

/// A URL without user and password, which end at the last `@` before the path.
pub(crate) fn without_user_info(url: &str) -> String {
    let url = url.trim_matches(|c| c <= ' ');
    let (scheme, rest) = url.split_at(url.find("//").map_or(0, |slashes| slashes + 2));
    let authority = rest.find(['/', '?', '\\']).map_or(rest, |end| &rest[..end]);
    let user_info = authority.rfind('@').map_or(0, |at| at + 1);
    [scheme, &rest[user_info..]].concat()
}

/// Takes the bytes one by one, by what comes with every program: this is part of all browser programs.
fn check(mut url: &[u8]) -> Result<(), Fault> {
    // "Remove any leading and trailing C0 control or space" (WHATWG URL, "basic URL parser"), as the platform does, too.
    while let [0..=b' ', rest @ ..] | [rest @ .., 0..=b' '] = url {
        url = rest;
    }
    let rest = match url {
        [b'w' | b'W', b's' | b'S', b':', rest @ ..] | [b'w' | b'W', b's' | b'S', b's' | b'S', b':', rest @ ..] => rest,
        _ if has(url, b':') => return Err(Fault::WrongScheme),
        _ => return Err(Fault::NoScheme),
    };
    let [b'/', b'/', rest @ ..] = rest else { return Err(Fault::NoHost) };
    // "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used" (section 3).
    if has(rest, b'#') { Err(Fault::HasFragment) } else { check_host_and_port(rest) }
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
