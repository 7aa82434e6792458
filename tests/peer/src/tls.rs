//! Certificates made afresh for each TLS peer: an authority, and a leaf that is right or wrong.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, SerialNumber, date_time_ymd,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::{HandshakeKind, RootCertStore, ServerConfig};

use crate::hierarchy::{Hierarchy, Shown, revocation_list};

/// What the server shows, and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// Nothing: for `localhost` and `127.0.0.1`, signed by the peer's authority.
    Good,
    /// Nothing: signed by an intermediate authority, which is sent along.
    GoodChain,
    /// Nothing, where the authority is trusted, which is sent along.
    GoodWithRoot,
    /// It ended in 2020.
    Expired,
    /// It begins in 2090.
    NotYetValid,
    /// It is for `wrong.example`.
    WrongName,
    /// It ended in 2020, and it is for `wrong.example`.
    ExpiredWrongName,
    /// It is for clients.
    WrongUsage,
    /// It is signed by an intermediate authority, which is not sent, and says where that can be had.
    IncompleteChain,
    /// It is signed by an intermediate authority, which is not sent.
    IntermediateMissing,
    /// It is signed by itself and not by the peer's authority.
    SelfSignedUntrusted,
    /// It is signed by itself, ended in 2020, and is for `wrong.example`.
    SelfSignedExpiredWrongName,
    /// It is signed by itself and is that of an authority, as tools make them by default.
    SelfSignedAuthority,
    /// It says that the authority, which is sent along, has signed it, and another key has.
    Forged,
    /// Nothing, but the server does not hold its key.
    Stolen,
}

/// What a TLS server shows, and the authority that a client needs to believe it.
pub(crate) struct Identity {
    acceptor: TlsAcceptor,
    leaf: CertificateDer<'static>,
    root: Arc<Authority>,
}

/// A certificate with its key, both in PEM.
#[derive(Debug)]
pub struct ClientIdentity {
    /// The certificate.
    pub chain: String,
    /// Its private key.
    pub key: String,
}

/// How many TLS handshakes there were.
#[derive(Debug, Default)]
pub struct Handshakes {
    full: AtomicUsize,
    resumed: AtomicUsize,
}

impl Handshakes {
    /// Those in which the server proved who it is.
    pub fn full(&self) -> usize {
        self.full.load(Ordering::SeqCst)
    }

    /// Those that resumed a session.
    pub fn resumed(&self) -> usize {
        self.resumed.load(Ordering::SeqCst)
    }

    pub(crate) fn count(&self, kind: Option<HandshakeKind>) {
        let counter = if kind == Some(HandshakeKind::Resumed) { &self.resumed } else { &self.full };
        counter.fetch_add(1, Ordering::SeqCst);
    }
}

impl ClientIdentity {
    /// A certificate for a client that no server knows.
    pub fn stranger() -> io::Result<Self> {
        Self::generate(&authority("somebody else", None).map_err(io::Error::other)?).map_err(io::Error::other)
    }

    fn generate(authority: &Authority) -> Result<Self, rcgen::Error> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "client");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, authority)?;
        Ok(Self { chain: certificate.pem(), key: key.serialize_pem() })
    }
}

impl Identity {
    /// Makes the certificates of a server; it `asks` for those of clients, which its own authority has to sign.
    pub(crate) fn generate(certificate: Certificate, asks: bool) -> io::Result<Self> {
        let root = Arc::new(authority("peer authority", None).map_err(io::Error::other)?);
        let (chain, key) = chain(certificate, &root).map_err(io::Error::other)?;
        Self::new(chain, &key, root, asks)
    }

    /// The certificates of a server below these authorities.
    pub(crate) fn below(hierarchy: &Hierarchy, shown: Shown) -> io::Result<Self> {
        let (chain, key) = hierarchy.chain(shown).map_err(io::Error::other)?;
        Self::new(chain, &key, Arc::clone(&hierarchy.root), false)
    }

