//! In the place of TLS, without the feature of this name: whoever asks for TLS is told so.

use std::convert::Infallible;

use crate::{
    certificate::ServerCertificates,
    control::certificates::Certificates,
    error::{Error, ErrorKind, Result},
};

/// Nobody has one.
pub(super) struct Connector(Infallible);

/// Only as part of what is never called.
pub(super) type TlsStream<S> = S;

impl Connector {
    /// Fails.
    pub(super) async fn new(_: &Certificates) -> Result<Self> {
        Err(Error::new(ErrorKind::NotSupported, "this build, without the feature tls, makes no secure connections"))
    }

    #[cfg(feature = "http2")]
    pub(super) const fn without_validation(&self) -> Self {
        match self.0 {}
    }

    #[cfg(feature = "http2")]
    pub(super) const fn is_equal(&self, _: &Self) -> bool {
        match self.0 {}
    }

    pub(super) async fn connect<S>(&self, _: &str, _: S, _: &[&[u8]]) -> Result<(TlsStream<S>, ServerCertificates)> {
        match self.0 {}
    }

    pub(super) async fn validate(&self, _: &ServerCertificates) -> Result<()> {
        match self.0 {}
    }
}

#[cfg(feature = "http2")]
pub(super) const fn protocol<S>(_: &TlsStream<S>) -> Option<&[u8]> {
    None
}

/// No error is one of TLS.
pub(super) const fn refused_afterwards(error: Error) -> Error {
    error
}
