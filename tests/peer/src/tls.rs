//! Certificates made afresh for each TLS peer: an authority, and a leaf that is right or wrong.

use std::fmt;
use std::io;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// What is wrong with the certificate that the server shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// Nothing: for `localhost` and `127.0.0.1`, signed by the peer's authority.
    Good,
    /// It ended in 2020.
    Expired,
    /// It is for `wrong.example`.
    WrongName,
    /// It is signed by itself and not by the peer's authority.
    SelfSignedUntrusted,
}

/// What a TLS server shows, and the authority that a client needs to believe it.
pub(crate) struct Identity {
    acceptor: TlsAcceptor,
    root_der: CertificateDer<'static>,
    root_pem: String,
}

impl Identity {
    pub(crate) fn generate(certificate: Certificate) -> io::Result<Self> {
        let root = authority().map_err(io::Error::other)?;
        let (leaf, key) = leaf(certificate, &root).map_err(io::Error::other)?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![leaf], key)
            .map_err(io::Error::other)?;
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), root_der: root.der().clone(), root_pem: root.pem() })
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }

    pub(crate) fn root_der(&self) -> &[u8] {
        &self.root_der
    }

    pub(crate) fn root_pem(&self) -> &str {
        &self.root_pem
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

fn authority() -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "peer authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

fn leaf(
    certificate: Certificate,
    root: &CertifiedIssuer<'static, KeyPair>,
) -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), rcgen::Error> {
    let names: &[&str] = match certificate {
        Certificate::WrongName => &["wrong.example"],
        Certificate::Good | Certificate::Expired | Certificate::SelfSignedUntrusted => &["localhost", "127.0.0.1"],
    };
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "peer");
    if certificate == Certificate::Expired {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
    }
    let key = KeyPair::generate()?;
    let signed = match certificate {
        Certificate::SelfSignedUntrusted => params.self_signed(&key)?,
        Certificate::Good | Certificate::Expired | Certificate::WrongName => params.signed_by(&key, root)?,
    };
    Ok((signed.der().clone(), PrivateKeyDer::from(key)))
}
