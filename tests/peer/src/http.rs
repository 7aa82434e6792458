//! The opening handshake: reads the head of a request, writes responses by hand.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::handshake::machine::TryParse;
use tokio_tungstenite::tungstenite::handshake::server::Request;

/// The head of a request, as received and as understood.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) text: String,
    pub(crate) request: Request,
}

impl Head {
    pub(crate) fn parse(text: String) -> Result<Self, String> {
        let parsed = Request::try_parse(text.as_bytes()).map_err(|error| error.to_string())?;
        let (_, request) = parsed.ok_or("the head of the request is incomplete")?;
        Ok(Self { text, request })
    }

    /// The request line and the headers.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines().filter(|line| !line.is_empty())
    }

    pub(crate) fn path(&self) -> &str {
        self.request.uri().path()
    }

    pub(crate) fn query(&self) -> Query {
        Query::parse(self.request.uri().query().unwrap_or_default())
    }

    /// What `Sec-WebSocket-Accept` has to say; `None` if the request is not for a WebSocket.
    pub(crate) fn accept_key(&self) -> Option<String> {
        let key = self.request.headers().get("Sec-WebSocket-Key")?;
        Some(derive_accept_key(key.as_bytes()))
    }
}

/// Reads up to the empty line. `None`: the client left before, or its head is over `MAX_HEAD`.
pub(crate) async fn read_head<R>(reader: &mut R) -> io::Result<Option<String>>
where
    R: AsyncBufRead + Unpin,
{
    let mut reader = reader.take(MAX_HEAD);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if reader.read_until(b'\n', &mut head).await? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(String::from_utf8_lossy(&head).into_owned()))
}

/// A response with these headers and nothing but these.
pub(crate) fn response(status: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut response = format!("HTTP/1.1 {status}\r\n");
    for (name, value) in headers {
        response.push_str(&format!("{name}: {value}\r\n"));
    }
    response.push_str("\r\n");
    response.push_str(body);
    response.into_bytes()
}

/// A response that is the last of its connection.
pub(crate) fn refusal(status: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let length = body.len().to_string();
    let mut all = vec![("Connection", "close"), ("Content-Type", "text/plain"), ("Content-Length", &length)];
    all.extend_from_slice(headers);
    response(status, &all, body)
}

/// The answer that opens a WebSocket, and what else it is to say.
pub(crate) fn switching_protocols(accept: &str, more: &[(&str, &str)]) -> Vec<u8> {
    switching_by("websocket", "Upgrade", accept, more)
}

/// The same with these values of `Upgrade` and `Connection`.
pub(crate) fn switching_by(upgrade: &str, connection: &str, accept: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let mut headers = vec![("Upgrade", upgrade), ("Connection", connection), ("Sec-WebSocket-Accept", accept)];
    headers.extend_from_slice(more);
    response(SWITCHING_PROTOCOLS, &headers, "")
}

/// The parameters of a URL, percent-decoded.
#[derive(Debug)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.0.iter().filter(move |(key, _)| key == name);
        named.map(|(_, value)| value.as_str())
    }

    /// A number up to `max`, or `default` where the URL does not say.
    pub(crate) fn number(&self, name: &str, default: u64, max: u64) -> Result<u64, BadParameter> {
        match self.get(name) {
            None => Ok(default),
            Some(text) => {
                let number: Option<u64> = text.parse().ok();
                let allowed = number.filter(|&number| number <= max);
                allowed.ok_or_else(|| BadParameter(format!("{name}={text}: not a number up to {max}")))
            }
        }
    }
}

/// A parameter that makes no sense; answered with 400 and this text.
#[derive(Debug)]
pub(crate) struct BadParameter(pub(crate) String);

pub(crate) const SWITCHING_PROTOCOLS: &str = "101 Switching Protocols";

/// A longer head is not answered.
const MAX_HEAD: u64 = 1 << 20;
