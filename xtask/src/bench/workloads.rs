//! The workloads of the browser benchmark: the rows of its tables.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::arguments::{Arguments, Client};

/// One row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    kind: Kind,
    size: usize,
    is_text: bool,
    /// Whether the page is its own server.
    is_mock: bool,
    /// How many messages make a batch; batches are repeated until enough time has passed.
    batch: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Receive,
    Send,
    Ping,
    Echo,
}

impl Workload {
    /// What the page is told; `server` is the address of the load server.
    pub(crate) fn job(&self, client: Client, server: SocketAddr, arguments: &Arguments) -> Value {
        let Self { kind, size, is_text, is_mock, batch, .. } = *self;
        let (kind, path) = match kind {
            Kind::Receive if is_text => ("receive", format!("/source?size={size}&text=ascii")),
            Kind::Receive => ("receive", format!("/source?size={size}")),
            Kind::Send => ("send", "/sink".to_owned()),
            Kind::Ping => ("ping", "/echo".to_owned()),
            Kind::Echo => ("echo", "/echo".to_owned()),
        };
        json!({
            "client": client.name(), "url": format!("ws://{server}{path}"), "kind": kind, "size": size,
            "text": is_text, "mock": is_mock, "batch": batch, "warmUp": arguments.warm_up,
        })
    }
}

/// The workload of that name.
pub(crate) fn by_name(name: &str) -> Result<&'static Workload, String> {
    WORKLOADS.iter().find(|workload| workload.name == name).ok_or_else(|| {
        let names: Vec<_> = WORKLOADS.iter().map(|workload| workload.name).collect();
        format!("there are {}", names.join(", "))
    })
}

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Every workload, in the order of the tables.
pub(crate) static WORKLOADS: &[Workload] = &[
    mock("mock-receive-64", "no network: receive 64 B", Kind::Receive, 64, false, 8192),
    mock("mock-receive-text-64", "no network: receive 64 B of text", Kind::Receive, 64, true, 8192),
    mock("mock-receive-text-1k", "no network: receive 1 KiB of text", Kind::Receive, KIB, true, 8192),
    mock("mock-receive-text-64k", "no network: receive 64 KiB of text", Kind::Receive, 64 * KIB, true, 256),
    mock("mock-receive-64k", "no network: receive 64 KiB", Kind::Receive, 64 * KIB, false, 2048),
    mock("mock-send-64", "no network: send 64 B", Kind::Send, 64, false, 65_536),
    mock("mock-send-64k", "no network: send 64 KiB", Kind::Send, 64 * KIB, false, 16_384),
    mock("mock-ping", "no network: ping-pong, 32 B of text", Kind::Ping, 32, true, 8192),
    net("ping", "ping-pong, 32 B of text", Kind::Ping, 32, true, 512),
    net("echo", "pipelined echo, 32 B of text, 256 in flight", Kind::Echo, 32, true, 8192),
    net("receive-64", "receive 64 B", Kind::Receive, 64, false, 16_384),
    net("receive-64k", "receive 64 KiB", Kind::Receive, 64 * KIB, false, 512),
    net("receive-1m", "receive 1 MiB", Kind::Receive, MIB, false, 32),
    net("send-64k", "send 64 KiB", Kind::Send, 64 * KIB, false, 256),
];

const fn mock(name: &'static str, title: &'static str, kind: Kind, size: usize, is_text: bool, batch: u32) -> Workload {
    Workload { name, title, kind, size, is_text, is_mock: true, batch }
}

const fn net(name: &'static str, title: &'static str, kind: Kind, size: usize, is_text: bool, batch: u32) -> Workload {
    Workload { name, title, kind, size, is_text, is_mock: false, batch }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique() {
        let names: HashSet<_> = WORKLOADS.iter().map(|workload| workload.name).collect();
        assert_eq!(names.len(), WORKLOADS.len());
        assert!(by_name("ping").is_ok());
        assert!(by_name("pong").is_err());
    }
}
