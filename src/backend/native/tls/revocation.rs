//! Looks certificates up in the lists of revoked ones that the program gave (RFC 5280 section 5).
//!
//! A list is by the authority that issued the certificates in it, and only the key of that authority says whether the list is
//! to be believed. So the whole way up to an authority that is trusted has to be known; where it is not, nobody can say
//! whether a certificate was revoked, and that is an error. Each list counts for itself: another one by the same authority,
//! or one that has expired, takes nothing back.

use std::{cell::RefCell, slice, sync::Arc, time::UNIX_EPOCH};

use bytes::Bytes;
use rustls::{
    CertificateError, Error as TlsError, OtherError,
    pki_types::{CertificateDer, CertificateRevocationListDer, TrustAnchor, UnixTime},
};
use webpki::{
    CertRevocationList, EndEntityCert, ExpirationPolicy, KeyUsage, OwnedCertRevocationList, RevocationOptionsBuilder,
    UnknownStatusPolicy, VerifiedPath, anchor_from_trusted_cert,
};
use x509_cert::{certificate::Raw, crl::CertificateList, der::Decode as _};

use super::{
    PROVIDER,
    config::{not, several},
    refusal::result_of,
};
use crate::error::Result;

/// The lists of the program, and who can have signed them.
#[derive(Debug)]
pub(super) struct RevocationLists {
    lists: Vec<RevocationList>,
    anchors: Vec<TrustAnchor<'static>>,
}

#[derive(Debug)]
struct RevocationList {
    list: CertRevocationList<'static>,
    next_update: UnixTime,
}

/// The certificates to look up.
pub(super) struct Path<'a> {
    pub(super) end_entity: &'a CertificateDer<'a>,
    pub(super) intermediates: &'a [CertificateDer<'a>],
    /// The last one on the way up, if it counts as trusted although it is not.
    pub(super) top: Option<&'a CertificateDer<'a>>,
    /// A time when all of them are valid.
    pub(super) valid: UnixTime,
    pub(super) now: UnixTime,
}

impl RevocationLists {
    /// `None` without any list; only otherwise it takes the authorities.
    pub(super) fn new(settings: &[Bytes], anchors: impl FnOnce() -> Vec<TrustAnchor<'static>>) -> Result<Option<Self>> {
        let mut lists = Vec::new();
        for bytes in settings {
            for der in several::<CertificateRevocationListDer<'static>>(bytes, "revocation_list")? {
                lists.push(RevocationList::new(&der)?);
            }
        }
        Ok(if lists.is_empty() { None } else { Some(Self { lists, anchors: anchors() }) })
    }

    /// What the lists say about the best way up: nothing if no certificate on it is in one. `None` if there is no way to
    /// somebody who is trusted.
    pub(super) fn flaws(&self, path: &Path<'_>) -> Option<Vec<TlsError>> {
        let server = EndEntityCert::try_from(path.end_entity).ok()?;
        let top = path.top.and_then(|top| anchor_from_trusted_cert(top).ok());
        let anchors = top.as_ref().map_or(&*self.anchors, slice::from_ref);
        let best: RefCell<Option<Vec<TlsError>>> = RefCell::default();
        let look = |chain: &VerifiedPath<'_>| {
            let flaws: Vec<_> = self.lists.iter().filter_map(|list| list.flaw(chain, path)).collect();
            let result = if flaws.is_empty() { Ok(()) } else { Err(webpki::Error::CertRevoked) };
            let mut best = best.borrow_mut();
            if best.as_ref().is_none_or(|best| severity(&flaws) < severity(best)) {
                *best = Some(flaws);
            }
            result
        };
        // What comes of it is known to `look`; other errors are those of a way that nobody could go to its end.
        let (algorithms, usage) = (PROVIDER.signature_verification_algorithms.all, KeyUsage::server_auth());
        let _ = server.verify_for_usage(algorithms, anchors, path.intermediates, path.valid, usage, None, Some(&look));
        best.into_inner()
    }
}

impl RevocationList {
    fn new(der: &CertificateRevocationListDer<'_>) -> Result<Self> {
        let list = OwnedCertRevocationList::from_der(der).map_err(|error| not("revocation_list", error))?;
        let parsed = CertificateList::<Raw>::from_der(der).map_err(|error| not("revocation_list", error))?;
        let next_update = parsed.tbs_cert_list.next_update.map(|time| time.to_system_time());
        let until = next_update.and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        Ok(Self { list: list.into(), next_update: UnixTime::since_unix_epoch(until) })
    }

    /// What this list says about a certificate on the way, if it is by the issuer of one.
    fn flaw(&self, chain: &VerifiedPath<'_>, path: &Path<'_>) -> Option<TlsError> {
        let is_by = |issuer: &[u8]| self.list.issuer() == issuer;
        let above = chain.intermediate_certificates();
        if !is_by(chain.end_entity().issuer()) && !above.into_iter().any(|certificate| is_by(certificate.issuer())) {
            return None;
        }
        let (lists, anchors) = ([&self.list], [chain.anchor().clone()]);
        let intermediates: Vec<_> = chain.intermediate_certificates().map(|certificate| certificate.der()).collect();
        let options = RevocationOptionsBuilder::new(&lists).ok()?;
        // Whether it has expired is a matter of today, and no reason to overlook whom it names.
        let options = options.with_status_policy(UnknownStatusPolicy::Allow);
        let options = options.with_expiration_policy(ExpirationPolicy::Ignore).build();
        let (algorithms, usage) = (PROVIDER.signature_verification_algorithms.all, KeyUsage::server_auth());
        let looked_up = chain.end_entity().verify_for_usage(
            algorithms,
            &anchors,
            &intermediates,
            path.valid,
            usage,
            Some(options),
            None,
        );
        match looked_up.err() {
            Some(webpki::Error::CertRevoked) => Some(CertificateError::Revoked.into()),
            Some(error) => Some(CertificateError::Other(OtherError(Arc::new(error))).into()),
            None if self.next_update <= path.now => Some(CertificateError::ExpiredRevocationList.into()),
            None => None,
        }
    }
}

/// Fatal is worse than ignorable, and that worse than nothing.
fn severity(flaws: &[TlsError]) -> usize {
    let severity = |flaw| if result_of(flaw).is_ignorable() { 1 } else { 2 };
    flaws.iter().map(severity).max().unwrap_or_default()
}
