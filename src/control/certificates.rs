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
    /// Trusts one more certificate authority, besides those of the platform. Default: none (UWP: the certificate store of the
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
    /// A browser trusts what it is set up to trust: there, connecting fails with [`ErrorKind::NotSupported`]. On Android the
    /// platform's verifier takes no authorities: this crate asks them first, and the platform about all other servers. It has to be
    /// initialised for those (`rustls_platform_verifier::android::init_with_env`), or connecting fails with [`ErrorKind::Tls`].
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

    /// Refuses servers whose certificate is in this list of revoked ones. Default: none (RFC 5280 section 5).
    ///
    /// One list in DER, or any number of them in PEM. The lists are looked up for every certificate from the server's up to
    /// an authority that is trusted, wherever that comes from; a certificate whose issuer has no list here passes. Each list
    /// counts for itself: one that has expired is a [`ChainValidationResult::RevocationFailure`], also beside a newer one, and
    /// whom it names stays revoked. Where the way up is not known, the server is refused
    /// ([`ChainValidationResult::RevocationInformationMissing`]). What the platform checks by itself, it checks as well.
    ///
    /// # Errors
    ///
    /// Connecting to a `wss` URL fails with [`ErrorKind::InvalidArgument`] if it is not a list, and with
    /// [`ErrorKind::CertificateRevoked`] if the server's certificate, or one above it, is in it.
    ///
    /// # Platform notes
    ///
    /// Windows, macOS and Android may trust a server by certificates that it did not send or by authorities that they do not
    /// list: there, the way up is not known. In a browser, connecting fails with [`ErrorKind::NotSupported`].
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

    /// Shows the server a certificate if it asks for one. Default: none (UWP: `ClientCertificate`).
    ///
    /// `chain` is the certificate, in PEM followed by those above it; `key` is its private key: PKCS #8, PKCS #1 or SEC 1.
    /// Each may be DER or PEM. They stay in memory after this control is gone: the process keeps the last 16 sets of TLS
    /// settings, so that a connection with equal ones resumes a session (RFC 8446 section 2.2). One with others never does.
    ///
    /// # Errors
    ///
    /// Connecting to a `wss` URL fails with [`ErrorKind::InvalidArgument`] if they make no sense or do not fit, and with
    /// [`ErrorKind::ClientCertificate`] if the server wants one and there is none, or refuses this one.
    ///
    /// # Platform notes
    ///
    /// A browser asks the user itself: there, connecting fails with [`ErrorKind::NotSupported`].
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

    /// Connects all the same if a server's certificate has one of these errors, besides those already named. Default: none
    /// (UWP: `IgnorableServerCertificateErrors`).
    ///
    /// An error that is not named still fails, so does one behind an error that is named. What was ignored is in
    /// [`Information::server_certificate_errors`](crate::Information::server_certificate_errors). The server has to hold the
    /// key of its certificate in any case. For tests and for devices with certificates of their own.
    ///
    /// | ignored | what it costs |
    /// |---|---|
    /// | `Untrusted` | everything but encryption: anybody can make such a certificate, for any name |
    /// | `InvalidName` | whoever has a certificate for any name of theirs can be this server |
    /// | `Expired` | a key that was lost or given away long ago is still good |
    /// | `IncompleteChain` | nothing: it comes with `Untrusted`, which covers it, and alone it lets nobody in |
    /// | `RevocationInformationMissing`, `RevocationFailure` | who was revoked since may get in |
    ///
    /// A session that such a connection began is resumed by connections that ignore the same errors, and by no others.
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

    /// Asks the program whether it talks to a server whose certificate has passed. Default: none, it does
    /// (UWP: `ServerCustomValidationRequested`).
    ///
    /// It is asked after the TLS handshake and before anything else is sent, within
    /// [`connect_timeout`](Self::connect_timeout). It can only reject: a certificate that has failed is not shown to it. It
    /// may be asked more than once, since every connection that is tried is validated, also one that resumes a TLS session:
    /// then it is shown what the server showed when the session began. A control and its clones resume each other's sessions.
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::CertificateRejected`] (HRESULT 0x800C000E) if it rejects.
    ///
    /// # Cancel safety
    ///
    /// If connecting is given up or takes too long, the future of `validate` is dropped.
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
