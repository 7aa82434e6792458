//! What is known about the server's certificates.

use super::Information;
use crate::certificate::{Certificate, ChainValidationResult, ServerCertificates, SocketSslErrorSeverity};

impl Information {
    /// The server's certificate; `None` without TLS and in a browser (UWP: `ServerCertificate`).
    ///
    /// A server does not show it again where a TLS session is resumed: then this is what it showed when the session began.
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

    /// What is wrong with the certificates and was ignored (UWP: `ServerCertificateErrors`).
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

    /// How bad that is (UWP: `ServerCertificateErrorSeverity`).
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
