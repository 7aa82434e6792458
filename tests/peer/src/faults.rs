//! Answers to the request that a client must not take for an open WebSocket.

use std::io;

use tokio_tungstenite::tungstenite::http::StatusCode;

use crate::connection::Connection;
use crate::http::{self, BadParameter, Head, Query};
use crate::tungstenite_half::WellBehaved;

/// What is wrong with the answer.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Only the `first` connections of an id, if there is such a number.
    Reject {
        status: StatusCode,
        headers: Vec<(String, String)>,
        first: u64,
    },
    Redirect,
    StallUpgrade,
    NotHttp,
    BadAccept,
    NoUpgrade,
    Extension,
    TruncatedUpgrade,
    EndlessHeader,
}

impl Fault {
    pub(crate) fn parse(path: &str, query: &Query) -> Result<Option<Self>, BadParameter> {
        if let Some(status) = path.strip_prefix("/reject/") {
            let status = status.parse();
            return Ok(Some(Self::Reject {
                status: status.map_err(|_| BadParameter("no HTTP status".to_owned()))?,
                headers: query.all("header").map(header).collect::<Result<_, _>>()?,
                first: query.number("first", u64::MAX, u64::MAX)?,
            }));
        }
        Ok(Some(match path {
            "/redirect" => Self::Redirect,
            "/stall-upgrade" => Self::StallUpgrade,
            "/not-http" => Self::NotHttp,
            "/bad-accept" => Self::BadAccept,
            "/no-upgrade" => Self::NoUpgrade,
            "/extension" => Self::Extension,
            "/truncated-upgrade" => Self::TruncatedUpgrade,
            "/endless-header" => Self::EndlessHeader,
            _ => return Ok(None),
        }))
    }

    pub(crate) async fn serve(self, connection: &mut Connection, head: &Head) -> io::Result<()> {
        let Some(accept) = head.accept_key() else {
            return connection.refuse("400 Bad Request", "no Sec-WebSocket-Key").await;
        };
        let answer = match self {
            Self::Reject { first, .. } if connection.record.count("open") > first => {
                return WellBehaved::Echo.serve(connection, head).await;
            }
            Self::Reject { status, headers, .. } => return reject(connection, status, &headers).await,
            Self::Redirect => return redirect(connection).await,
            Self::TruncatedUpgrade => {
                let whole = http::switching_protocols(&accept, &[]);
                connection.write(&whole[..whole.len() / 2]).await?;
                return connection.finish().await;
            }
            Self::NotHttp => {
                connection.write(b"\x16\x03\x01 not HTTP\r\n\0\xff\r\n\r\n").await?;
                return connection.finish().await;
            }
            Self::EndlessHeader => return endless_header(connection).await,
            Self::StallUpgrade => Vec::new(),
            Self::BadAccept => http::switching_protocols(OTHER_ACCEPT, &[]),
            Self::NoUpgrade => {
                let headers = [("Connection", "Upgrade"), ("Sec-WebSocket-Accept", &accept)];
                http::response(http::SWITCHING_PROTOCOLS, &headers, "")
            }
            Self::Extension => {
                let extension = ("Sec-WebSocket-Extensions", "permessage-deflate");
                http::switching_protocols(&accept, &[extension])
            }
        };
        connection.write(&answer).await?;
        connection.client_end().await
    }
}

async fn reject(connection: &mut Connection, status: StatusCode, headers: &[(String, String)]) -> io::Result<()> {
    let reason = status.canonical_reason().unwrap_or("Unnamed");
    let line = format!("{} {reason}", status.as_str());
    let mut all = vec![("X-Peer", "rejected")];
    all.extend(headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    connection.write(&http::refusal(&line, &all, reason)).await?;
    connection.finish().await
}

async fn redirect(connection: &mut Connection) -> io::Result<()> {
    let address = connection.tcp().local_addr()?;
    let location = match connection.is_tls() {
        true => format!("wss://localhost:{}/echo", address.port()),
        false => format!("ws://{address}/echo"),
    };
    let headers = [("Location", location.as_str())];
    connection.write(&http::refusal("302 Found", &headers, "")).await?;
    connection.finish().await
}

async fn endless_header(connection: &mut Connection) -> io::Result<()> {
    connection.write(b"HTTP/1.1 101 Switching Protocols\r\n").await?;
    let line = format!("X-Filler: {}\r\n", "x".repeat(1000));
    let block = line.repeat(64).into_bytes();
    for _ in 0..MAX_ENDLESS / block.len() {
        connection.write(&block).await?;
    }
    connection.finish().await
}

fn header(text: &str) -> Result<(String, String), BadParameter> {
    let parts = text.split_once(':');
    let (name, value) = parts.ok_or_else(|| BadParameter(format!("header={text}: no colon")))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// The accept key of the example in RFC 6455 section 1.3: right in form, and for another request.
const OTHER_ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// Even a client without a limit is let go after so many bytes of headers.
const MAX_ENDLESS: usize = 4 << 20;
