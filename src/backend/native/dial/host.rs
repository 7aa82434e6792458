//! Names and their addresses.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use tokio::{net::lookup_host, time::Instant};

use super::{Stage, race::Addresses};
use crate::{
    control::route::{Resolution, RouteSettings},
    error::{Error, ErrorKind, Result},
};

/// A host and a port, as one dials them.
#[derive(Clone, PartialEq)]
pub(super) struct Host {
    /// A name or an address; an IPv6 address stands without brackets.
    pub(super) name: String,
    pub(super) port: u16,
}

impl Host {
    /// The addresses of both families, in the order in which to try them: those that the program names, else the system is
    /// asked.
    pub(super) async fn resolve(&self, route: &RouteSettings, end: Instant) -> Result<Addresses> {
        if let Some(named) = self.named(route) {
            return Ok(Addresses::new(named.iter().map(|address| SocketAddr::new(*address, self.port))));
        }
        let unknown = |error: io::Error| {
            Error::with_source(ErrorKind::HostNameNotResolved, format!("{} cannot be resolved", self.name), error)
        };
        let lookup = async { lookup_host((self.name.as_str(), self.port)).await.map_err(unknown) };
        Ok(Addresses::new(Stage::Lookup(&self.name).until(end, lookup).await?))
    }

    /// The addresses that the program names.
    pub(super) fn named<'a>(&self, route: &'a RouteSettings) -> Option<&'a [IpAddr]> {
        let is_this = |resolution: &&Resolution| normalised(&resolution.host).as_ref() == Some(&self.name);
        route.resolutions.iter().rfind(is_this).map(|resolution| &*resolution.addresses)
    }

    pub(super) fn has_no_address(&self) -> Error {
        Error::new(ErrorKind::HostNameNotResolved, format!("{} has no address", self.name))
    }
}

/// Fails if the program names addresses of what is no host.
pub(super) fn check_resolutions(route: &RouteSettings) -> Result<()> {
    match route.resolutions.iter().find(|resolution| normalised(&resolution.host).is_none()) {
        None => Ok(()),
        Some(Resolution { host, .. }) => Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("bad value of the option resolve: {host:?} is not a host"),
        )),
    }
}

/// A host as it stands in a URL that has been parsed, without brackets.
fn normalised(host: &str) -> Option<String> {
    match host.parse() {
        Ok(IpAddr::V6(address)) => Some(address.to_string()),
        _ => url::Host::parse(host).ok().map(|host| host.to_string().trim_matches(['[', ']']).to_owned()),
    }
}
