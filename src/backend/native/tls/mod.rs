//! TLS by rustls. The provider is named here, so that no program can lack one.
//!
//! [`config`] makes settings into a configuration of rustls, and [`cache`] keeps those of the last settings, with their
//! sessions. [`trust`] says who is believed, [`verifier`] asks it, and on a refusal has [`examine`] find out everything that
//! is wrong, so that nothing hides behind an error that the program ignores; [`revocation`] looks certificates up in lists.
//! [`read`] is what certificates say, [`refusal`] what failures mean. [`coalescing`] saves a write where a handshake ends.

mod cache;
mod coalescing;
mod config;
mod examine;
mod read;
mod refusal;
mod revocation;
mod trust;
mod verifier;

use std::{
    future::poll_fn,
    io,
    sync::{Arc, LazyLock},
};

use futures::FutureExt as _;
use rustls::{ClientConnection, crypto::CryptoProvider, pki_types::ServerName};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

pub(super) use self::refusal::refused_afterwards;
use self::{coalescing::Coalescing, config::Config};
use crate::{
    certificate::{ServerCertificates, ServerValidation},
    control::certificates::{Certificates, CustomValidation},
    error::{Error, ErrorKind, Result},
};

/// TLS over a transport.
pub(super) type TlsStream<S> = tokio_rustls::client::TlsStream<Coalescing<S>>;

/// Makes the TLS connections of one dialling, one after the other.
pub(super) struct Connector {
    config: Arc<Config>,
    validation: Option<CustomValidation>,
}

impl Connector {
    /// Takes the configuration of these settings, which is made on another thread unless it is there.
    pub(super) async fn new(settings: &Certificates) -> Result<Self> {
        Ok(Self { config: cache::configured(settings).await?, validation: settings.validation.clone() })
    }

    /// The same settings, as far as a connection that has been made needs them.
    #[cfg(feature = "http2")]
    pub(super) fn without_validation(&self) -> Self {
        Self { config: self.config.clone(), validation: None }
    }

    /// Whether the settings are equal.
    #[cfg(feature = "http2")]
    pub(super) fn is_equal(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.config, &other.config)
    }

    /// Makes the handshake, in which it offers these protocols; gives what the server showed.
    pub(super) async fn connect<S>(
        &self,
        host: &str,
        transport: S,
        protocols: &[&[u8]],
    ) -> Result<(TlsStream<S>, ServerCertificates)>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let invalid = |error| Error::with_source(ErrorKind::InvalidUrl, "the host is not a name for TLS", error);
        let name = ServerName::try_from(host.to_owned()).map_err(invalid)?;
        let connector = self.config.tls.with_alpn(protocols.iter().map(|protocol| protocol.to_vec()).collect());
        let handshake = connector.connect(name.clone(), Coalescing::new(transport)).into_fallible();
        let (connected, seen) = verifier::watched(handshake).await;
        let mut stream = match connected {
            Ok(stream) => stream,
            Err((error, mut transport)) => {
                // The alert that tells the server why; who does not take it at once goes without.
                let _ = poll_fn(|cx| transport.poll_release(cx)).now_or_never();
                return Err(refusal::refused(error, seen));
            }
        };
        stream.get_mut().0.handshake_ended();
        if self.validation.is_some() {
            // The program may take its time, and the server's is limited.
            stream.flush().await.map_err(|error| refusal::refused(error, None))?;
        }
        let certificates = match seen {
            Some(seen) => seen,
            None => self.resumed(&name, stream.get_ref().1)?,
        };
        Ok((stream, certificates))
    }

    /// What the server of a resumed session showed when the session began. rustls does not verify it again. That has been
    /// done by these settings, since others have other sessions; but which errors were ignored is to be told again.
    fn resumed(&self, name: &ServerName<'_>, connection: &ClientConnection) -> Result<ServerCertificates> {
        let missing = || Error::new(ErrorKind::Tls, "the server showed no certificate");
        let chain = connection.peer_certificates().ok_or_else(missing)?;
        let (verdict, certificates) = self.config.verifier.judge_again(chain, name);
        let certificates = certificates.ok_or_else(missing)?;
        match verdict {
            Ok(()) => Ok(certificates),
            Err(error) => Err(refusal::refused(io::Error::new(io::ErrorKind::InvalidData, error), Some(certificates))),
        }
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
}

/// What the server has agreed to speak (RFC 7301).
#[cfg(feature = "http2")]
pub(super) fn protocol<S>(stream: &TlsStream<S>) -> Option<&[u8]> {
    stream.get_ref().1.alpn_protocol()
}

/// The one that the features choose; who asks for aws-lc-rs gets it, though ring is there by default.
pub(super) static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| Arc::new(provider()));

#[cfg(feature = "aws-lc-rs")]
use rustls::crypto::aws_lc_rs::default_provider as provider;

#[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
use rustls::crypto::ring::default_provider as provider;

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
compile_error!("the feature `tls` of websocket-anywhere needs `ring` (a default) or `aws-lc-rs`");
