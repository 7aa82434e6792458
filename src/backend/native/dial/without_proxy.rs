//! In the place of proxies, without the feature of this name: every server is reached directly.

use std::convert::Infallible;

use tokio::time::Instant;
use url::Url;

use super::Host;
use crate::{
    backend::native::tls::Connector,
    control::{certificates::Certificates, proxy::ProxySettings},
    error::Result,
};

/// Nobody has one.
#[derive(Clone, PartialEq)]
pub(in crate::backend::native) struct Proxy(Infallible);

/// No proxy. Settings that name one have been refused.
pub(super) const fn choose(_: &ProxySettings, _: &Url, _: &Host) -> Result<Option<Proxy>> {
    Ok(None)
}

impl Proxy {
    pub(super) const fn host(&self) -> &Host {
        match self.0 {}
    }

    pub(super) async fn connector(&self, _: &Certificates) -> Result<Option<Connector>> {
        match self.0 {}
    }

    pub(super) const fn wants_address(&self) -> bool {
        match self.0 {}
    }

    pub(super) async fn open<S>(&self, _: S, _: &str, _: u16, _: Instant) -> Result<S> {
        match self.0 {}
    }
}
