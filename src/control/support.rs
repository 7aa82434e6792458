//! Which settings cannot be honoured, and where: the one list.
//!
//! A setting belongs here if it decides whom a program talks to or what is sent: to ignore it would be a lie. What only tunes
//! is advisory and is not listed.

use super::{Control, Proxy};
use crate::error::{Error, ErrorKind, Result};

/// Where a connection is made by somebody else than the dialler of the native engine, which honours everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A browser, which decides by itself.
    Browser,
    /// A transport that the program brings: nothing below HTTP is left to decide.
    OwnTransport,
    /// Two sockets in memory: there is no request, either.
    Pair,
    /// A client: it is the other side.
    #[allow(dead_code, reason = "a browser cannot be a server")]
    Server,
}

/// One row of the list.
struct Setting {
    name: &'static str,
    is_used: fn(&Control) -> bool,
    refused_by: &'static [Place],
}

const SETTINGS: &[Setting] = &[
    Setting {
        name: "request_header",
        is_used: |control| !control.extras().request_headers.is_empty(),
        refused_by: &[Place::Browser, Place::Pair, Place::Server],
    },
    Setting {
        name: "server_credential",
        is_used: |control| control.extras().server_credential.is_some(),
        refused_by: &[Place::Browser, Place::Pair, Place::Server],
    },
    Setting {
        name: "preemptive_credential",
        is_used: |control| control.extras().preemptive_credential,
        refused_by: &[Place::Browser, Place::Pair, Place::Server],
    },
    Setting {
        name: "basic_credential_over_ws",
        is_used: |control| control.extras().basic_credential_over_ws,
        refused_by: &[Place::Browser, Place::Pair, Place::Server],
    },
    Setting {
        name: "client_certificate",
        is_used: |control| control.extras().certificates.client.is_some(),
        refused_by: &[Place::Browser, Place::OwnTransport, Place::Pair, Place::Server],
    },
    Setting {
        name: "ignorable_server_certificate_errors",
        is_used: |control| !control.extras().certificates.ignorable.is_empty(),
        refused_by: &[Place::Browser, Place::OwnTransport, Place::Pair, Place::Server],
    },
    Setting {
        name: "proxy",
        is_used: |control| control.extras().proxy.proxy != Proxy::System,
        refused_by: &[Place::Browser, Place::OwnTransport, Place::Pair, Place::Server],
    },
    Setting {
        name: "proxy_credential",
        is_used: |control| control.extras().proxy.credential.is_some(),
        refused_by: &[Place::Browser, Place::OwnTransport, Place::Pair, Place::Server],
    },
    #[cfg(feature = "http2")]
    Setting {
        name: "shared_connections",
        is_used: |control| control.extras().shared_connections.is_some(),
        refused_by: &[Place::OwnTransport, Place::Pair, Place::Server],
    },
    #[cfg(feature = "http2")]
    Setting {
        name: "http_version",
        is_used: |control| control.extras().http_version != super::HttpVersion::Http1,
        refused_by: &[Place::OwnTransport, Place::Pair, Place::Server],
    },
    Setting {
        name: "revocation_list",
        is_used: |control| !control.extras().certificates.revocation_lists.is_empty(),
        refused_by: &[Place::Browser, Place::OwnTransport, Place::Pair, Place::Server],
    },
    Setting {
        name: "root_certificate",
        is_used: |control| !control.extras().certificates.roots.is_empty(),
        refused_by: &[Place::Browser, Place::OwnTransport, Place::Pair, Place::Server],
    },
    Setting {
        name: "server_custom_validation",
        is_used: |control| control.extras().certificates.validation.is_some(),
        refused_by: &[Place::Browser, Place::OwnTransport, Place::Pair, Place::Server],
    },
];

impl Control {
    /// Fails with the name of the first setting in use that cannot be honoured in this place.
    pub(super) fn check_place(&self, place: Place) -> Result<()> {
        let refused = SETTINGS.iter().find(|setting| setting.refused_by.contains(&place) && (setting.is_used)(self));
        let Some(Setting { name, .. }) = refused else { return Ok(()) };
        let whose = match place {
            Place::Browser => "a browser",
            Place::OwnTransport => "a transport of one's own",
            Place::Pair => "a pair in memory",
            Place::Server => "a server",
        };
        Err(Error::new(ErrorKind::NotSupported, [whose, " does not support the option ", name].concat()))
    }
}
