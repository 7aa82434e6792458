//! Whom TLS believes, and who the program is to the server.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use bytes::Bytes;

use super::{Control, TlsVersion};
use crate::{
    certificate::{ChainValidationResult, ServerCertificates, ServerValidation},
    error::{Error, ErrorKind, Message, Result, Value},
};

/// The settings of this file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Certificates {
    /// DER, or PEM with any number of certificates.
    pub(crate) roots: Vec<Bytes>,
    /// DER, or PEM with any number of lists.
    pub(crate) revocation_lists: Vec<Bytes>,
    pub(crate) client: Option<ClientCertificate>,
    pub(crate) ignorable: Vec<ChainValidationResult>,
    pub(crate) validation: Option<CustomValidation>,
    pub(crate) min_tls_version: TlsVersion,
    pub(crate) key_log: bool,
}

/// A chain and the key of its first certificate, each DER or PEM.
#[derive(Clone, PartialEq, Eq)]
#[allow(dead_code, reason = "a browser refuses it unread")]
pub(crate) struct ClientCertificate {
    pub(crate) chain: Bytes,
    pub(crate) key: Bytes,
}

/// What the program itself thinks of a server.
#[derive(Clone)]
#[allow(dead_code, reason = "a browser refuses it unread")]
pub(crate) struct CustomValidation(pub(crate) Arc<Validate>);

pub(crate) type Validate = dyn Fn(ServerCertificates) -> Validating + Send + Sync;

pub(crate) type Validating = Pin<Box<dyn Future<Output = ServerValidation> + Send>>;

