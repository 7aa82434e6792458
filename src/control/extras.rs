//! Settings that few programs have, and the checks of all that can be wrong with settings.
//!
//! A program that calls none of their setters is linked without all of this, which counts in a browser: what drops, copies and
//! prints the settings is in the table of a trait object, and what checks them is behind a pointer. Only setters name both.

use std::fmt;

#[cfg(feature = "http2")]
use super::HttpVersion;
use super::{
    ConnectionKind, Control, TlsVersion,
    certificates::Certificates,
    proxy::{Proxy, ProxySettings},
    request::{Credential, RequestHeader},
    route::RouteSettings,
};
#[cfg(feature = "http2")]
use crate::shared_connections::SharedConnections;
use crate::{error::Result, heartbeat};

/// The settings.
#[derive(Clone, Debug)]
pub(crate) struct Extras {
    pub(crate) supported_protocols: Vec<String>,
    pub(crate) certificates: Certificates,
    pub(crate) proxy: ProxySettings,
    pub(crate) route: RouteSettings,
    pub(crate) request_headers: Vec<RequestHeader>,
    pub(crate) server_credential: Option<Credential>,
    pub(crate) preemptive_credential: bool,
    pub(crate) basic_credential_over_ws: bool,
    pub(crate) heartbeat: Option<heartbeat::Settings>,
    #[cfg(feature = "http2")]
    pub(crate) http_version: HttpVersion,
    #[cfg(feature = "http2")]
    pub(crate) shared_connections: Option<SharedConnections>,
}

/// The same, not there until one of them is set.
pub(super) struct LazyExtras(Option<Box<dyn ExtrasObject>>);

/// What [`LazyExtras`] does with the settings.
trait ExtrasObject: Send + Sync {
    fn get(&self) -> &Extras;
    fn get_mut(&mut self) -> &mut Extras;
    fn copied(&self) -> Box<dyn ExtrasObject>;
}

/// What holds settings against each other and against a place.
#[derive(Clone, Copy)]
pub(super) struct Checks {
    settings: fn(&Control) -> Result<()>,
    support: fn(&Control, ConnectionKind) -> Result<()>,
}

impl Control {
    /// The settings of this file.
    pub(crate) fn extras(&self) -> &Extras {
        self.extras.get()
    }

    /// The same, to be changed.
    pub(crate) fn extras_mut(&mut self) -> &mut Extras {
        self.checks = Some(Checks::ALL);
        self.extras.0.get_or_insert_with(|| Box::new(NONE)).get_mut()
    }

    /// Refuses what no platform could do: subprotocols (RFC 6455 section 4.1, item 10), headers, compression.
    pub(crate) fn check(&self) -> Result<()> {
        self.checks.map_or(Ok(()), |checks| (checks.settings)(self))
    }

    /// Fails with the name of the first setting in use that cannot be honoured in this place.
    pub(crate) fn check_supported(&self, kind: ConnectionKind) -> Result<()> {
        self.checks.map_or(Ok(()), |checks| (checks.support)(self, kind))
    }
}

impl LazyExtras {
    pub(super) const fn none() -> Self {
        Self(None)
    }

    fn get(&self) -> &Extras {
        self.0.as_ref().map_or(&DEFAULTS, |extras| extras.get())
    }
}

impl Clone for LazyExtras {
    fn clone(&self) -> Self {
        Self(self.0.as_ref().map(|extras| extras.copied()))
    }
}

impl fmt::Debug for LazyExtras {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

impl ExtrasObject for Extras {
    fn get(&self) -> &Extras {
        self
    }

    fn get_mut(&mut self) -> &mut Extras {
        self
    }

    fn copied(&self) -> Box<dyn ExtrasObject> {
        Box::new(self.clone())
    }
}

impl Checks {
    pub(super) const ALL: Self = Self { settings: Control::check_settings, support: Control::check_connection_kind };
}

impl fmt::Debug for Checks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checks").finish_non_exhaustive()
    }
}

/// The defaults.
static DEFAULTS: Extras = NONE;

const NONE: Extras = Extras {
    supported_protocols: Vec::new(),
    certificates: Certificates {
        roots: Vec::new(),
        revocation_lists: Vec::new(),
        client: None,
        ignorable: Vec::new(),
        validation: None,
        min_tls_version: TlsVersion::Tls12,
        key_log: false,
    },
    proxy: ProxySettings { proxy: Proxy::System, credential: None },
    route: RouteSettings { dialer: None, resolutions: Vec::new(), local_address: None },
    request_headers: Vec::new(),
    server_credential: None,
    preemptive_credential: false,
    basic_credential_over_ws: false,
    heartbeat: None,
    #[cfg(feature = "http2")]
    http_version: HttpVersion::Http1,
    #[cfg(feature = "http2")]
    shared_connections: None,
};
