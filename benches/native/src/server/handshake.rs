//! The opening handshake (RFC 6455 section 4.2), for clients that are known to behave.

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// What a client asks for.
#[derive(Debug)]
pub(crate) struct Request {
    pub(super) path: String,
    query: String,
}

impl Request {
    /// What a request target, path and query, asks for.
    pub(super) fn new(target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self { path: path.to_owned(), query: query.to_owned() }
    }

    /// The value of a parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }
}

/// Reads the request and agrees to it; gives it with the extensions agreed on. No client sends anything before the answer.
pub(crate) async fn accept<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> Result<(Request, &'static str)> {
    let mut head = Vec::with_capacity(1024);
    while !head.ends_with(b"\r\n\r\n") {
        ensure!(stream.read_buf(&mut head).await? > 0, "the client left during the handshake");
    }
    let head = str::from_utf8(&head)?;
    let key = header(head, "sec-websocket-key").context("no Sec-WebSocket-Key")?;
    let target = head.split(' ').nth(1).context("no request target")?;
    let request = Request::new(target);
    let offer = header(head, "sec-websocket-extensions").unwrap_or_default();
    let extensions = match request.parameter("deflate") {
        None => "",
        Some("fresh") => "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        Some(_) => "permessage-deflate",
    };
    ensure!(extensions.is_empty() || offer.contains("permessage-deflate"), "the client does not compress");
    let line =
        if extensions.is_empty() { String::new() } else { format!("Sec-WebSocket-Extensions: {extensions}\r\n") };
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n{line}\r\n",
        derive_accept_key(key.as_bytes())
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.flush().await?;
    Ok((request, extensions))
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut headers = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_headers_have_no_case() {
        let head = "GET / HTTP/1.1\r\nHost: x\r\nSEC-websocket-KEY:  abc \r\n\r\n";
        assert_eq!(header(head, "sec-websocket-key"), Some("abc"));
        assert_eq!(header(head, "sec-websocket-protocol"), None);
    }

    #[test]
    fn parameters_are_found() {
        let request = Request::new("/source?size=64&text=ascii");
        assert_eq!(request.path, "/source");
        assert_eq!(request.parameter("text"), Some("ascii"));
        assert_eq!(request.parameter("fragments"), None);
    }
}
