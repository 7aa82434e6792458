//! The table of the settings against the source: no setting is missing, and the docs of each say what the table says.

use std::{collections::BTreeMap, fs, path::Path};

use tokio::io::duplex;
use websocket_anywhere::{Control, MessageWebSocket, ServerControl, ServerMessageWebSocket};

use super::memory_pipe::{URL, accept};
use crate::settings::{Treatment, all_rows, rows};

#[test]
fn the_table_has_every_setting_once() {
    let listed: Vec<_> = all_rows().iter().map(|row| row.name.to_owned()).collect();
    let mut sorted = listed.clone();
    sorted.sort();
    assert_eq!(sorted, docs().into_keys().collect::<Vec<_>>());
}

#[test]
fn the_docs_of_each_setting_agree_with_the_table() {
    let docs = docs();
    for row in all_rows() {
        let doc = &docs[row.name];
        let default = format!("Default: {}", row.default);
        assert!(doc.contains(&default), "{}: {default:?} is not in its docs", row.name);
        let notes = doc.split("# Platform notes").nth(1).unwrap_or_default();
        for (treatment, word) in [(Treatment::Advisory, "Advisory"), (Treatment::Error, "NotSupported")] {
            let is_said = notes.contains(word);
            assert_eq!(row.browser == treatment, is_said, "{}: {word} in its platform notes", row.name);
        }
    }
}

#[test]
fn the_defaults_are_those_of_the_type() {
    let defaults = format!("{:?}", Control::default());
    for row in rows() {
        let field = match row.name {
            "supported_protocol" => "supported_protocols",
            "request_header" => "request_headers",
            "resolve" => "resolutions",
            "root_certificate" => "roots",
            "revocation_list" => "revocation_lists",
            "client_certificate" => "client",
            "ignorable_server_certificate_errors" => "ignorable",
            "server_custom_validation" => "validation",
            "proxy_credential" => "credential",
            name => name,
        };
        let value = match row.default {
            "none" if ["local_address", "shared_connections"].contains(&field) => "None".to_owned(),
            "none" if field.ends_with('s') || field == "ignorable" => "[]".to_owned(),
            "none" | "off" => "None".to_owned(),
            "64 MiB" => format!("Some({})", 64 << 20),
            "1 MiB" => format!("{}", 1 << 20),
            other => other.replace(' ', ""),
        };
        assert!(defaults.contains(&format!(" {field}: {value}")), "{field}: {value} is not in {defaults}");
    }
}

#[tokio::test]
async fn every_setting_is_treated_over_a_pipe_as_the_table_says() {
    for row in rows() {
        let (control, path) = row.in_use();
        let (client, mut server) = duplex(10_000);
        let answer = if path == "/echo" { "" } else { "Sec-WebSocket-Protocol: chat\r\n" };
        let outcome = match row.handshake {
            Treatment::Error => MessageWebSocket::handshake(client, URL, control).await,
            Treatment::Yes | Treatment::Advisory => {
                tokio::join!(MessageWebSocket::handshake(client, URL, control), accept(&mut server, answer)).0
            }
        };
        row.check(row.handshake, outcome);
    }
}

#[tokio::test]
async fn every_setting_is_treated_by_a_server_as_the_table_says() {
    for row in rows() {
        let (control, _) = row.in_use();
        let (client, server) = duplex(10_000);
        let connecting = MessageWebSocket::handshake(client, URL, Control::new().supported_protocol("chat"));
        let control = ServerControl::new().settings(control);
        let (_, outcome) = tokio::join!(connecting, ServerMessageWebSocket::accept(server, control));
        row.check(row.server, outcome);
    }
}

/// The docs of every setter of `Control`, by its name.
fn docs() -> BTreeMap<String, String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![src.join("control.rs")];
    files.extend(fs::read_dir(src.join("control")).unwrap().map(|entry| entry.unwrap().path()));
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    let mut docs = BTreeMap::new();
    for file in files {
        let mut doc = String::new();
        for line in fs::read_to_string(file).unwrap().lines().map(str::trim) {
            if let Some(text) = line.strip_prefix("///") {
                doc.push_str(text);
            } else if let Some(signature) = line.strip_prefix("pub ").filter(|line| is_setter(line)) {
                let signature = signature.trim_start_matches("const ").trim_start_matches("fn ");
                let name = signature.split(['(', '<']).next().unwrap();
                docs.insert(name.to_owned(), std::mem::take(&mut doc));
            } else if !line.starts_with("#[") {
                doc.clear();
            }
        }
    }
    docs
}

/// Whether these are the first words of a setter, which may go on in the next line.
fn is_setter(line: &str) -> bool {
    line.contains("(mut self") || line.ends_with('(')
}
