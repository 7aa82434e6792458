//! A root, an authority below it, a server's certificate by either, and the lists of what the two have revoked.

use std::io;
use std::sync::Arc;

use rcgen::{CertificateRevocationListParams, KeyIdMethod, KeyPair, RevokedCertParams, SerialNumber, date_time_ymd};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::tls::{Authority, Certificate, INTERMEDIATE_SERIAL, LEAF_SERIAL, authority, leaf};

/// The authorities, and one key for the servers below them.
pub struct Hierarchy {
    pub(crate) root: Arc<Authority>,
    intermediate: Authority,
    key: KeyPair,
}

/// What a server shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Its certificate, which is by the root.
    Leaf,
    /// Its certificate, which is by the root, and the root.
    LeafAndRoot,
    /// Its certificate, which is by the intermediate authority.
    LeafOfChain,
    /// Its certificate and the intermediate authority.
    Chain,
    /// Its certificate, the intermediate authority and the root.
    ChainAndRoot,
}

impl Shown {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Leaf, Self::LeafAndRoot, Self::LeafOfChain, Self::Chain, Self::ChainAndRoot];
}

impl Hierarchy {
    /// Makes them.
    pub fn generate() -> io::Result<Self> {
        let root = Arc::new(authority("peer authority", None).map_err(io::Error::other)?);
        let intermediate = authority("peer intermediate", Some(&root)).map_err(io::Error::other)?;
        Ok(Self { root, intermediate, key: KeyPair::generate().map_err(io::Error::other)? })
    }

    /// The root, in PEM.
    pub fn root_pem(&self) -> String {
        self.root.pem()
    }

    /// The root's list, in DER: a server's certificate by the root is in it, the intermediate authority is, or others are.
    pub fn list_of_root(&self, has_leaf: bool, has_intermediate: bool) -> io::Result<Vec<u8>> {
        revocation_list(&self.root, &[(LEAF_SERIAL, has_leaf), (INTERMEDIATE_SERIAL, has_intermediate)], true)
    }

    /// The intermediate authority's list, in DER: a server's certificate by it is in it, or another is.
    pub fn list_of_intermediate(&self, has_leaf: bool) -> io::Result<Vec<u8>> {
        revocation_list(&self.intermediate, &[(LEAF_SERIAL, has_leaf)], true)
    }

    pub(crate) fn chain(
        &self,
        shown: Shown,
    ) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), rcgen::Error> {
        let issuer = match shown {
            Shown::Leaf | Shown::LeafAndRoot => &*self.root,
            Shown::LeafOfChain | Shown::Chain | Shown::ChainAndRoot => &self.intermediate,
        };
        let mut chain = vec![leaf(Certificate::Good)?.signed_by(&self.key, issuer)?.der().clone()];
        if matches!(shown, Shown::Chain | Shown::ChainAndRoot) {
            chain.push(self.intermediate.der().clone());
        }
        if matches!(shown, Shown::LeafAndRoot | Shown::ChainAndRoot) {
            chain.push(self.root.der().clone());
        }
        Ok((chain, PrivateKeyDer::try_from(self.key.serialize_der()).expect("rcgen writes keys that can be read")))
    }
}

/// Shows no keys.
impl std::fmt::Debug for Hierarchy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hierarchy").finish_non_exhaustive()
    }
}

/// A list of these numbers, or of others instead of those that are not listed; it may have expired.
pub(crate) fn revocation_list(authority: &Authority, serials: &[(u64, bool)], is_current: bool) -> io::Result<Vec<u8>> {
    let revoked = |&(serial, is_listed): &(u64, bool)| RevokedCertParams {
        serial_number: SerialNumber::from(if is_listed { serial } else { serial + 1_000_000 }),
        revocation_time: date_time_ymd(2021, 1, 1),
        reason_code: None,
        invalidity_date: None,
    };
    let list = CertificateRevocationListParams {
        this_update: date_time_ymd(2021, 1, 1),
        next_update: date_time_ymd(if is_current { 2090 } else { 2022 }, 1, 1),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: serials.iter().map(revoked).collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    Ok(list.signed_by(authority).map_err(io::Error::other)?.der().to_vec())
}
