//! TLS by rustls: the provider is named here, the platform decides whom to trust.

use std::{io, sync::Arc, sync::OnceLock};

use bytes::Bytes;
use rustls::{
    CertificateError, ClientConfig,
    crypto::ring,
    pki_types::{CertificateDer, ServerName},
};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::error::{Error, ErrorKind, Result};

/// Makes TLS connections that trust the platform's authorities and some more.
pub(super) struct Connector(TlsConnector);

/// A connector that also trusts `roots`.
pub(super) fn connector(roots: &[Bytes]) -> Result<Connector> {
    let config = if roots.is_empty() { platform_config()? } else { config(roots)? };
    Ok(Connector(TlsConnector::from(config)))
}

impl Connector {
    pub(super) async fn connect(&self, host: &str, tcp: TcpStream) -> Result<TlsStream<TcpStream>> {
        let invalid = |error| Error::with_source(ErrorKind::InvalidUrl, "the host is not a name for TLS", error);
        let name = ServerName::try_from(host.to_owned()).map_err(invalid)?;
        self.0.connect(name, tcp).await.map_err(refused)
    }
}

/// The trust store is read once: it takes milliseconds.
fn platform_config() -> Result<Arc<ClientConfig>> {
    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(config) = CONFIG.get() {
        return Ok(config.clone());
    }
    let config = config(&[])?;
    Ok(CONFIG.get_or_init(|| config).clone())
}

fn config(roots: &[Bytes]) -> Result<Arc<ClientConfig>> {
    let provider = Arc::new(ring::default_provider());
    let failed = |error| Error::with_source(ErrorKind::Tls, "TLS cannot be set up", error);
    let roots: Vec<_> = roots.iter().map(|der| CertificateDer::from(der.to_vec())).collect();
    let kind = if roots.is_empty() { ErrorKind::Tls } else { ErrorKind::InvalidArgument };
    let verifier = Verifier::new_with_extra_roots(roots, provider.clone())
        .map_err(|error| Error::with_source(kind, "the root certificates cannot be used", error))?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .dangerous() // it is the platform's own verifier
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// Tells what is wrong with the certificate, if that is what is wrong.
fn refused(error: io::Error) -> Error {
    let cause = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let kind = match cause {
        Some(rustls::Error::InvalidCertificate(certificate)) => certificate_kind(certificate),
        Some(_) => ErrorKind::Tls,
        // TCP was lost in the middle.
        None => ErrorKind::CannotConnect,
    };
    Error::with_source(kind, "the TLS handshake failed", error)
}

fn certificate_kind(error: &CertificateError) -> ErrorKind {
    match error {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => ErrorKind::CertificateExpired,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            ErrorKind::CertificateNameMismatch
        }
        CertificateError::Revoked => ErrorKind::CertificateRevoked,
        CertificateError::UnknownIssuer => ErrorKind::CertificateUntrusted,
        _ => ErrorKind::CertificateInvalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No local server makes the platform ask whether its certificate was revoked.
    #[test]
    fn a_revoked_certificate_is_an_error_of_its_own() {
        let error = refused(io::Error::other(rustls::Error::InvalidCertificate(CertificateError::Revoked)));
        assert_eq!(error.kind(), ErrorKind::CertificateRevoked);
    }
}
