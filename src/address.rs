//! The URL of a server, with the rules that are the same on every target.

use crate::{
    backend::HAS_BASE_URL,
    error::{ErrorCode, Result},
};

/// A URL that is `ws`, `wss`, `http` or `https`, and has no fragment. Where there is a page, it may be relative to that.
///
/// The rest of its syntax is the platform's to check: the WHATWG URL parser on both targets.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    text: String,
    is_relative: bool,
}

impl Address {
    /// Checks what the targets treat differently, so that all refuse the same URLs (RFC 6455 section 3).
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let is_relative = check(url.as_bytes())?;
        Ok(Self { text: url.to_owned(), is_relative })
    }

    /// The URL as the user wrote it. `http` is to be taken for `ws`, and `https` for `wss` (WHATWG WebSockets, "obtain a
    /// WebSocket URL").
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The URL without user and password.
    #[allow(dead_code, reason = "natively they are taken out of a parsed URL")]
    pub(crate) fn without_user_info(&self) -> String {
        without_user_info(&self.text)
    }

    /// Whether it is relative to the page.
    #[allow(dead_code, reason = "natively there is none")]
    pub(crate) const fn is_relative(&self) -> bool {
        self.is_relative
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

/// Tells whether it is relative. Takes the bytes one by one, by what comes with every program: this is part of all browser
/// programs.
fn check(mut url: &[u8]) -> Result<bool, ErrorCode> {
    // "Remove any leading and trailing C0 control or space" (WHATWG URL, "basic URL parser"), as the platform does, too.
    while let [0..=b' ', rest @ ..] | [rest @ .., 0..=b' '] = url {
        url = rest;
    }
    let (scheme, rest) = split_scheme(url);
    let is_relative = scheme.is_none();
    match scheme {
        Some(WS | WSS | HTTP | HTTPS) => {}
        Some(_) => return Err(ErrorCode::WrongScheme),
        None if !HAS_BASE_URL => return Err(ErrorCode::NoScheme),
        None if url.is_empty() => return Err(ErrorCode::NotUrl),
        None => {}
    }
    let authority = match rest {
        [b'/', b'/', rest @ ..] => Some(rest),
        _ if !is_relative => return Err(ErrorCode::NoHost),
        _ => None,
    };
    // "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used" (section 3).
    if has(rest, b'#') {
        return Err(ErrorCode::HasFragment);
    }
    authority.map_or(Ok(()), check_host)?;
    Ok(is_relative)
}

/// What comes before a colon that comes before the path, in lower case and as one number, and what comes behind it. A host with
/// its port is no relative URL, either, though WHATWG URL may take it for one.
fn split_scheme(url: &[u8]) -> (Option<u64>, &[u8]) {
    let mut scheme = 0;
    let mut rest = url.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b':' => return (Some(scheme), rest.as_slice()),
            b'/' | b'?' | b'#' | b'\\' => break,
            // Of more than eight bytes the last eight are left, which is none of ours, either.
            _ => scheme = scheme << 8 | u64::from(byte | 0x20),
        }
    }
    (None, url)
}

const WS: u64 = u64::from_be_bytes(*b"\0\0\0\0\0\0ws");
const WSS: u64 = u64::from_be_bytes(*b"\0\0\0\0\0wss");
const HTTP: u64 = u64::from_be_bytes(*b"\0\0\0\0http");
const HTTPS: u64 = u64::from_be_bytes(*b"\0\0\0https");

/// Not all browsers tell a bad host from a server that cannot be reached, and the WHATWG parser takes `ws:///path` for the host
/// `path`. A bad port is refused by every platform.
fn check_host(rest: &[u8]) -> Result<(), ErrorCode> {
    let (mut is_bad, mut is_empty) = (false, true);
    for byte in rest {
        match byte {
            b'/' | b'?' | b'\\' => break,
            // A password may have anything in it that a host may not.
            b'@' => (is_bad, is_empty) = (false, true),
            _ => {
                is_bad |= matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'<' | b'>' | b'^' | b'|');
                is_empty = false;
            }
        }
    }
    if is_bad {
        return Err(ErrorCode::BadHost);
    }
    if is_empty { Err(ErrorCode::NoHost) } else { Ok(()) }
}

#[allow(clippy::manual_contains, reason = "`contains` brings a search by words, which takes code")]
fn has(text: &[u8], byte: u8) -> bool {
    text.iter().any(|known| *known == byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colon_before_the_path_is_that_of_a_scheme() {
        for url in [
            "httpss://host",
            "htt://host",
            "wsx://host",
            "w://host",
            "s:",
            "://host",
            "hts://host",
            "host:80",
            "longer-than-that-wss://host",
        ] {
            assert!(matches!(check(url.as_bytes()), Err(ErrorCode::WrongScheme)), "{url}");
        }
        for url in ["ws", "https", "/at/12:30", "?12:30", "a/b:c", "//host:80/path", "..", "#a:b"] {
            assert!(split_scheme(url.as_bytes()).0.is_none(), "{url}");
        }
    }
}
