//! What certificates say.

use std::{
    net::IpAddr,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use rustls::pki_types::{CertificateDer, ServerName};
use x509_cert::{
    certificate::{CertificateInner, Raw},
    der::{
        Decode as _,
        oid::db::rfc5280::{ID_AD_CA_ISSUERS, ID_KP_SERVER_AUTH},
    },
    ext::pkix::{AuthorityInfoAccessSyntax, ExtendedKeyUsage, SubjectAltName, name::GeneralName},
};

use crate::certificate::{Certificate, ChainValidationResult, Fields, ServerCertificates};

/// A certificate taken apart; not checked in any way.
pub(super) struct Parsed(CertificateInner<Raw>);

impl Parsed {
    pub(super) fn new(der: &[u8]) -> Option<Self> {
        CertificateInner::from_der(der).ok().map(Self)
    }

    /// Whether it names itself as its issuer.
    pub(super) fn is_self_issued(&self) -> bool {
        self.0.tbs_certificate().subject() == self.0.tbs_certificate().issuer()
    }

    /// Whether `other` has the name of its issuer.
    pub(super) fn may_be_issued_by(&self, other: &Self) -> bool {
        self.0.tbs_certificate().issuer() == other.0.tbs_certificate().subject()
    }

    pub(super) fn valid_from(&self) -> SystemTime {
        self.0.tbs_certificate().validity().not_before.to_system_time()
    }

    pub(super) fn valid_to(&self) -> SystemTime {
        self.0.tbs_certificate().validity().not_after.to_system_time()
    }

    /// A name that it is valid for.
    pub(super) fn own_name(&self) -> Option<ServerName<'static>> {
        let (_, SubjectAltName(names)) = self.0.tbs_certificate().get_extension().ok()??;
        names.iter().find_map(|name| match name {
            GeneralName::DnsName(name) => ServerName::try_from(name.as_str().replacen('*', "any", 1)).ok(),
            GeneralName::IpAddress(address) => ip(address.as_bytes()).map(ServerName::from),
            _ => None,
        })
    }

    /// Whether it says where its issuer's certificate can be had (RFC 5280 section 4.2.2.1).
    pub(super) fn tells_where_its_issuer_is(&self) -> bool {
        let access = self.0.tbs_certificate().get_extension::<AuthorityInfoAccessSyntax>();
        let Ok(Some((_, AuthorityInfoAccessSyntax(places)))) = access else { return false };
        places.iter().any(|place| place.access_method == ID_AD_CA_ISSUERS)
    }

    /// Whether servers may use it (RFC 5280 section 4.2.1.12).
    pub(super) fn is_for_servers(&self) -> bool {
        match self.0.tbs_certificate().get_extension::<ExtendedKeyUsage>() {
            Ok(Some((_, ExtendedKeyUsage(usages)))) => usages.contains(&ID_KP_SERVER_AUTH),
            Ok(None) => true,
            Err(_) => false,
        }
    }
}

/// What a server showed: its own certificate first. `None` if it showed none.
pub(super) fn server_certificates<'a>(
    chain: impl IntoIterator<Item = &'a CertificateDer<'a>>,
    errors: Vec<ChainValidationResult>,
) -> Option<ServerCertificates> {
    let mut chain = chain.into_iter().map(|der| Certificate::new(Bytes::copy_from_slice(der), fields));
    let certificate = chain.next()?;
    Some(ServerCertificates { certificate, intermediates: chain.collect(), errors })
}

/// What a certificate says; nothing if it cannot be read.
fn fields(der: &[u8]) -> Fields {
    let parsed = Parsed::new(der);
    let tbs = parsed.as_ref().map(|Parsed(certificate)| certificate.tbs_certificate());
    Fields {
        subject: tbs.map(|tbs| tbs.subject().to_string()).unwrap_or_default(),
        issuer: tbs.map(|tbs| tbs.issuer().to_string()).unwrap_or_default(),
        serial_number: tbs.map(|tbs| tbs.serial_number().as_bytes().to_vec()).unwrap_or_default(),
        valid_from: parsed.as_ref().map_or(UNIX_EPOCH, Parsed::valid_from),
        valid_to: parsed.as_ref().map_or(UNIX_EPOCH, Parsed::valid_to),
    }
}

fn ip(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}
