//! What a server showed to prove who it is, and what was found wrong with it.

use std::{fmt, sync::OnceLock, time::SystemTime};

use bytes::Bytes;

/// An X.509 certificate (RFC 5280; UWP: `Certificate`).
///
/// # Examples
///
/// ```no_run
/// # fn show(information: websocket_anywhere::Information) {
/// if let Some(certificate) = information.server_certificate() {
///     println!("{} by {}", certificate.subject(), certificate.issuer());
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct Certificate {
    der: Bytes,
    /// Takes it apart when somebody asks: most programs never do.
    read: fn(&[u8]) -> Fields,
    fields: OnceLock<Fields>,
}

/// What a certificate says.
#[derive(Clone)]
pub(crate) struct Fields {
    pub(crate) subject: String,
    pub(crate) issuer: String,
    pub(crate) serial_number: Vec<u8>,
    pub(crate) valid_from: SystemTime,
    pub(crate) valid_to: SystemTime,
}

/// An error of a certificate chain, with the numbers of UWP's enumeration of this name.
///
/// # Examples
///
/// ```
/// use websocket_anywhere::ChainValidationResult;
///
/// assert_eq!(ChainValidationResult::InvalidName.number(), 7);
/// assert!(ChainValidationResult::InvalidName.is_ignorable());
/// assert!(!ChainValidationResult::Revoked.is_ignorable());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ChainValidationResult {
    /// No error.
    Success = 0,
    /// The chain does not end in a trusted authority, for example because the authority is private or the certificate is
    /// self-signed. Ignoring it disables the authentication of the server.
    Untrusted = 1,
    /// A certificate was revoked.
    Revoked = 2,
    /// A certificate has expired or is not valid yet.
    Expired = 3,
    /// The server did not send an intermediate certificate whose location the certificate below it contains (`caIssuers`,
    /// RFC 5280 section 4.2.2.1); it is not fetched. This error always comes with `Untrusted`: ignoring it alone has no
    /// effect, and ignoring `Untrusted` includes it.
    IncompleteChain = 4,
    /// The signature of a certificate is not its issuer's, or uses an insecure algorithm.
    InvalidSignature = 5,
    /// A certificate is not valid for servers.
    WrongUsage = 6,
    /// The server's certificate is for another name.
    InvalidName = 7,
    /// An authority signed a certificate for a name outside its name constraints.
    InvalidCertificateAuthorityPolicy = 8,
    /// A certificate violates the basic constraints: it signed another one without being an authority, or the reverse.
    BasicConstraintsError = 9,
    /// A certificate has an unknown critical extension.
    UnknownCriticalExtension = 10,
    /// The revocation status of a certificate is unknown: revocation lists are set, but the chain from the server to their
    /// issuer is not known. Ignoring it may accept revoked certificates.
    RevocationInformationMissing = 11,
    /// A revocation list has expired, or its signature is not its issuer's.
    RevocationFailure = 12,
    /// Another error, such as a malformed certificate.
    OtherErrors = 13,
}

/// The severity of certificate errors, with the numbers of UWP's enumeration of this name.
///
/// # Examples
///
/// ```
/// use websocket_anywhere::SocketSslErrorSeverity;
///
/// assert!(SocketSslErrorSeverity::None < SocketSslErrorSeverity::Fatal);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SocketSslErrorSeverity {
    /// There are no errors.
    #[default]
    None = 0,
    /// All errors can be ignored.
    Ignorable = 1,
    /// At least one error can never be ignored.
    Fatal = 2,
}

/// The certificates of a server and their errors (UWP: `WebSocketServerCustomValidationRequestedEventArgs`).
///
/// # Examples
///
/// ```no_run
/// # async fn run() {
/// let error = websocket_anywhere::MessageWebSocket::connect("wss://expired.example").await.unwrap_err();
/// if let Some(server) = error.server_certificates() {
///     println!("{}: {:?}", server.certificate().subject(), server.errors());
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerCertificates {
    pub(crate) certificate: Certificate,
    pub(crate) intermediates: Vec<Certificate>,
    pub(crate) errors: Vec<ChainValidationResult>,
}

/// The decision of a program about a server whose certificate has passed all checks (UWP: whether it calls
/// `WebSocketServerCustomValidationRequestedEventArgs.Reject`).
///
/// # Examples
///
/// See [`Control::server_custom_validation`](crate::Control::server_custom_validation).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerValidation {
    /// Connect to the server.
    Proceed,
    /// Refuse the server (UWP: `Reject`).
    Reject,
}

impl Certificate {
    #[allow(dead_code, reason = "a browser shows no certificates")]
    pub(crate) const fn new(der: Bytes, read: fn(&[u8]) -> Fields) -> Self {
        Self { der, read, fields: OnceLock::new() }
    }

