//! The way through a SOCKS5 proxy, by tokio-socks (RFC 1928, RFC 1929).

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_socks::{Error as SocksError, tcp::Socks5Stream};

use crate::error::{Error, ErrorKind, Result};

/// Asks for a tunnel to a server and gives the transport back, on which the server then listens.
pub(super) async fn tunnel<S>(transport: S, host: &str, port: u16, credential: Option<&(String, String)>) -> Result<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if host.len() > MAX_HOST {
        return Err(Error::new(
            ErrorKind::InvalidUrl,
            "the proxy cannot be asked for this host: it has over 255 bytes",
        ));
    }
    // An address is recognised as such.
    let target = (host, port);
    let stream = match credential {
        Some((user, password)) => {
            Socks5Stream::connect_with_password_and_socket(transport, target, user, password).await
        }
        None => Socks5Stream::connect_with_socket(transport, target).await,
    };
    stream.map(Socks5Stream::into_inner).map_err(refused)
}

fn refused(error: SocksError) -> Error {
    let (kind, message) = match &error {
        SocksError::InvalidAuthValues(_) => (ErrorKind::InvalidArgument, "proxy_credential is nothing for SOCKS"),
        SocksError::PasswordAuthFailure(_) | SocksError::AuthorizationRequired => {
            (ErrorKind::ProxyAuthentication, "the proxy refused the credentials")
        }
        SocksError::NoAcceptableAuthMethods | SocksError::UnknownAuthMethod => {
            (ErrorKind::ProxyAuthentication, "the proxy wants to know us in another way")
        }
        SocksError::Io(_) => (ErrorKind::CannotConnect, "the proxy ended the connection"),
        // The address that the proxy tells is not one: ours has been looked at.
        SocksError::InvalidTargetAddress(_)
        | SocksError::InvalidResponseVersion
        | SocksError::InvalidReservedByte
        | SocksError::UnknownAddressType => (ErrorKind::InvalidResponse, "the proxy gave no answer that makes sense"),
        _ => (ErrorKind::CannotConnect, "the proxy cannot connect to the server"),
    };
    Error::with_source(kind, message, error)
}

/// The longest name that a request can have (RFC 1928 section 5).
const MAX_HOST: usize = 255;
