//! The way through an HTTP proxy: CONNECT, by hyper.

use std::{error, pin::pin};

use futures::future::{Either, select};
use hyper::{Request, StatusCode, client::conn::http1, header, upgrade};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::error::{Error, ErrorKind, Result};

/// Asks for a tunnel to a server and gives the transport back, on which the server then listens.
pub(super) async fn tunnel<S>(transport: S, host: &str, port: u16, authorization: Option<&HeaderValue>) -> Result<S>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let authority = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let mut request = Request::connect(&authority).header(header::HOST, &authority);
    if let Some(authorization) = authorization {
        request = request.header(header::PROXY_AUTHORIZATION, authorization);
    }
    let invalid = |error| Error::with_source(ErrorKind::InvalidUrl, "the proxy cannot be asked for this host", error);
    let request = request.body(String::new()).map_err(invalid)?;

    let handshake = http1::Builder::new().max_buf_size(MAX_ANSWER).handshake(TokioIo::new(transport));
    let (mut sender, connection) = handshake.await.map_err(lost)?;
    let exchange = pin!(async {
        let response = sender.send_request(request).await.map_err(lost)?;
        check(response.status())?;
        upgrade::on(response).await.map_err(lost)
    });
    // hyper wants its connection to be driven; its end is told to the exchange, too.
    let upgraded = match select(exchange, pin!(connection.with_upgrades())).await {
        Either::Left((upgraded, _)) => upgraded?,
        Either::Right((_, exchange)) => exchange.await?,
    };
    let not_ours = |_| Error::new(ErrorKind::CannotConnect, "the proxy's connection cannot be taken over");
    let parts = upgraded.downcast::<TokioIo<S>>().map_err(not_ours)?;
    if !parts.read_buf.is_empty() {
        // Neither TLS nor HTTP lets a server speak first.
        return Err(Error::new(ErrorKind::InvalidResponse, "the proxy says more than that there is a tunnel"));
    }
    Ok(parts.io.into_inner())
}

fn check(status: StatusCode) -> Result<()> {
    // "Any 2xx (Successful) response indicates that the sender [...] will switch to tunnel mode" (RFC 9110 section 9.3.6).
    if status.is_success() {
        return Ok(());
    }
    let kind = match status {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => ErrorKind::ProxyAuthentication,
        status => ErrorKind::HttpStatus(status.as_u16()),
    };
    Err(Error::new(kind, format!("the proxy refused the way to the server: {status}")))
}

fn lost(error: hyper::Error) -> Error {
    let kind = if error.is_parse() { ErrorKind::InvalidResponse } else { ErrorKind::CannotConnect };
    let source: Box<dyn error::Error + Send + Sync> = Box::new(error);
    Error::with_source(kind, "the proxy gave no answer that makes sense", source)
}

/// The longest answer of a proxy in bytes.
const MAX_ANSWER: usize = 64 * 1024;
