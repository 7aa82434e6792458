//! Which settings cannot be honoured, and where: the one list.
//!
//! A setting belongs here if it decides whom a program talks to or what is sent: to ignore it would be a lie. What only tunes
//! is advisory and is not listed.

use super::{Control, Proxy, TlsVersion};
use crate::error::{Error, ErrorKind, Result};

/// Where a connection is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectionKind {
    /// A browser, which decides by itself.
    Browser,
    /// The dialler of the native engine, which honours everything that its features are there for.
    #[allow(dead_code, reason = "a browser connects by itself")]
    Dialler,
    /// A transport that the program brings: nothing below HTTP is left to decide.
    OwnTransport,
    /// The same, where TLS is still to be made: below that nothing is left to decide.
    #[allow(dead_code, reason = "a browser takes no transports")]
    OwnTransportBelowTls,
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
    refused_by: &'static [ConnectionKind],
    /// The feature that this build would need.
    missing: Option<&'static str>,
}

const TLS: Option<&str> = if cfg!(feature = "tls") { None } else { Some("tls") };
const PROXY: Option<&str> = if cfg!(feature = "proxy") { None } else { Some("proxy") };

/// Those that make no request by these settings.
const WITHOUT_REQUEST: &[ConnectionKind] = &[ConnectionKind::Browser, ConnectionKind::Pair, ConnectionKind::Server];

/// Those that make no TLS by these settings.
const WITHOUT_TLS: &[ConnectionKind] =
    &[ConnectionKind::Browser, ConnectionKind::OwnTransport, ConnectionKind::Pair, ConnectionKind::Server];

/// All but the dialler.
const WITHOUT_DIALLING: &[ConnectionKind] = &[
    ConnectionKind::Browser,
    ConnectionKind::OwnTransport,
    ConnectionKind::OwnTransportBelowTls,
    ConnectionKind::Pair,
    ConnectionKind::Server,
];

const SETTINGS: &[Setting] = &[
    Setting {
        name: "request_header",
        is_used: |control| !control.extras().request_headers.is_empty(),
        refused_by: WITHOUT_REQUEST,
        missing: None,
    },
    Setting {
        name: "server_credential",
        is_used: |control| control.extras().server_credential.is_some(),
        refused_by: WITHOUT_REQUEST,
        missing: None,
    },
    Setting {
        name: "preemptive_credential",
        is_used: |control| control.extras().preemptive_credential,
        refused_by: WITHOUT_REQUEST,
        missing: None,
    },
    Setting {
        name: "basic_credential_over_ws",
        is_used: |control| control.extras().basic_credential_over_ws,
        refused_by: WITHOUT_REQUEST,
        missing: None,
    },
    Setting {
        name: "max_redirects",
        is_used: |control| control.max_redirects > 0,
        refused_by: WITHOUT_DIALLING,
        missing: None,
    },
    Setting {
        name: "client_certificate",
        is_used: |control| control.extras().certificates.client.is_some(),
        refused_by: WITHOUT_TLS,
        missing: TLS,
    },
    Setting {
        name: "ignorable_server_certificate_errors",
        is_used: |control| !control.extras().certificates.ignorable.is_empty(),
        refused_by: WITHOUT_TLS,
        missing: TLS,
    },
    Setting {
        name: "dialer",
        is_used: |control| control.extras().route.dialer.is_some(),
        refused_by: WITHOUT_DIALLING,
        missing: None,
    },
    Setting {
        name: "local_address",
        is_used: |control| control.extras().route.local_address.is_some(),
        refused_by: WITHOUT_DIALLING,
        missing: None,
    },
    Setting {
        name: "resolve",
        is_used: |control| !control.extras().route.resolutions.is_empty(),
        refused_by: WITHOUT_DIALLING,
        missing: None,
    },
    Setting {
        name: "min_tls_version",
        is_used: |control| control.extras().certificates.min_tls_version != TlsVersion::Tls12,
        refused_by: WITHOUT_TLS,
        missing: TLS,
    },
    Setting {
        name: "proxy",
        is_used: |control| control.extras().proxy.proxy != Proxy::System,
        refused_by: WITHOUT_DIALLING,
        missing: None,
    },
    Setting {
        name: "proxy",
        // Without the feature there is no proxy, which may be what is asked for.
        is_used: |control| !matches!(control.extras().proxy.proxy, Proxy::None | Proxy::System),
        refused_by: &[],
        missing: PROXY,
    },
    Setting {
        name: "proxy_credential",
        is_used: |control| control.extras().proxy.credential.is_some(),
        refused_by: WITHOUT_DIALLING,
        missing: PROXY,
    },
    #[cfg(feature = "http2")]
    Setting {
        name: "shared_connections",
        is_used: |control| control.extras().shared_connections.is_some(),
        refused_by: &[ConnectionKind::OwnTransport, ConnectionKind::Pair, ConnectionKind::Server],
        missing: None,
    },
    #[cfg(feature = "http2")]
    Setting {
        name: "http_version",
        is_used: |control| control.extras().http_version != super::HttpVersion::Http1,
        refused_by: &[ConnectionKind::OwnTransport, ConnectionKind::Pair, ConnectionKind::Server],
        missing: None,
    },
    Setting {
        name: "revocation_list",
        is_used: |control| !control.extras().certificates.revocation_lists.is_empty(),
        refused_by: WITHOUT_TLS,
        missing: TLS,
    },
    Setting {
        name: "root_certificate",
        is_used: |control| !control.extras().certificates.roots.is_empty(),
        refused_by: WITHOUT_TLS,
        missing: TLS,
    },
    Setting {
        name: "server_custom_validation",
        is_used: |control| control.extras().certificates.validation.is_some(),
        refused_by: WITHOUT_TLS,
        missing: TLS,
    },
];

impl Setting {
    /// Who does not honour it in this place, if anybody.
    fn refused_in(&self, kind: ConnectionKind) -> Option<[&'static str; 3]> {
        let whose = match kind {
            _ if !self.refused_by.contains(&kind) => {
                return self.missing.map(|feature| ["this build, without the feature ", feature, ","]);
            }
            ConnectionKind::Browser => "a browser",
            ConnectionKind::Dialler => "this crate",
            ConnectionKind::OwnTransport | ConnectionKind::OwnTransportBelowTls => "a transport of one's own",
            ConnectionKind::Pair => "a pair in memory",
            ConnectionKind::Server => "a server",
        };
        Some([whose, "", ""])
    }
}

impl Control {
    /// Fails with the name of the first setting in use that cannot be honoured in this place.
    pub(super) fn check_connection_kind(&self, kind: ConnectionKind) -> Result<()> {
        for setting in SETTINGS.iter().filter(|setting| (setting.is_used)(self)) {
            if let Some(whose) = setting.refused_in(kind) {
                let message = [&whose.concat(), " does not support the option ", setting.name].concat();
                return Err(Error::new(ErrorKind::NotSupported, message));
            }
        }
        Ok(())
    }
}
