//! Asks whom we trust about a server, and ignores what the program ignores.

use std::{cell::RefCell, future::Future, pin::pin, sync::Arc};

use rustls::{
    DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    pki_types::{CertificateDer, ServerName, UnixTime},
};

use super::{
    examine::{PresentedChain, examine},
    read,
    trust::{Authorities, Trust},
};
use crate::certificate::{ChainValidationResult, ServerCertificates};

/// The verifier of one [`Config`](super::config::Config), for any number of connections at once.
#[derive(Debug)]
pub(super) struct Verifier {
    trust: Trust,
    ignorable: Vec<ChainValidationResult>,
}

tokio::task_local! {
    /// What was seen in the handshake that is going on.
    static SEEN: RefCell<Option<ServerCertificates>>;
}

/// Makes a handshake; also gives what the server showed in it, which is nothing if a session was resumed.
///
/// A verifier is one for all connections, or they could not share sessions, and nothing tells it which one it is asked about.
pub(super) async fn watched<F: Future>(handshake: F) -> (F::Output, Option<ServerCertificates>) {
    let mut watched = pin!(SEEN.scope(RefCell::default(), handshake));
    let output = watched.as_mut().await;
    (output, watched.take_value().and_then(RefCell::into_inner))
}

impl Verifier {
    pub(super) const fn new(trust: Trust, ignorable: Vec<ChainValidationResult>) -> Self {
        Self { trust, ignorable }
    }

    pub(super) const fn authorities(&self) -> &Arc<Authorities> {
        &self.trust.authorities
    }

    /// Says again what was said about a server when its session began; it may have expired since. Where nothing is ignored,
    /// nothing was wrong.
    pub(super) fn judge_again(
        &self,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
    ) -> (Result<(), rustls::Error>, Option<ServerCertificates>) {
        match chain {
            [end_entity, intermediates @ ..] if !self.ignorable.is_empty() => {
                self.judge(&PresentedChain { end_entity, intermediates, name, ocsp: &[], now: UnixTime::now() })
            }
            _ => (Ok(()), read::server_certificates(chain, Vec::new())),
        }
    }

    fn judge(&self, shown: &PresentedChain<'_>) -> (Result<(), rustls::Error>, Option<ServerCertificates>) {
        let flaws = examine(&self.trust, shown);
        let errors = flaws.iter().map(|flaw| flaw.result).collect();
        let chain = [shown.end_entity].into_iter().chain(shown.intermediates);
        let certificates = read::server_certificates(chain, errors);
        let fatal = flaws.into_iter().find(|flaw| !self.is_ignored(flaw.result));
        (fatal.map_or(Ok(()), |flaw| Err(flaw.error)), certificates)
    }

    fn is_ignored(&self, error: ChainValidationResult) -> bool {
        let is_named = |error| self.ignorable.contains(&error);
        match error {
            // Who believes anybody does not care who is missing.
            ChainValidationResult::IncompleteChain => is_named(error) || is_named(ChainValidationResult::Untrusted),
            _ => error.is_ignorable() && is_named(error),
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let (verdict, certificates) = self.judge(&PresentedChain { end_entity, intermediates, name, ocsp, now });
        // Nobody watches only if somebody else than `Connector` makes the handshake.
        let _ = SEEN.try_with(|seen| seen.replace(certificates));
        verdict.map(|()| ServerCertVerified::assertion())
    }

    // Whatever is ignored, the server has to hold the key of its certificate.

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.authorities().verifier.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.authorities().verifier.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.authorities().verifier.supported_verify_schemes()
    }
}
