//! Settings, made into a configuration of rustls.

use std::{env, fs::OpenOptions, sync::Arc};

use rustls::{
    ClientConfig, ConfigBuilder, KeyLog, KeyLogFile, SupportedProtocolVersion,
    client::{Resumption, WantsClientCert},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    version::{TLS12, TLS13},
};
use tokio_rustls::TlsConnector;

use super::{
    PROVIDER,
    trust::{Authorities, Trust},
    verifier::Verifier,
};
use crate::{
    control::TlsVersion,
    control::certificates::{Certificates, ClientCertificate},
    error::{Error, ErrorKind, Result},
};

/// What connections with equal settings share: whom they trust, and their sessions.
pub(super) struct Config {
    pub(super) tls: TlsConnector,
    pub(super) verifier: Arc<Verifier>,
}

impl Config {
    /// Takes milliseconds: it may read the platform's trust store, unless its `authorities` are known.
    pub(super) fn new(settings: &Certificates, authorities: Option<Arc<Authorities>>) -> Result<Self> {
        let authorities = match authorities {
            Some(authorities) => authorities,
            None => Arc::new(Authorities::new(&settings.roots)?),
        };
        let trust = Trust::new(authorities, &settings.revocation_lists)?;
        let verifier = Arc::new(Verifier::new(trust, settings.ignorable.clone()));
        let failed = |error| Error::with_source(ErrorKind::Tls, "TLS cannot be set up", error);
        let builder = ClientConfig::builder_with_provider(PROVIDER.clone())
            .with_protocol_versions(versions(settings.min_tls_version))
            .map_err(failed)?
            .dangerous() // it only adds to the verifiers of rustls and of the platform what they leave out
            .with_custom_certificate_verifier(verifier.clone());
        let mut config = match &settings.client {
            Some(client) => with_client(builder, client)?,
            None => builder.with_no_client_auth(),
        };
        if settings.key_log {
            config.key_log = key_log()?;
        }
        config.resumption = Resumption::in_memory_sessions(MAX_SESSIONS);
        Ok(Self { tls: TlsConnector::from(Arc::new(config)), verifier })
    }
}

/// Those that are spoken.
fn versions(min: TlsVersion) -> &'static [&'static SupportedProtocolVersion] {
    static ALL: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];
    match min {
        TlsVersion::Tls12 => &ALL,
        TlsVersion::Tls13 => &ALL[..1],
    }
}

/// Writes to the file that the environment names, if it names one.
fn key_log() -> Result<Arc<dyn KeyLog>> {
    if let Some(path) = env::var_os("SSLKEYLOGFILE") {
        // rustls would only log that it cannot.
        let failed = |error| Error::with_source(ErrorKind::Tls, "the file of key_log cannot be opened", error);
        OpenOptions::new().append(true).create(true).open(path).map_err(failed)?;
    }
    Ok(Arc::new(KeyLogFile::new()))
}

fn with_client(
    builder: ConfigBuilder<ClientConfig, WantsClientCert>,
    client: &ClientCertificate,
) -> Result<ClientConfig> {
    let chain = several::<CertificateDer<'static>>(&client.chain, "client_certificate")?;
    let key = if is_pem(&client.key) {
        PrivateKeyDer::from_pem_slice(&client.key).map_err(|error| not("client_certificate: no private key", error))?
    } else {
        let unknown = |error: &'static str| not("client_certificate: no private key", error);
        PrivateKeyDer::try_from(client.key.to_vec()).map_err(unknown)?
    };
    let unfit = |error| not("client_certificate: certificate and key cannot be used together", error);
    builder.with_client_auth_cert(chain, key).map_err(unfit)
}

/// The one item of some DER, or all those of some PEM.
pub(super) fn several<T>(bytes: &[u8], option: &'static str) -> Result<Vec<T>>
where
    T: PemObject + From<Vec<u8>>,
{
    if !is_pem(bytes) {
        return Ok(vec![T::from(bytes.to_vec())]);
    }
    let items: Result<Vec<T>, _> = T::pem_slice_iter(bytes).collect();
    let items = items.map_err(|error| not(option, error))?;
    if items.is_empty() { Err(not(option, "nothing of the kind is in the PEM")) } else { Ok(items) }
}

fn is_pem(bytes: &[u8]) -> bool {
    bytes.windows(PEM.len()).any(|window| window == PEM)
}

pub(super) fn not(what: &'static str, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::with_source(ErrorKind::InvalidArgument, format!("bad value of the option {what}"), error)
}

const PEM: &[u8] = b"-----BEGIN ";

/// How many sessions connections with equal settings keep: with TLS 1.3 up to 8 for each of the last 32 hosts.
const MAX_SESSIONS: usize = 256;
