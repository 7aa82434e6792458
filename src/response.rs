//! The answer of a server to the request for a WebSocket, as far as programs may see it.

use std::{fmt, str, time::Duration};

use bytes::Bytes;

/// The response of a server or a proxy that did not open a WebSocket (RFC 9110 section 15).
///
/// Returned by [`Error::response`](crate::Error::response).
///
/// # Platform notes
///
/// Native only: a browser hides the responses to its handshakes.
///
/// # Examples
///
/// ```no_run
/// # async fn run() {
/// let error = websocket_anywhere::MessageWebSocket::connect("wss://example.com/chat").await.unwrap_err();
/// if let Some(response) = error.response() {
///     println!("{}: {}", response.status(), String::from_utf8_lossy(response.body()));
/// }
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Bytes,
    /// What `Retry-After` said, counted from the arrival of the response.
    pub(crate) retry_after: Option<Duration>,
}

impl HttpResponse {
    /// The status code, such as 404 (RFC 9110 section 15).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(response: &websocket_anywhere::HttpResponse) {
    /// println!("{}", response.status());
    /// # }
    /// ```
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// All headers (RFC 9110 section 6.3).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(response: &websocket_anywhere::HttpResponse) {
    /// println!("{:?}", response.headers().get("Content-Type"));
    /// # }
    /// ```
    #[must_use]
    pub const fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The decoded chunks of the body, or an empty slice without one: at most the first 64 KiB (65,536 bytes), and only what
    /// arrived within 1 s (RFC 9112 section 6). A `Content-Encoding` is not decoded.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(response: &websocket_anywhere::HttpResponse) {
    /// println!("{}", String::from_utf8_lossy(response.body()));
    /// # }
    /// ```
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }
}

impl fmt::Debug for HttpResponse {
    /// Without the body, which may be long, and the values of headers, which may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("HttpResponse");
        debug.field("status", &self.status).field("headers", &self.headers).field("body_len", &self.body.len());
        debug.finish()
    }
}

/// The headers of a response, in the order of arrival (RFC 9110 section 5). Cloning is cheap.
///
/// # Platform notes
///
/// Native only, as [`HttpResponse`].
///
/// # Examples
///
/// ```no_run
/// # fn show(headers: &websocket_anywhere::Headers) {
/// for (name, value) in headers.iter() {
///     println!("{name}: {}", String::from_utf8_lossy(value));
/// }
/// # }
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    /// A line each: the name, a colon, the value, a line feed. Neither of the two has a line feed, no name has a colon.
    lines: Bytes,
}

impl Headers {
    /// Names and values, of which folded ones become one line (RFC 9112 section 5.2).
    #[allow(dead_code, reason = "a browser shows no headers")]
    pub(crate) fn new<'a>(headers: impl Iterator<Item = (&'a str, &'a [u8])> + Clone) -> Self {
        let len = headers.clone().map(|(name, value)| name.len() + value.len() + 2).sum();
        let mut lines = Vec::with_capacity(len);
        for (name, value) in headers {
            lines.extend_from_slice(name.as_bytes());
            lines.push(b':');
            let mut parts = value.split(|byte| matches!(byte, b'\r' | b'\n')).map(<[u8]>::trim_ascii);
            lines.extend_from_slice(parts.next().unwrap_or_default());
            for part in parts.filter(|part| !part.is_empty()) {
                lines.push(b' ');
                lines.extend_from_slice(part);
            }
            lines.push(b'\n');
        }
        Self { lines: lines.into() }
    }

    /// The value of the first header with this name, which is not case-sensitive; `None` if there is none, or if the value
    /// is not UTF-8 (RFC 9110 section 5.1).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(headers: &websocket_anywhere::Headers) {
    /// println!("{:?}", headers.get("Set-Cookie"));
    /// # }
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.and_then(|(_, value)| str::from_utf8(value).ok())
    }

    /// An iterator over all names, as they were sent, and values (RFC 9110 section 5).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(headers: &websocket_anywhere::Headers) {
    /// let cookies = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("Set-Cookie"));
    /// println!("{} cookies", cookies.count());
    /// # }
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.lines.split(|byte| *byte == b'\n').filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            Some((str::from_utf8(&line[..colon]).ok()?, &line[colon + 1..]))
        })
    }
}

impl fmt::Debug for Headers {
    /// Without the values, which may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_as_they_came_but_for_their_folds() {
        let sent: [(&str, &[u8]); 5] =
            [("A", b"1"), ("a", b"2:3"), ("B", b""), ("Folded", b"one,\r\n\t two\n three"), ("C", b"\xff")];
        let headers = Headers::new(sent.into_iter());
        assert_eq!(
            (headers.get("a"), headers.get("B"), headers.get("c"), headers.get("D")),
            (Some("1"), Some(""), None, None)
        );
        assert_eq!(headers.get("FOLDED"), Some("one, two three"));
        let all: Vec<_> = headers.iter().collect();
        assert_eq!((all.len(), all[1], all[4]), (5, ("a", &b"2:3"[..]), ("C", &b"\xff"[..])));
        assert!(Headers::default().iter().next().is_none());
        assert!(!format!("{headers:?}").contains('1'), "{headers:?}");
    }
}