    fn fields(&self) -> &Fields {
        self.fields.get_or_init(|| (self.read)(&self.der))
    }

    /// The encoded certificate, in DER (UWP: `Certificate.GetCertificateBlob`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn save(certificate: websocket_anywhere::Certificate) -> std::io::Result<()> {
    /// std::fs::write("server.der", certificate.der())
    /// # }
    /// ```
    #[must_use]
    pub const fn der(&self) -> &Bytes {
        &self.der
    }

    /// The subject in the notation of RFC 4514, empty if it is malformed (UWP: `Subject`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(certificate: websocket_anywhere::Certificate) {
    /// assert_eq!(certificate.subject(), "CN=example.com,O=Example,C=NO");
    /// # }
    /// ```
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.fields().subject
    }

    /// The issuer in the notation of RFC 4514, empty if it is malformed (UWP: `Issuer`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(certificate: websocket_anywhere::Certificate) {
    /// println!("{}", certificate.issuer());
    /// # }
    /// ```
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.fields().issuer
    }

    /// The serial number, most significant byte first (UWP: `SerialNumber`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(certificate: websocket_anywhere::Certificate) {
    /// println!("{:x?}", certificate.serial_number());
    /// # }
    /// ```
    #[must_use]
    pub fn serial_number(&self) -> &[u8] {
        &self.fields().serial_number
    }

    /// The start of the validity period (UWP: `ValidFrom`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(certificate: websocket_anywhere::Certificate) {
    /// println!("{:?}", certificate.valid_from());
    /// # }
    /// ```
    #[must_use]
    pub fn valid_from(&self) -> SystemTime {
        self.fields().valid_from
    }

    /// The end of the validity period (UWP: `ValidTo`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(certificate: websocket_anywhere::Certificate) {
    /// println!("{:?}", certificate.valid_to());
    /// # }
    /// ```
    #[must_use]
    pub fn valid_to(&self) -> SystemTime {
        self.fields().valid_to
    }
}

impl ChainValidationResult {
    /// The number of the value in `Windows.Security.Cryptography.Certificates.ChainValidationResult`.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(websocket_anywhere::ChainValidationResult::Expired.number(), 3);
    /// ```
    #[must_use]
    pub const fn number(self) -> i32 {
        self as i32
    }

    /// Whether [`ignorable_server_certificate_errors`](crate::Control::ignorable_server_certificate_errors) may name it:
    /// `Untrusted`, `Expired`, `IncompleteChain`, `InvalidName`, `RevocationInformationMissing` and `RevocationFailure`
    /// (UWP: those of [`SocketSslErrorSeverity::Ignorable`]).
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!websocket_anywhere::ChainValidationResult::InvalidSignature.is_ignorable());
    /// ```
    #[must_use]
    pub const fn is_ignorable(self) -> bool {
        matches!(
            self,
            Self::Untrusted
                | Self::Expired
                | Self::IncompleteChain
                | Self::InvalidName
                | Self::RevocationInformationMissing
                | Self::RevocationFailure
        )
    }
}

impl ServerCertificates {
    /// The server's own certificate (UWP: `ServerCertificate`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(server: websocket_anywhere::ServerCertificates) {
    /// println!("{}", server.certificate().subject());
    /// # }
    /// ```
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The other certificates that the server sent, in the order in which it sent them (UWP:
    /// `ServerIntermediateCertificates`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(server: websocket_anywhere::ServerCertificates) {
    /// println!("{} more", server.intermediates().len());
    /// # }
    /// ```
    #[must_use]
    pub fn intermediates(&self) -> &[Certificate] {
        &self.intermediates
    }

    /// The errors of the certificates, empty if there are none (UWP: `ServerCertificateErrors`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(server: websocket_anywhere::ServerCertificates) {
    /// assert!(server.errors().is_empty());
    /// # }
    /// ```
    #[must_use]
    pub fn errors(&self) -> &[ChainValidationResult] {
        &self.errors
    }

    /// The severity of the errors (UWP: `ServerCertificateErrorSeverity`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(server: websocket_anywhere::ServerCertificates) {
    /// println!("{:?}", server.error_severity());
    /// # }
    /// ```
    #[must_use]
    pub fn error_severity(&self) -> SocketSslErrorSeverity {
        match &*self.errors {
            [] => SocketSslErrorSeverity::None,
            errors if errors.iter().all(|error| error.is_ignorable()) => SocketSslErrorSeverity::Ignorable,
            _ => SocketSslErrorSeverity::Fatal,
        }
    }
}

/// Two are equal if all of their bytes are.
impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Certificate");
        debug.field("subject", &self.subject()).field("issuer", &self.issuer());
        debug.field("valid_from", &self.valid_from()).field("valid_to", &self.valid_to()).finish_non_exhaustive()
    }
}

/// The name of the value, as UWP writes it.
impl fmt::Display for ChainValidationResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
