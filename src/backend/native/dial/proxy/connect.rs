//! The way through an HTTP proxy: CONNECT (RFC 9110 section 9.3.6).

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    time::Instant,
};
use tokio_tungstenite::tungstenite::{self, http::HeaderValue};

use crate::{
    backend::native::{
        head::Failure,
        response::{self, Response},
    },
    error::{Error, ErrorKind, Result},
};

/// Asks for a tunnel to a server and gives the transport back, on which the server then listens.
pub(super) async fn tunnel<S>(
    mut transport: S,
    host: &str,
    port: u16,
    authorization: Option<&HeaderValue>,
    end: Instant,
) -> Result<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let lost = |error| Error::with_source(ErrorKind::CannotConnect, LOST, error);
    transport.write_all(&request(host, port, authorization)).await.map_err(lost)?;
    transport.flush().await.map_err(lost)?;
    let mut input = BytesMut::new();
    // "Any 2xx (Successful) response indicates that the sender [...] will switch to tunnel mode" (RFC 9110 section 9.3.6).
    let judge = |response: &Response<'_>| Ok(response.status.is_success().then_some(()));
    match response::read(&mut transport, &mut input, judge).await.map_err(no_answer)? {
        // Neither TLS nor HTTP lets a server speak first.
        Ok(()) if !input.is_empty() => {
            Err(Error::new(ErrorKind::InvalidResponse, "the proxy says more than that there is a tunnel"))
        }
        Ok(()) => Ok(transport),
        Err(refused) => {
            let (answer, _) = refused.read(&mut transport, &mut input, end).await;
            let kind = match answer.status() {
                PROXY_AUTHENTICATION_REQUIRED => ErrorKind::ProxyAuthentication,
                status => ErrorKind::HttpStatus(status),
            };
            Err(response::refused(kind, "the proxy refused the way to the server", answer))
        }
    }
}

fn request(host: &str, port: u16, authorization: Option<&HeaderValue>) -> Vec<u8> {
    let authority = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let mut request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n").into_bytes();
    if let Some(authorization) = authorization {
        for bytes in [b"Proxy-Authorization: ", authorization.as_bytes(), b"\r\n"] {
            request.extend_from_slice(bytes);
        }
    }
    request.extend_from_slice(b"\r\n");
    request
}

fn no_answer(failure: Failure<tungstenite::Error>) -> Error {
    let message = "the proxy gave no answer that makes sense";
    match failure {
        Failure::Lost(error) => Error::with_source(ErrorKind::CannotConnect, LOST, error),
        Failure::Ended => Error::new(ErrorKind::CannotConnect, LOST),
        Failure::TooLong => Error::new(ErrorKind::InvalidResponse, message),
        Failure::Bad(error) => Error::with_source(ErrorKind::InvalidResponse, message, error),
    }
}

const LOST: &str = "the proxy ended the connection";
const PROXY_AUTHENTICATION_REQUIRED: u16 = 407;
