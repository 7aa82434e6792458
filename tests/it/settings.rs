//! The table of the settings in the docs of `Control`, row by row: what it says is what happens.

use std::time::Duration;

use websocket_anywhere::{
    ChainValidationResult, Compression, Control, Error, ErrorKind, HResult, MessageWebSocket, Proxy, ReceiveMode,
    ServerValidation, SocketMessageType, StreamWebSocket, TlsVersion, WebErrorStatus,
};

use crate::support::{BROWSER, dial, peer, soon, test};

const TABLE: &str = include_str!("../../src/control/settings.md");

/// One row of the table.
#[allow(dead_code, reason = "what is in the source and what is native is looked at natively")]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) default: &'static str,
    pub(crate) native: Treatment,
    pub(crate) handshake: Treatment,
    pub(crate) server: Treatment,
    pub(crate) browser: Treatment,
}

/// What becomes of a setting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Treatment {
    Yes,
    Advisory,
    Error,
}

/// The features that the table names and this build is without.
const LEFT_OUT: &[&str] = match (cfg!(feature = "tls"), cfg!(feature = "proxy")) {
    (true, true) => &[],
    (true, false) => &["proxy"],
    (false, true) => &["tls"],
    (false, false) => &["proxy", "tls"],
};

/// The rows whose settings this build has.
pub(crate) fn rows() -> Vec<Row> {
    all_rows().into_iter().filter(|row| cfg!(feature = "http2") || !NEEDS_HTTP2.contains(&row.name)).collect()
}

/// The settings that come with the feature `http2`.
const NEEDS_HTTP2: [&str; 2] = ["http_version", "shared_connections"];

pub(crate) fn all_rows() -> Vec<Row> {
    let lines = TABLE.lines().filter(|line| line.starts_with("| `"));
    let rows: Vec<_> = lines.map(Row::parse).collect();
    assert!(rows.len() > 10, "the table was found");
    rows
}

impl Row {
    fn parse(line: &'static str) -> Self {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, default, native, handshake, server, browser] = cells[..] else { panic!("not six cells: {line}") };
        let treatment = |cell: &str| match cell.split(':').next() {
            Some("yes") if LEFT_OUT.iter().any(|feature| cell.contains(&format!("feature `{feature}`"))) => {
                Treatment::Error
            }
            Some("yes") => Treatment::Yes,
            Some("advisory") => Treatment::Advisory,
            Some("error") => Treatment::Error,
            _ => panic!("{cell:?} in {line}"),
        };
        Self {
            name: name.trim_matches('`'),
            default,
            native: treatment(native),
            handshake: treatment(handshake),
            server: treatment(server),
            browser: treatment(browser),
        }
    }

    /// Settings with this one in use, and a path of a server that goes along with it.
    pub(crate) fn in_use(&self) -> (Control, &'static str) {
        let control = Control::new();
        let second = Duration::from_secs(20);
        let control = match self.name {
            "supported_protocol" => return (control.supported_protocol("chat"), "/protocol?answer=chat"),
            "supported_protocols" => return (control.supported_protocols(["a", "chat"]), "/protocol?answer=chat"),
            "request_header" => control.request_header("X-Name", "value"),
            "server_credential" => control.server_credential("user", "password"),
            "preemptive_credential" => control.preemptive_credential(true),
            "basic_credential_over_ws" => control.basic_credential_over_ws(true),
            "max_redirects" => control.max_redirects(1),
            "dialer" => control.dialer(dial),
            "resolve" => control.resolve("example.com", []),
            "local_address" => control.local_address(std::net::Ipv4Addr::LOCALHOST),
            "min_tls_version" => control.min_tls_version(TlsVersion::Tls13),
            "key_log" => control.key_log(true),
            "root_certificate" => control.root_certificate(&b"of nobody"[..]),
            "revocation_list" => control.revocation_list("of nobody"),
            "client_certificate" => control.client_certificate("of nobody", "to nothing"),
            "ignorable_server_certificate_errors" => {
                control.ignorable_server_certificate_errors([ChainValidationResult::Expired])
            }
            "server_custom_validation" => control.server_custom_validation(|_| async { ServerValidation::Reject }),
            // None of them leads to the server.
            "proxy" => control.proxy(Proxy::Variables([].into())),
            "proxy_credential" => control.proxy_credential("user", "password"),
            #[cfg(feature = "http2")]
            "http_version" => control.http_version(websocket_anywhere::HttpVersion::Auto),
            #[cfg(feature = "http2")]
            "shared_connections" => control
                .http_version(websocket_anywhere::HttpVersion::Auto)
                .shared_connections(&websocket_anywhere::SharedConnections::new()),
            "deadline" => control.deadline(second),
            "tcp_keep_alive" => control.tcp_keep_alive(second),
            "tcp_user_timeout" => control.tcp_user_timeout(second),
            "max_message_size" => control.max_message_size(Some(1)),
            "outbound_buffer_size" => control.outbound_buffer_size(1),
            "inbound_buffer_size" => control.inbound_buffer_size(1),
            "message_type" => control.message_type(SocketMessageType::Utf8),
            "backpressure" => control.backpressure(true),
            "receive_mode" => control.receive_mode(ReceiveMode::Partial),
            "no_delay" => control.no_delay(false),
            "compression" => control.compression(Compression::new()),
            "connect_timeout" => control.connect_timeout(second),
            "send_timeout" => control.send_timeout(second),
            "receive_timeout" => control.receive_timeout(second),
            "heartbeat" => control.heartbeat("ping", second, second),
            "close_timeout" => control.close_timeout(second),
            "desired_unsolicited_pong_interval" => control.desired_unsolicited_pong_interval(second),
            unknown => panic!("no test uses {unknown}"),
        };
        (control, "/echo")
    }

    /// Whether the outcome of connecting with this setting is what the table says.
    #[track_caller]
    pub(crate) fn check<T>(&self, treatment: Treatment, outcome: Result<T, Error>) {
        let name = self.name;
        match (treatment, outcome) {
            (Treatment::Yes | Treatment::Advisory, Ok(_)) => {}
            (Treatment::Yes | Treatment::Advisory, Err(error)) => panic!("{name} is {treatment:?}, but: {error:?}"),
            (Treatment::Error, Ok(_)) => panic!("{name} was ignored"),
            (Treatment::Error, Err(error)) => {
                let expected = (ErrorKind::NotSupported, HResult::E_NOTIMPL, WebErrorStatus::Unknown);
                assert_eq!((error.kind(), error.hresult(), error.status()), expected, "{name}: {error:?}");
                assert!(error.to_string().ends_with(&format!("option {name}")), "{error}");
            }
        }
    }
}

#[test]
async fn every_setting_is_treated_as_the_table_says() {
    for row in rows() {
        let (control, path) = row.in_use();
        let treatment = if BROWSER { row.browser } else { row.native };
        row.check(treatment, soon(MessageWebSocket::connect_with(&peer(path), control.clone())).await);
        let stream = soon(StreamWebSocket::connect_with(&peer(path), control)).await;
        if ["heartbeat", "message_type"].contains(&row.name) {
            assert_eq!(stream.unwrap_err().kind(), ErrorKind::InvalidArgument, "a stream has no text");
        } else {
            row.check(treatment, stream);
        }
    }
}
