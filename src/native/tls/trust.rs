//! Who is believed: the platform, or Mozilla's list, and what the program adds.

use std::sync::Arc;

use rustls::{
    client::danger::ServerCertVerifier,
    pki_types::{CertificateDer, CertificateRevocationListDer},
};
use webpki::{CertRevocationList, OwnedCertRevocationList};

use super::{PROVIDER, not, several};
use crate::{
    control::certificates::Certificates,
    error::{Error, ErrorKind, Result},
};

/// Who is believed.
#[derive(Debug)]
pub(super) struct Trust {
    pub(super) verifier: Arc<dyn ServerCertVerifier>,
    /// The authorities that the program adds.
    pub(super) roots: Vec<CertificateDer<'static>>,
    pub(super) revocation_lists: Vec<CertRevocationList<'static>>,
}

impl Trust {
    pub(super) fn new(settings: &Certificates) -> Result<Self> {
        let mut roots = Vec::new();
        for bytes in &settings.roots {
            roots.extend(several::<CertificateDer<'static>>(bytes, "root_certificate")?);
        }
        let mut revocation_lists = Vec::new();
        for bytes in &settings.revocation_lists {
            for list in several::<CertificateRevocationListDer<'static>>(bytes, "revocation_list")? {
                let list = OwnedCertRevocationList::from_der(&list).map_err(|error| not("revocation_list", error))?;
                revocation_lists.push(list.into());
            }
        }
        Ok(Self { verifier: verifier(&roots)?, roots, revocation_lists })
    }
}

/// The platform's trust store is read once if nothing is added: it takes milliseconds.
#[cfg(feature = "platform-verifier")]
fn verifier(roots: &[CertificateDer<'static>]) -> Result<Arc<dyn ServerCertVerifier>> {
    use std::sync::OnceLock;

    use crate::backend::native::os::platform_verifier;

    static PLATFORM: OnceLock<Arc<dyn ServerCertVerifier>> = OnceLock::new();
    if roots.is_empty() {
        if let Some(platform) = PLATFORM.get() {
            return Ok(platform.clone());
        }
        let failed = |error| Error::with_source(ErrorKind::Tls, "the platform's trust store cannot be used", error);
        let platform = platform_verifier(roots, &PROVIDER).map_err(failed)?;
        return Ok(PLATFORM.get_or_init(|| platform).clone());
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
