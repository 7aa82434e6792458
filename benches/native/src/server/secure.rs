//! TLS below the server.

use std::sync::Arc;

use anyhow::Result;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
    server::NoServerSessionStorage,
};
use tokio_rustls::TlsAcceptor;

/// What the server shows, and who has signed it.
pub(super) struct Secure {
    pub(super) root: CertificateDer<'static>,
    /// Sessions can be resumed.
    pub(super) resuming: TlsAcceptor,
    /// Every handshake is a full one.
    pub(super) full: TlsAcceptor,
}

/// An authority and a certificate that live as long as this process.
pub(super) fn secure() -> Result<Secure> {
    let authority_key = KeyPair::generate()?;
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = authority.self_signed(&authority_key)?;
    let key = KeyPair::generate()?;
    let issuer = Issuer::new(authority, authority_key);
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()])?.signed_by(&key, &issuer)?;
    let resuming = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))?;
    let mut full = resuming.clone();
    full.session_storage = Arc::new(NoServerSessionStorage {});
    full.send_tls13_tickets = 0;
    Ok(Secure { root: root.der().clone(), resuming: Arc::new(resuming).into(), full: Arc::new(full).into() })
}
