//! Asks whom we trust about a server, and ignores what the program ignores.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::{
    DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    pki_types::{CertificateDer, ServerName, UnixTime},
};

use super::{
    examine::{Shown, examine},
    read,
    trust::Trust,
};
use crate::certificate::{ChainValidationResult, ServerCertificates};

/// The verifier of one [`Connector`](super::Connector).
#[derive(Debug)]
pub(super) struct Verifier {
    trust: Trust,
    ignorable: Vec<ChainValidationResult>,
    seen: Arc<Mutex<Option<ServerCertificates>>>,
}

impl Verifier {
    pub(super) const fn new(
        trust: Trust,
        ignorable: Vec<ChainValidationResult>,
        seen: Arc<Mutex<Option<ServerCertificates>>>,
    ) -> Self {
        Self { trust, ignorable, seen }
    }

    fn is_ignored(&self, error: ChainValidationResult) -> bool {
        error.is_ignorable() && self.ignorable.contains(&error)
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
        let shown = Shown { end_entity, intermediates, name, ocsp, now };
        let flaws = examine(&self.trust, &shown);
        let errors = flaws.iter().map(|flaw| flaw.result).collect();
        let chain: Vec<_> = [end_entity].into_iter().chain(intermediates).cloned().collect();
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = read::server_certificates(&chain, errors);
        match flaws.into_iter().find(|flaw| !self.is_ignored(flaw.result)) {
            Some(flaw) => Err(flaw.error),
            None => Ok(ServerCertVerified::assertion()),
        }
    }

    // Whatever is ignored, the server has to hold the key of its certificate.

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.trust.verifier.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.trust.verifier.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trust.verifier.supported_verify_schemes()
    }
}
