//! What failures of TLS mean.

use std::{error, io};

use rustls::{AlertDescription, CertificateError, Error as TlsError, OtherError};

use crate::{
    certificate::{ChainValidationResult, ServerCertificates},
    error::{Error, ErrorKind},
};

/// A handshake that failed; `seen` is what the server showed.
pub(super) fn refused(error: io::Error, seen: Option<ServerCertificates>) -> Error {
    let Some(cause) = tls_error(&error) else {
        // TCP was lost in the middle.
        return Error::with_source(ErrorKind::CannotConnect, "the connection was lost in the TLS handshake", error);
    };
    let TlsError::InvalidCertificate(_) = cause else {
        return Error::with_source(kind_of(cause), "the TLS handshake failed", error);
    };
    let result = result_of(cause);
    let kind = certificate_kind(result);
    match seen {
        Some(mut seen) => {
            // The signature of the handshake comes after the chain.
            if !result.is_ignorable() && !seen.errors.contains(&result) {
                seen.errors.push(result);
            }
            let errors: Vec<_> = seen.errors.iter().map(ChainValidationResult::to_string).collect();
            let message = format!("the server's certificate was refused ({})", errors.join(", "));
            Error::with_source(kind, message, error).about(seen)
        }
        None => Error::with_source(kind, "the server's certificate was refused", error),
    }
}

/// An error of the opening handshake, which may be one of TLS: a server of TLS 1.3 tells only then what it thinks of the
/// client's certificate.
pub(in crate::backend::native) fn refused_afterwards(error: Error) -> Error {
    let mut source = error::Error::source(&error);
    while let Some(cause) = source {
        if let Some(cause) = cause.downcast_ref::<io::Error>().and_then(tls_error) {
            return Error::with_source(kind_of(cause), "TLS failed after its handshake", error);
        }
        source = cause.source();
    }
    error
}

/// What UWP calls an error of rustls.
pub(super) fn result_of(error: &TlsError) -> ChainValidationResult {
    let TlsError::InvalidCertificate(error) = error else { return ChainValidationResult::OtherErrors };
    match error {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => ChainValidationResult::Expired,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            ChainValidationResult::InvalidName
        }
        CertificateError::UnknownIssuer => ChainValidationResult::Untrusted,
        CertificateError::Revoked => ChainValidationResult::Revoked,
        CertificateError::UnknownRevocationStatus => ChainValidationResult::RevocationInformationMissing,
        CertificateError::ExpiredRevocationList | CertificateError::ExpiredRevocationListContext { .. } => {
            ChainValidationResult::RevocationFailure
        }
        CertificateError::BadSignature
        | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            ChainValidationResult::InvalidSignature
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            ChainValidationResult::WrongUsage
        }
        CertificateError::UnhandledCriticalExtension => ChainValidationResult::UnknownCriticalExtension,
        CertificateError::Other(other) => match webpki_error(other) {
            Some(
                webpki::Error::CaUsedAsEndEntity
                | webpki::Error::EndEntityUsedAsCa
                | webpki::Error::PathLenConstraintViolated,
            ) => ChainValidationResult::BasicConstraintsError,
            Some(webpki::Error::NameConstraintViolation) => ChainValidationResult::InvalidCertificateAuthorityPolicy,
            Some(
                webpki::Error::CrlExpired { .. }
                | webpki::Error::InvalidCrlSignatureForPublicKey
                | webpki::Error::IssuerNotCrlSigner
                | webpki::Error::UnsupportedCrlSignatureAlgorithmContext(_)
                | webpki::Error::UnsupportedCrlSignatureAlgorithmForPublicKeyContext(_)
                | webpki::Error::UnsupportedIndirectCrl
                | webpki::Error::UnsupportedDeltaCrl,
            ) => ChainValidationResult::RevocationFailure,
            Some(webpki::Error::UnsupportedCriticalExtension) => ChainValidationResult::UnknownCriticalExtension,
            _ => ChainValidationResult::OtherErrors,
        },
        _ => ChainValidationResult::OtherErrors,
    }
}

/// Whether a server's certificate is one of an authority.
pub(super) fn is_authority_as_server(error: &TlsError) -> bool {
    let TlsError::InvalidCertificate(CertificateError::Other(other)) = error else { return false };
    matches!(webpki_error(other), Some(webpki::Error::CaUsedAsEndEntity))
}

const fn certificate_kind(result: ChainValidationResult) -> ErrorKind {
    match result {
        ChainValidationResult::Expired => ErrorKind::CertificateExpired,
        ChainValidationResult::InvalidName => ErrorKind::CertificateNameMismatch,
        ChainValidationResult::Revoked => ErrorKind::CertificateRevoked,
        ChainValidationResult::Untrusted | ChainValidationResult::IncompleteChain => ErrorKind::CertificateUntrusted,
        _ => ErrorKind::CertificateInvalid,
    }
}

/// The kind of an error that is not about the server's certificate.
const fn kind_of(error: &TlsError) -> ErrorKind {
    match error {
        // A server sends these about a client's certificate only.
        TlsError::AlertReceived(
            AlertDescription::NoCertificate
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::CertificateRequired,
        ) => ErrorKind::ClientCertificate,
        _ => ErrorKind::Tls,
    }
}

fn tls_error(error: &io::Error) -> Option<&TlsError> {
    error.get_ref()?.downcast_ref()
}

fn webpki_error(OtherError(error): &OtherError) -> Option<&webpki::Error> {
    error.downcast_ref()
}
