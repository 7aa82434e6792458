//! WebSockets over HTTP/2: RFC 8441, by the frames of the crate h2.
//!
//! [`client`] makes a connection and drives it, [`request`] opens a stream of it as a WebSocket, and [`stream`] is the
//! transport that comes of it, which the engine uses as it uses TCP.

mod client;
mod request;
mod stream;

use std::{fmt, sync::Arc};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::Instant,
};
use url::Url;

use self::client::{Client, User};
use super::dial::{self, Deadline, Dialled, Ends, Stage};
use crate::{
    control::{Control, HttpVersion},
    error::{Error, ErrorKind, Result},
};

/// What TLS is to offer (RFC 7301): nothing is HTTP/1.1.
pub(super) fn protocols(control: &Control) -> &'static [&'static [u8]] {
    match control.extras().http_version {
        HttpVersion::Http1 => &[],
        HttpVersion::Http2 => &[HTTP2],
        HttpVersion::Auto => &[HTTP2, HTTP1],
    }
}

/// Whether a connection over which TLS has agreed on `protocol`, or without TLS, is one of HTTP/2.
pub(super) fn is_chosen(control: &Control, is_secure: bool, protocol: Option<&[u8]>) -> Result<bool> {
    match control.extras().http_version {
        HttpVersion::Http1 => Ok(false),
        HttpVersion::Auto => Ok(protocol == Some(HTTP2)),
        HttpVersion::Http2 if !is_secure || protocol == Some(HTTP2) => Ok(true),
        HttpVersion::Http2 => Err(Error::new(ErrorKind::InvalidResponse, "the server does not speak HTTP/2")),
    }
}

/// Dials, and dials again where an attempt has shown that another one may do better.
pub(super) async fn dial(url: &Url, control: &Control, deadline: Deadline) -> Result<Dialled> {
    let error = match dial::dial(url, control, deadline).await {
        Err(error) => error,
        dialled => return dialled,
    };
    match again(&error) {
        Some(Again::ByHttp1) if control.extras().http_version == HttpVersion::Auto => {
            let control = control.clone().http_version(HttpVersion::Http1);
            dial::dial(url, &control, deadline).await
        }
        _ => Err(error),
    }
}

/// Makes a connection of HTTP/2 over this transport, and a WebSocket over that.
pub(super) async fn open(
    transport: Box<dyn Io>,
    url: &Url,
    control: &Control,
    ends: Ends,
    end: Instant,
) -> Result<Dialled> {
    let (client, user) = Stage::Handshake.until(end, Client::new(transport, ends)).await?;
    Stage::Handshake.until(end, dialled(&client, user, url, control, end)).await
}

async fn dialled(client: &Client, user: Arc<User>, url: &Url, control: &Control, end: Instant) -> Result<Dialled> {
    let (transport, upgraded) = request::open(client, user, url, control, end).await?;
    Ok(Dialled { transport, upgraded, ends: client.ends().clone() })
}

/// A transport of any kind.
pub(super) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// What another attempt has to do otherwise; the source of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    /// The server has no WebSockets over HTTP/2.
    ByHttp1,
}

impl Again {
    fn because(self, kind: ErrorKind, message: &'static str) -> Error {
        Error::with_source(kind, message, self)
    }
}

/// Whether another attempt may do better, and how.
fn again(error: &Error) -> Option<Again> {
    std::error::Error::source(error)?.downcast_ref().copied()
}

impl fmt::Display for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByHttp1 => "its settings lack SETTINGS_ENABLE_CONNECT_PROTOCOL",
        })
    }
}

impl std::error::Error for Again {}

const HTTP1: &[u8] = b"http/1.1";
const HTTP2: &[u8] = b"h2";