impl Control {
    /// Trusts a certificate authority in addition to those of the platform. Default: none (UWP: the certificate store of the
    /// app).
    ///
    /// One X.509 certificate in DER, or any number of them in PEM.
    ///
    /// # Errors
    ///
    /// Connecting to a `wss` URL fails with [`ErrorKind::InvalidArgument`] if it is not a certificate.
    ///
    /// # Platform notes
    ///
    /// In a browser, connecting fails with [`ErrorKind::NotSupported`]: a browser has its own list of authorities. On
    /// Android the platform's verifier accepts no additional authorities, so this crate checks a server against them first,
    /// and asks the platform about all other servers. For those the verifier must be initialised
    /// (`rustls_platform_verifier::android::init_with_env`); otherwise connecting fails with [`ErrorKind::Tls`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run() -> std::io::Result<()> {
    /// let control = websocket_anywhere::Control::new().root_certificate(std::fs::read("company-ca.pem")?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn root_certificate(mut self, certificate: impl AsRef<[u8]>) -> Self {
        self.extras_mut().certificates.roots.push(Bytes::copy_from_slice(certificate.as_ref()));
        self
    }

    /// Refuses servers whose certificate is in this certificate revocation list. Default: none (RFC 5280 section 5).
    ///
    /// One list in DER, or any number of them in PEM. Every certificate of the chain, from the server's to the trusted
    /// authority, is checked, wherever the authority comes from; a certificate whose issuer has no list here passes. Lists
    /// are independent: an expired list is a [`ChainValidationResult::RevocationFailure`] even if there is a newer one, and
    /// the certificates in it stay revoked. If the chain to the authority is not known, the server is refused
    /// ([`ChainValidationResult::RevocationInformationMissing`]). Revocation checks of the platform apply in addition.
    ///
    /// # Errors
    ///
    /// Connecting to a `wss` URL fails with [`ErrorKind::InvalidArgument`] if this is not a revocation list, and with
    /// [`ErrorKind::CertificateRevoked`] if the server's certificate, or one above it in the chain, is in the list.
    ///
    /// # Platform notes
    ///
    /// Windows, macOS and Android may trust a server through certificates that it did not send, or through authorities that
    /// they do not list; the chain is not known then. In a browser, connecting fails with [`ErrorKind::NotSupported`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run() -> std::io::Result<()> {
    /// let control = websocket_anywhere::Control::new().revocation_list(std::fs::read("company.crl")?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn revocation_list(mut self, list: impl AsRef<[u8]>) -> Self {
        self.extras_mut().certificates.revocation_lists.push(Bytes::copy_from_slice(list.as_ref()));
        self
    }

    /// The certificate that authenticates the program if the server asks for one. Default: none (UWP: `ClientCertificate`).
    ///
    /// `chain` is the certificate, in PEM followed by the certificates above it; `key` is its private key in PKCS #8, PKCS
    /// #1 or SEC 1. Each may be DER or PEM. Both stay in memory after this control is dropped: the process keeps the last 16
    /// sets of TLS settings, and a connection with equal settings resumes a session (RFC 8446 section 2.2). Connections with
    /// different settings never share sessions.
    ///
    /// # Errors
    ///
    /// Connecting to a `wss` URL fails with [`ErrorKind::InvalidArgument`] if the certificate or key is malformed or they do
    /// not match, and with [`ErrorKind::ClientCertificate`] if the server requires a certificate and there is none, or
    /// refuses this one.
    ///
    /// # Platform notes
    ///
    /// In a browser, which asks the user, connecting fails with [`ErrorKind::NotSupported`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run() -> std::io::Result<()> {
    /// let (chain, key) = (std::fs::read("me.pem")?, std::fs::read("me.key")?);
    /// let control = websocket_anywhere::Control::new().client_certificate(chain, key);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn client_certificate(mut self, chain: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Self {
        let [chain, key] = [chain.as_ref(), key.as_ref()].map(Bytes::copy_from_slice);
        self.extras_mut().certificates.client = Some(ClientCertificate { chain, key });
        self
    }

    /// Adds errors of a server's certificate that do not prevent connecting. Default: none (UWP:
    /// `IgnorableServerCertificateErrors`).
    ///
    /// Meant for tests and for devices with self-signed certificates. All errors of a certificate are determined, and any
    /// that is not named here still fails the connection.
    /// [`Information::server_certificate_errors`](crate::Information::server_certificate_errors) has the errors that were
    /// ignored. The server must prove possession of the certificate's key in any case.
    ///
    /// | ignored | what it costs |
    /// |---|---|
    /// | `Untrusted` | everything but encryption: anybody can make such a certificate, for any name |
    /// | `InvalidName` | whoever has a certificate for any name of theirs can be this server |
    /// | `Expired` | a key that was lost or given away long ago is still good |
    /// | `IncompleteChain` | nothing: it comes with `Untrusted`, which covers it, and alone it lets nobody in |
    /// | `RevocationInformationMissing`, `RevocationFailure` | who was revoked since may get in |
    ///
    /// A TLS session of such a connection is resumed only by connections that ignore the same errors.
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::InvalidArgument`] if one of them can never be ignored
    /// ([`ChainValidationResult::is_ignorable`]).
    ///
    /// # Platform notes
    ///
    /// In a browser, connecting fails with [`ErrorKind::NotSupported`].
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{ChainValidationResult, Control};
    ///
    /// let control = Control::new().ignorable_server_certificate_errors([ChainValidationResult::Expired]);
    /// ```
    #[must_use]
    pub fn ignorable_server_certificate_errors(
        mut self,
        errors: impl IntoIterator<Item = ChainValidationResult>,
    ) -> Self {
        self.extras_mut().certificates.ignorable.extend(errors);
        self
    }

    /// Lets the program reject a server whose certificate has passed all checks. Default: none (UWP:
    /// `ServerCustomValidationRequested`).
    ///
    /// `validate` is called after the TLS handshake and before anything else is sent; its time counts towards
    /// [`connect_timeout`](Self::connect_timeout). It is not called for a certificate that has failed. It may be called more
    /// than once: every connection that is attempted is validated, including one that resumes a TLS session, for which it
    /// gets the certificates of the session's first handshake. A control and its clones resume each other's sessions.
    ///
    /// # Errors
    ///
    /// If `validate` rejects, connecting fails with [`ErrorKind::CertificateRejected`] (HRESULT 0x800C000E).
    ///
    /// # Cancel safety
    ///
    /// If connecting is cancelled or times out, the future of `validate` is dropped.
    ///
    /// # Platform notes
    ///
    /// In a browser, connecting fails with [`ErrorKind::NotSupported`].
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Control, ServerValidation};
    ///
    /// let control = Control::new().server_custom_validation(|server| async move {
    ///     match server.certificate().issuer() {
    ///         "CN=Company CA" => ServerValidation::Proceed,
    ///         _ => ServerValidation::Reject,
    ///     }
    /// });
    /// ```
    #[must_use]
    pub fn server_custom_validation<F>(
        mut self,
        validate: impl Fn(ServerCertificates) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = ServerValidation> + Send + 'static,
    {
        self.extras_mut().certificates.validation =
            Some(CustomValidation(Arc::new(move |server| Box::pin(validate(server)))));
        self
    }
}

impl Certificates {
    /// Refuses to ignore what nobody may ignore.
    pub(crate) fn check(&self) -> Result<()> {
        let fatal = self.ignorable.iter().find(|error| !error.is_ignorable());
        fatal.map_or(Ok(()), |error| {
            let message = Message::With("the certificate error ", Value::Certificate(*error), " cannot be ignored");
            Err(Error::new(ErrorKind::InvalidArgument, message))
        })
    }
}

/// Shows no key.
impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCertificate").finish_non_exhaustive()
    }
}

impl fmt::Debug for CustomValidation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CustomValidation").finish_non_exhaustive()
    }
}
