//! Names and their addresses.

use std::io;

use tokio::{net::lookup_host, time::Instant};

use super::{Stage, race::Addresses};
use crate::error::{Error, ErrorKind, Result};

/// A host and a port, as one dials them.
#[derive(Clone, PartialEq)]
pub(super) struct Host {
    /// A name or an address; an IPv6 address stands without brackets.
    pub(super) name: String,
    pub(super) port: u16,
}

impl Host {
    /// Asks the system for the addresses of both families, in the order in which to try them.
    pub(super) async fn resolve(&self, end: Instant) -> Result<Addresses> {
        let unknown = |error: io::Error| {
            Error::with_source(ErrorKind::HostNameNotResolved, format!("{} cannot be resolved", self.name), error)
        };
        let lookup = async { lookup_host((self.name.as_str(), self.port)).await.map_err(unknown) };
        Ok(Addresses::new(Stage::Lookup(&self.name).until(end, lookup).await?))
    }

    pub(super) fn has_no_address(&self) -> Error {
        Error::new(ErrorKind::HostNameNotResolved, format!("{} has no address", self.name))
    }
}
