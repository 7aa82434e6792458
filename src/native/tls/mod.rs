//! TLS by rustls. The provider is named here, so that no program can lack one.
//!
//! [`trust`] says who is believed, [`verifier`] asks it, and on a refusal has [`examine`] find out everything that is wrong,
//! so that nothing hides behind an error that the program ignores. [`read`] is what certificates say, [`refusal`] what
//! failures mean.

mod examine;
mod read;
mod refusal;
mod trust;
mod verifier;

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use rustls::{
    ClientConfig, ConfigBuilder,
    client::{Resumption, WantsClientCert},
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
pub(super) use tokio_rustls::client::TlsStream;

pub(super) use self::refusal::refused_afterwards;
use self::{trust::Trust, verifier::Verifier};
use crate::{
    certificate::{ServerCertificates, ServerValidation},
    control::certificates::{Certificates, ClientCertificate, CustomValidation},
    error::{Error, ErrorKind, Result},
};

/// Makes the TLS connections of one dialling, one after the other.
pub(super) struct Connector {
    tls: TlsConnector,
    /// What the last server showed, if it was looked at: a session that is resumed is not.
    seen: Arc<Mutex<Option<ServerCertificates>>>,
    validation: Option<CustomValidation>,
}

impl Connector {
    pub(super) fn new(settings: &Certificates) -> Result<Self> {
        let seen = Arc::default();
        let trust = Trust::new(settings)?;
        let verifier = Verifier::new(trust, settings.ignorable.clone(), Arc::clone(&seen));
        let failed = |error| Error::with_source(ErrorKind::Tls, "TLS cannot be set up", error);
        let builder = ClientConfig::builder_with_provider(PROVIDER.clone())
            .with_safe_default_protocol_versions()
            .map_err(failed)?
            .dangerous() // it only adds to the verifiers of rustls and of the platform what they leave out
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = match &settings.client {
            Some(client) => with_client(builder, client)?,
            None => builder.with_no_client_auth(),
        };
        // A resumed session is not verified again, so only those share one who trust the same servers.
        config.resumption = if settings.is_default() { SESSIONS.clone() } else { Resumption::disabled() };
        let tls = TlsConnector::from(Arc::new(config));
        Ok(Self { tls, seen, validation: settings.validation.clone() })
    }

    /// Makes the handshake; gives what the server showed.
    pub(super) async fn connect<S>(&self, host: &str, transport: S) -> Result<(TlsStream<S>, ServerCertificates)>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let invalid = |error| Error::with_source(ErrorKind::InvalidUrl, "the host is not a name for TLS", error);
        let name = ServerName::try_from(host.to_owned()).map_err(invalid)?;
        self.take_seen();
        let connected = self.tls.connect(name, transport).await;
        let seen = self.take_seen();
        let stream = match connected {
            Ok(stream) => stream,
            Err(error) => return Err(refusal::refused(error, seen)),
        };
        let shown = || read::server_certificates(stream.get_ref().1.peer_certificates()?, Vec::new());
        let missing = || Error::new(ErrorKind::Tls, "the server showed no certificate");
        let certificates = seen.or_else(shown).ok_or_else(missing)?;
        Ok((stream, certificates))
    }

    /// Asks the program.
    pub(super) async fn validate(&self, certificates: &ServerCertificates) -> Result<()> {
        let Some(CustomValidation(validate)) = &self.validation else { return Ok(()) };
        match validate(certificates.clone()).await {
            ServerValidation::Proceed => Ok(()),
            ServerValidation::Reject => {
                let message = "the program's own validation rejected the server";
                Err(Error::new(ErrorKind::CertificateRejected, message).about(certificates.clone()))
            }
        }
    }

    fn take_seen(&self) -> Option<ServerCertificates> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Certificates {
    /// Whether connections with these settings trust each other's servers.
    fn is_default(&self) -> bool {
        let Self { roots, revocation_lists, client, ignorable, validation: _ } = self;
        roots.is_empty() && revocation_lists.is_empty() && client.is_none() && ignorable.is_empty()
    }
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
fn several<T>(bytes: &[u8], option: &'static str) -> Result<Vec<T>>
where
    T: rustls::pki_types::pem::PemObject + From<Vec<u8>>,
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

fn not(what: &'static str, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::with_source(ErrorKind::InvalidArgument, format!("bad value of the option {what}"), error)
}

const PEM: &[u8] = b"-----BEGIN ";

/// ring needs only a C compiler.
static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| Arc::new(ring::default_provider()));

/// The sessions of those who trust whom the platform trusts.
static SESSIONS: LazyLock<Resumption> = LazyLock::new(|| Resumption::in_memory_sessions(256));
