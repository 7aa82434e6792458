//! Who is believed: the platform, or Mozilla's list, and what the program adds.

use std::sync::Arc;

use bytes::Bytes;
use rustls::{
    client::danger::ServerCertVerifier,
    pki_types::{CertificateDer, TrustAnchor},
};
use webpki::anchor_from_trusted_cert;

use super::{
    PROVIDER,
    config::{not, several},
    revocation::RevocationLists,
};
use crate::error::{Error, ErrorKind, Result};

/// Who is believed, and who is not any more.
#[derive(Debug)]
pub(super) struct Trust {
    pub(super) authorities: Arc<Authorities>,
    pub(super) lists: Option<RevocationLists>,
}

/// Who is believed.
#[derive(Debug)]
pub(super) struct Authorities {
    pub(super) verifier: Arc<dyn ServerCertVerifier>,
    /// Those that the program adds.
    pub(super) roots: Vec<CertificateDer<'static>>,
}

impl Trust {
    pub(super) fn new(authorities: Arc<Authorities>, lists: &[Bytes]) -> Result<Self> {
        let lists = RevocationLists::new(lists, || authorities.anchors())?;
        Ok(Self { authorities, lists })
    }
}

impl Authorities {
    /// Reads the platform's trust store, which takes milliseconds.
    pub(super) fn new(settings: &[Bytes]) -> Result<Self> {
        let mut roots = Vec::new();
        for bytes in settings {
            roots.extend(several::<CertificateDer<'static>>(bytes, "root_certificate")?);
        }
        Ok(Self { verifier: verifier(&roots)?, roots })
    }

    /// All of them, as far as they can be listed: what verifiers of platforms do not tell is read once more.
    fn anchors(&self) -> Vec<TrustAnchor<'static>> {
        let anchor = |der: &CertificateDer<'_>| Some(anchor_from_trusted_cert(der).ok()?.to_owned());
        let own = self.roots.iter().filter_map(anchor);
        #[cfg(feature = "platform-verifier")]
        let others = rustls_native_certs::load_native_certs().certs;
        #[cfg(feature = "platform-verifier")]
        let others = others.iter().filter_map(anchor);
        #[cfg(all(feature = "webpki-roots", not(feature = "platform-verifier")))]
        let others = webpki_roots::TLS_SERVER_ROOTS.iter().cloned();
        #[cfg(not(any(feature = "webpki-roots", feature = "platform-verifier")))]
        let others = [];
        own.chain(others).collect()
    }
}

/// The platform's trust store, and what the program adds.
#[cfg(feature = "platform-verifier")]
fn verifier(roots: &[CertificateDer<'static>]) -> Result<Arc<dyn ServerCertVerifier>> {
    use crate::backend::native::os::platform_verifier;

    if roots.is_empty() {
        let failed = |error| Error::with_source(ErrorKind::Tls, "the platform's trust store cannot be used", error);
        return platform_verifier(roots, &PROVIDER).map_err(failed);
    }
    platform_verifier(roots, &PROVIDER).map_err(|error| not("root_certificate", error))
}

/// Mozilla's list if it is compiled in, and what the program adds.
#[cfg(not(feature = "platform-verifier"))]
fn verifier(roots: &[CertificateDer<'static>]) -> Result<Arc<dyn ServerCertVerifier>> {
    use rustls::{RootCertStore, client::WebPkiServerVerifier};

    let mut store = RootCertStore::empty();
    #[cfg(feature = "webpki-roots")]
    store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for root in roots {
        store.add(root.clone()).map_err(|error| not("root_certificate", error))?;
    }
    let nobody = |error| {
        let message =
            "nobody is trusted: without the features platform-verifier and webpki-roots it takes root_certificate";
        Error::with_source(ErrorKind::Tls, message, error)
    };
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), PROVIDER.clone()).build();
    Ok(verifier.map_err(nobody)?)
}