    fn new(
        chain: Vec<CertificateDer<'static>>,
        key: &PrivateKeyDer<'static>,
        root: Arc<Authority>,
        asks: bool,
    ) -> io::Result<Self> {
        let leaf = chain[0].clone();
        let provider = Arc::new(ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?;
        let config = if asks {
            let mut roots = RootCertStore::empty();
            roots.add(root.der().clone()).map_err(io::Error::other)?;
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            config.with_client_cert_verifier(verifier.build().map_err(io::Error::other)?)
        } else {
            config.with_no_client_auth()
        };
        let key = ring::sign::any_supported_type(key).map_err(io::Error::other)?;
        // Not checked: the key may be another one than that of the certificate.
        let shown = SingleCertAndKey::from(CertifiedKey::new(chain, key));
        let config = config.with_cert_resolver(Arc::new(shown));
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), leaf, root })
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }

    pub(crate) fn leaf_der(&self) -> &[u8] {
        &self.leaf
    }

    pub(crate) fn root_der(&self) -> &[u8] {
        self.root.der()
    }

    pub(crate) fn root_pem(&self) -> String {
        self.root.pem()
    }

    /// A certificate for a client, by the authority of this server.
    pub(crate) fn client(&self) -> Result<ClientIdentity, rcgen::Error> {
        ClientIdentity::generate(&self.root)
    }

    /// A list in which the certificate of this server is, or another one; it may have expired.
    pub(crate) fn revocation_list(&self, is_listed: bool, is_current: bool) -> io::Result<Vec<u8>> {
        revocation_list(&self.root, &[(LEAF_SERIAL, is_listed)], is_current)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

pub(crate) type Authority = CertifiedIssuer<'static, KeyPair>;

pub(crate) fn authority(name: &str, above: Option<&Authority>) -> Result<Authority, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    match above {
        None => CertifiedIssuer::self_signed(params, KeyPair::generate()?),
        Some(above) => {
            params.serial_number = Some(SerialNumber::from(INTERMEDIATE_SERIAL));
            CertifiedIssuer::signed_by(params, KeyPair::generate()?, above)
        }
    }
}

/// The leaf, what is sent along, and the leaf's key.
fn chain(
    certificate: Certificate,
    root: &Authority,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), rcgen::Error> {
    use Certificate::*;
    let params = leaf(certificate)?;
    let key = KeyPair::generate()?;
    let chain = match certificate {
        Good | Expired | NotYetValid | WrongName | ExpiredWrongName | WrongUsage => {
            vec![params.signed_by(&key, root)?.der().clone()]
        }
        GoodWithRoot => vec![params.signed_by(&key, root)?.der().clone(), root.der().clone()],
        GoodChain | IncompleteChain | IntermediateMissing => {
            let intermediate = authority("peer intermediate", Some(root))?;
            let leaf = params.signed_by(&key, &intermediate)?.der().clone();
            if certificate == GoodChain { vec![leaf, intermediate.der().clone()] } else { vec![leaf] }
        }
        SelfSignedUntrusted | SelfSignedExpiredWrongName | SelfSignedAuthority => {
            vec![params.self_signed(&key)?.der().clone()]
        }
        Forged => {
            let namesake = authority("peer authority", None)?;
            vec![params.signed_by(&key, &namesake)?.der().clone(), root.der().clone()]
        }
        Stolen => vec![params.signed_by(&KeyPair::generate()?, root)?.der().clone()],
    };
    Ok((chain, PrivateKeyDer::from(key)))
}

pub(crate) fn leaf(certificate: Certificate) -> Result<CertificateParams, rcgen::Error> {
    use Certificate::*;
    let names: &[&str] = match certificate {
        WrongName | ExpiredWrongName | SelfSignedExpiredWrongName => &["wrong.example"],
        _ => &["localhost", "127.0.0.1"],
    };
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "peer");
    params.serial_number = Some(SerialNumber::from(LEAF_SERIAL));
    match certificate {
        Expired | ExpiredWrongName | SelfSignedExpiredWrongName => {
            params.not_before = date_time_ymd(2019, 1, 1);
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        NotYetValid => params.not_before = date_time_ymd(2090, 1, 1),
        WrongUsage => params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth],
        IncompleteChain => {
            params.custom_extensions =
                vec![CustomExtension::from_oid_content(AUTHORITY_INFO_ACCESS, CA_ISSUERS.to_vec())];
        }
        SelfSignedAuthority => params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
        _ => {}
    }
    Ok(params)
}

/// The serial number of every leaf.
pub(crate) const LEAF_SERIAL: u64 = 4711;

/// The serial number of every intermediate authority.
pub(crate) const INTERMEDIATE_SERIAL: u64 = 815;

/// RFC 5280 section 4.2.2.1.
const AUTHORITY_INFO_ACCESS: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 1, 1];

/// One access description: `caIssuers`, at `http://ca.invalid/`.
const CA_ISSUERS: &[u8] = b"\x30\x20\x30\x1e\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02\x86\x12http://ca.invalid/";
