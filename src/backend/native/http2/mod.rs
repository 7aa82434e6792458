//! WebSockets over HTTP/2: RFC 8441, by the frames of the crate h2.
//!
//! [`client`] makes a connection and drives it, [`request`] opens a stream of it as a WebSocket, and [`stream`] is the
//! transport that comes of it, which the engine uses as it uses TCP. [`pool`] has the connections that sockets share, [`users`]
//! counts who uses one.

mod client;
mod pool;
mod request;
mod stream;
mod users;

use std::{fmt, pin::pin, sync::Arc};

use futures::future::{Either, select};
use h2::Reason;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::Instant,
};
use url::Url;

pub(super) use self::pool::PendingConnection;
pub(crate) use self::pool::Pool;
use self::{
    client::Client,
    pool::{Origin, Reservation},
    users::User,
};
use super::{
    dial::{self, Deadline, Dialled, Endpoints, Proxy, Stage},
    tls::Connector,
};
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
    let mut attempts = 0;
    loop {
        attempts += 1;
        let error = match dial::dial(url, control, deadline).await {
            Err(error) => error,
            dialled => return dialled,
        };
        match again(&error) {
            Some(Again::ByHttp1) if control.extras().http_version == HttpVersion::Auto => {
                let control = control.clone().http_version(HttpVersion::Http1);
                return dial::dial(url, &control, deadline).await;
            }
            Some(Again::Anew) if attempts < MAX_ATTEMPTS => {}
            _ => return Err(error),
        }
    }
}

/// Makes a connection of HTTP/2 over this transport, and a WebSocket over that.
pub(super) async fn open(
    transport: Box<dyn Io>,
    url: &Url,
    control: &Control,
    ends: Endpoints,
    making: Option<&PendingConnection>,
    end: Instant,
) -> Result<Dialled> {
    let shared = making.map(PendingConnection::origin);
    let beginning = Stage::Handshake.until(end, Client::new(transport, ends, shared)).await;
    let (client, user) = beginning.inspect_err(|error| {
        if let (Some(making), Some(Again::ByHttp1)) = (making, again(error)) {
            making.is_http1();
        }
    })?;
    let client = Arc::new(client);
    let Some(making) = making else {
        return Stage::Handshake.until(end, dialled(&client, user, url, control, end)).await;
    };
    making.done(client.clone());
    open_shared(making.shared(), &client, user, url, control, end).await
}

/// What becomes of a socket whose connection may be shared.
pub(super) enum SharedAttempt {
    /// It was opened on a connection that was there.
    Open(Box<Dialled>),
    /// It needs a connection of its own, or one that others wait for.
    Make(Option<PendingConnection>),
}

/// Opens a WebSocket on a connection that other sockets have to a server by these settings, if there is one.
pub(super) async fn share(
    url: &Url,
    control: &Control,
    tls: Option<&Connector>,
    proxy: Option<&Proxy>,
    end: Instant,
) -> Result<SharedAttempt> {
    match pool::place(url, control, tls, proxy, end).await? {
        Reservation::Make(making) => Ok(SharedAttempt::Make(making)),
        Reservation::Http1 => Err(without_websockets()),
        Reservation::Use(origin, client, user) => {
            let dialled = open_shared(&origin, &client, user, url, control, end).await?;
            Ok(SharedAttempt::Open(Box::new(dialled)))
        }
    }
}

/// The server is one of HTTP/1.1 where it matters.
fn without_websockets() -> Error {
    Again::ByHttp1.because(ErrorKind::InvalidResponse, "the server has no WebSockets over HTTP/2")
}

/// Opens a WebSocket over a connection that others use, too.
async fn open_shared(
    origin: &Origin,
    client: &Client,
    user: Arc<User>,
    url: &Url,
    control: &Control,
    end: Instant,
) -> Result<Dialled> {
    let opening = pin!(dialled(client, user, url, control, end));
    let silence = pin!(client.is_silent());
    let opening = async {
        match select(opening, silence).await {
            Either::Left((dialled, _)) => dialled,
            Either::Right(_) => {
                Err(Again::Anew.because(ErrorKind::CannotConnect, "the HTTP/2 connection shows no sign of life"))
            }
        }
    };
    Stage::Handshake.until(end, opening).await.inspect_err(|error| origin.learn(client, error))
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
    /// The server has not looked at the request, or the connection was lost before: another connection is needed.
    Anew,
}

impl Again {
    fn because(self, kind: ErrorKind, message: &'static str) -> Error {
        Error::with_source(kind, message, self)
    }
}

/// Whether another attempt may do better, and how.
fn again(error: &Error) -> Option<Again> {
    let cause = std::error::Error::source(error)?;
    cause
        .downcast_ref()
        .copied()
        .or_else(|| cause.downcast_ref().filter(|error| is_unprocessed(error)).map(|_| Again::Anew))
}

/// Whether the server has said that it did not look at the request: "the request can be retried" (RFC 9113 section 8.7).
fn is_unprocessed(error: &h2::Error) -> bool {
    error.is_remote() && (error.is_go_away() || error.is_reset() && error.reason() == Some(Reason::REFUSED_STREAM))
}

impl fmt::Display for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByHttp1 => "its settings lack SETTINGS_ENABLE_CONNECT_PROTOCOL",
            Self::Anew => "another connection may do better",
        })
    }
}

impl std::error::Error for Again {}

const HTTP1: &[u8] = b"http/1.1";
const HTTP2: &[u8] = b"h2";

/// How many connections are made for one socket.
const MAX_ATTEMPTS: usize = 3;
