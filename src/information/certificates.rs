//! What is known about the server's certificates.

use super::Information;
use crate::certificate::{Certificate, ChainValidationResult, ServerCertificates, SocketSslErrorSeverity};

impl Information {
    /// The server's certificate; `None` without TLS and in a browser (UWP: `ServerCertificate`).
    ///
    /// A server does not send its certificate again when a TLS session is resumed; then this is the certificate of the
    /// session's first handshake.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(information: websocket_anywhere::Information) {
    /// println!("{:?}", information.server_certificate());
    /// # }
    /// ```
    #[must_use]
    pub fn server_certificate(&self) -> Option<&Certificate> {
        self.certificates.as_deref().map(ServerCertificates::certificate)
    }

    /// The other certificates that the server sent, in its order (UWP: `ServerIntermediateCertificates`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(information: websocket_anywhere::Information) {
    /// println!("{} more", information.server_intermediate_certificates().len());
    /// # }
    /// ```
    #[must_use]
    pub fn server_intermediate_certificates(&self) -> &[Certificate] {
        self.certificates.as_deref().map_or(&[], ServerCertificates::intermediates)
    }

    /// The errors of the certificates that were ignored (UWP: `ServerCertificateErrors`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(information: websocket_anywhere::Information) {
    /// println!("{:?}", information.server_certificate_errors());
    /// # }
    /// ```
    #[must_use]
    pub fn server_certificate_errors(&self) -> &[ChainValidationResult] {
        self.certificates.as_deref().map_or(&[], ServerCertificates::errors)
    }

    /// The severity of those errors (UWP: `ServerCertificateErrorSeverity`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(information: websocket_anywhere::Information) {
    /// println!("{:?}", information.server_certificate_error_severity());
    /// # }
    /// ```
    #[must_use]
    pub fn server_certificate_error_severity(&self) -> SocketSslErrorSeverity {
        self.certificates.as_deref().map_or(SocketSslErrorSeverity::None, ServerCertificates::error_severity)
    }
}
