//! The workloads: the rows of the comparison.

use std::fmt::{self, Display};

pub(crate) use crate::kinds::{Deflate, Http, Kind, Memory, Security, Task};

/// One row of the comparison.
#[derive(Debug)]
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) kind: Kind,
    /// How many messages make a batch; batches are repeated until enough time has passed.
    pub(crate) batch: u64,
    /// What is measured besides time.
    pub(crate) memory: Memory,
    /// What is below the WebSocket.
    pub(crate) security: Security,
    /// Whether messages are compressed.
    pub(crate) deflate: Deflate,
    /// What opens the WebSocket, and stays below it.
    pub(crate) http: Http,
}

impl Workload {
    /// Path and query of the server's mode.
    pub(crate) fn path(&self) -> String {
        let path: String = match self.kind {
            Kind::Send { .. } | Kind::StreamSend => "/sink?".into(),
            Kind::Receive { size, text, fragments } => {
                let text = text.map_or_else(String::new, |text| format!("&text={text}"));
                format!("/source?size={size}&fragments={fragments}{text}")
            }
            Kind::StreamReceive { frame } => format!("/source?size={frame}"),
            Kind::EchoSend | Kind::EchoFeed | Kind::PingPong { .. } | Kind::Idle => "/echo?".into(),
            Kind::Connect | Kind::Open | Kind::Host(_) => "/?".into(),
        };
        path + self.deflate.parameter()
    }

    /// Whether it is about bytes rather than messages.
    pub(crate) fn is_stream(&self) -> bool {
        matches!(self.kind, Kind::StreamSend | Kind::StreamReceive { .. })
    }
}

impl Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The workload of that name.
pub(crate) fn by_name(name: &str) -> Result<&'static Workload, String> {
    WORKLOADS.iter().find(|workload| workload.name == name).ok_or_else(|| {
        let names: Vec<_> = WORKLOADS.iter().map(|workload| workload.name).collect();
        format!("there are {}", names.join(", "))
    })
}

const fn send(name: &'static str, title: &'static str, size: usize, batch: u64) -> Workload {
    plain(name, title, Kind::Send { size }, batch)
}

const fn receive(name: &'static str, title: &'static str, size: usize, batch: u64) -> Workload {
    plain(name, title, Kind::Receive { size, text: None, fragments: 1 }, batch)
}

const fn plain(name: &'static str, title: &'static str, kind: Kind, batch: u64) -> Workload {
    Workload {
        name,
        title,
        kind,
        batch,
        memory: Memory::None,
        security: Security::None,
        deflate: Deflate::Off,
        http: Http::One,
    }
}

/// The same workload with compressed messages of JSON.
const fn deflated(workload: Workload, deflate: Deflate) -> Workload {
    let kind = match workload.kind {
        Kind::Receive { size, fragments, .. } => Kind::Receive { size, text: Some("json"), fragments },
        other => other,
    };
    Workload { kind, deflate, ..workload }
}

/// The same workload by TLS.
const fn secure(workload: Workload, security: Security) -> Workload {
    Workload { security, ..workload }
}

/// The same workload by HTTP/2.
const fn http2(workload: Workload) -> Workload {
    Workload { http: Http::Two, ..workload }
}

/// A library as the server.
const fn host(name: &'static str, title: &'static str, task: Task, batch: u64) -> Workload {
    plain(name, title, Kind::Host(task), batch)
}

/// A library that tells many clients the same.
const fn broadcast(name: &'static str, title: &'static str, size: usize, row: u64) -> Workload {
    host(name, title, Task::Broadcast { size, clients: CLIENTS, row }, row * CLIENTS)
}

/// A server of idle connections.
const fn idle_host(name: &'static str, title: &'static str, memory: Memory) -> Workload {
    Workload { memory, ..host(name, title, Task::Idle, 10_000) }
}

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;
const GIB: usize = 1024 * MIB;
/// The length of a message on the way to an echo.
pub(crate) const SMALL: usize = 32;
/// How many messages are on the way at once.
pub(crate) const WINDOW: u64 = 256;
/// To how many clients a server tells the same.
const CLIENTS: u64 = 1000;
/// What peers cut a stream into, and how much this crate is given at a time.
pub(crate) const CHUNK: usize = 64 * KIB;

/// Every workload, in the order of the tables.
pub(crate) static WORKLOADS: &[Workload] = &[
    send("send-64", "send of each 64 B message, no explicit flush", 64, 32_768),
    send("send-1k", "send of each 1 KiB message, no explicit flush", KIB, 16_384),
    plain("echo-send", "pipelined 32 B echo, send of each", Kind::EchoSend, 64 * WINDOW),
    plain("echo-feed", "pipelined 32 B echo, feed and one flush per 256", Kind::EchoFeed, 512 * WINDOW),
    receive("receive-64", "receive 64 B", 64, 1 << 20),
    receive("receive-1k", "receive 1 KiB", KIB, 1 << 18),
    receive("receive-64k", "receive 64 KiB", 64 * KIB, 4096),
    receive("receive-1m", "receive 1 MiB", MIB, 256),
    receive("receive-16m", "receive 16 MiB", 16 * MIB, 16),
    plain(
        "receive-ascii",
        "receive 1 MiB of ASCII text",
        Kind::Receive { size: MIB, text: Some("ascii"), fragments: 1 },
        256,
    ),
    plain(
        "receive-text",
        "receive 1 MiB of text in many scripts",
        Kind::Receive { size: MIB, text: Some("mixed"), fragments: 1 },
        128,
    ),
    plain(
        "receive-parts",
        "receive 1 MiB in 16 fragments",
        Kind::Receive { size: MIB, text: None, fragments: 16 },
        256,
    ),
    send("send-64k", "send of each 64 KiB message", 64 * KIB, 4096),
    send("send-1m", "send of each 1 MiB message", MIB, 256),
    send("send-16m", "send of each 16 MiB message", 16 * MIB, 16),
    plain(
        "stream-receive",
        "1 GiB as a stream, in; per 64 KiB",
        Kind::StreamReceive { frame: CHUNK },
        (GIB / CHUNK) as u64,
    ),
    plain("stream-send", "1 GiB as a stream, out; per 64 KiB", Kind::StreamSend, (GIB / CHUNK) as u64),
    Workload {
        name: "one-frame",
        title: "one frame of 1 GiB as a stream; memory is the growth of what is resident, in bytes",
        kind: Kind::StreamReceive { frame: GIB },
        batch: 1,
        memory: Memory::Resident,
        security: Security::None,
        deflate: Deflate::Off,
        http: Http::One,
    },
    plain("ping-pong", "ping-pong 32 B, current_thread", Kind::PingPong { threads: false }, 2048),
    plain("ping-pong-mt", "ping-pong 32 B, multi_thread", Kind::PingPong { threads: true }, 2048),
    plain("connect", "connect", Kind::Connect, 256),
    Workload {
        name: "idle",
        title: "idle connections, each with a task that waits for a message; memory is heap bytes per connection",
        kind: Kind::Idle,
        batch: 10_000,
        memory: Memory::Live,
        security: Security::None,
        deflate: Deflate::Off,
        http: Http::One,
    },
    Workload {
        name: "heap-receive",
        title: "receive 64 B, counted; memory is allocations per message",
        kind: Kind::Receive { size: 64, text: None, fragments: 1 },
        batch: 1 << 18,
        memory: Memory::Allocations,
        security: Security::None,
        deflate: Deflate::Off,
        http: Http::One,
    },
    Workload {
        name: "heap-send",
        title: "send of each 64 B message, counted; memory is allocations per message",
        kind: Kind::Send { size: 64 },
        batch: 32_768,
        memory: Memory::Allocations,
        security: Security::None,
        deflate: Deflate::Off,
        http: Http::One,
    },
    plain("h1-open-100", "open 100 sockets to one origin at once; per socket", Kind::Open, 100),
    http2(plain("h2-open-100", "HTTP/2: open 100 sockets to one origin at once; per socket", Kind::Open, 100)),
    http2(receive("h2-receive-64k", "HTTP/2: receive 64 KiB", 64 * KIB, 1024)),
    http2(send("h2-send-64k", "HTTP/2: send of each 64 KiB message", 64 * KIB, 1024)),
    secure(plain("tls-connect", "wss: connect, session resumed", Kind::Connect, 64), Security::Tls),
    secure(plain("tls-connect-full", "wss: connect, full handshake", Kind::Connect, 64), Security::FullTls),
    secure(
        plain("tls-ping-pong", "wss: ping-pong 32 B, current_thread", Kind::PingPong { threads: false }, 1024),
        Security::Tls,
    ),
    secure(send("tls-send-64", "wss: send of each 64 B message, no explicit flush", 64, 16_384), Security::Tls),
    secure(send("tls-send-64k", "wss: send of each 64 KiB message", 64 * KIB, 1024), Security::Tls),
    secure(send("tls-send-1m", "wss: send of each 1 MiB message", MIB, 64), Security::Tls),
    secure(receive("tls-receive-64", "wss: receive 64 B", 64, 1 << 18), Security::Tls),
    secure(receive("tls-receive-64k", "wss: receive 64 KiB", 64 * KIB, 1024), Security::Tls),
    secure(receive("tls-receive-1m", "wss: receive 1 MiB", MIB, 64), Security::Tls),
    Workload {
        name: "tls-idle",
        title: "wss: idle connections, each with a task that waits for a message; memory is heap bytes per connection",
        kind: Kind::Idle,
        batch: 1000,
        memory: Memory::Live,
        security: Security::Tls,
        deflate: Deflate::Off,
        http: Http::One,
    },
    deflated(send("deflate-send-64", "compressed: send of each 64 B of JSON", 64, 8192), Deflate::Takeover),
    deflated(send("deflate-send-1k", "compressed: send of each 1 KiB of JSON", KIB, 2048), Deflate::Takeover),
    deflated(send("deflate-send-64k", "compressed: send of each 64 KiB of JSON", 64 * KIB, 32), Deflate::Takeover),
    deflated(send("deflate-send-1m", "compressed: send of each 1 MiB of JSON", MIB, 4), Deflate::Takeover),
    deflated(
        send("deflate-send-fresh", "compressed, no takeover: send of each 1 KiB of JSON", KIB, 2048),
        Deflate::Fresh,
    ),
    deflated(receive("deflate-receive-64", "compressed: receive 64 B of JSON", 64, 1 << 16), Deflate::Takeover),
    deflated(receive("deflate-receive-1k", "compressed: receive 1 KiB of JSON", KIB, 1 << 14), Deflate::Takeover),
    deflated(receive("deflate-receive-64k", "compressed: receive 64 KiB of JSON", 64 * KIB, 256), Deflate::Takeover),
    deflated(receive("deflate-receive-1m", "compressed: receive 1 MiB of JSON", MIB, 16), Deflate::Takeover),
    deflated(
        receive("deflate-receive-fresh", "compressed, no takeover: receive 1 KiB of JSON", KIB, 1 << 14),
        Deflate::Fresh,
    ),
    Workload {
        name: "deflate-idle",
        title: "compressed: idle connections after one message each way; memory is heap bytes per connection",
        kind: Kind::Idle,
        batch: 1000,
        memory: Memory::Live,
        security: Security::None,
        deflate: Deflate::Takeover,
        http: Http::One,
    },
    host("host-echo-64", "server: pipelined 64 B echo, send of each", Task::Echo { size: 64, window: 256 }, 16_384),
    host("host-echo-1k", "server: pipelined 1 KiB echo, send of each", Task::Echo { size: KIB, window: 256 }, 16_384),
    host("host-echo-64k", "server: pipelined 64 KiB echo", Task::Echo { size: 64 * KIB, window: 16 }, 2048),
    host(
        "host-echo-feed",
        "server: pipelined 64 B echo, feed and one flush per 256",
        Task::EchoFeed { size: 64 },
        1 << 17,
    ),
    host("host-receive-64", "server: receive 64 B", Task::Receive { size: 64 }, 1 << 19),
    host("host-receive-64k", "server: receive 64 KiB", Task::Receive { size: 64 * KIB }, 4096),
    host("host-send-64", "server: send of each 64 B message, no explicit flush", Task::Send { size: 64 }, 32_768),
    host("host-send-64k", "server: send of each 64 KiB message", Task::Send { size: 64 * KIB }, 4096),
    host("host-accept", "server: accept", Task::Accept, 256),
    broadcast("host-broadcast-64", "server: 64 B to 1,000 clients, per client", 64, 1),
    broadcast(
        "host-broadcast-row",
        "server: 8 messages of 64 B in a row to 1,000 clients, per message and client",
        64,
        8,
    ),
    broadcast("host-broadcast-64k", "server: 64 KiB to 1,000 clients, per client", 64 * KIB, 1),
    deflated(
        broadcast(
            "host-broadcast-json",
            "compressed, no takeover, server: 1 KiB of JSON to 1,000 clients, per client",
            KIB,
            1,
        ),
        Deflate::Fresh,
    ),
    idle_host(
        "host-idle",
        "server: a message on each of 10,000 idle connections; memory is heap bytes per connection",
        Memory::Live,
    ),
    idle_host(
        "host-idle-resident",
        "server: a message on each of 10,000 idle connections; memory is resident bytes per connection",
        Memory::ResidentEach,
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique() {
        let names: HashSet<_> = WORKLOADS.iter().map(|workload| workload.name).collect();
        assert_eq!(names.len(), WORKLOADS.len());
        assert!(by_name("send-64").is_ok());
        assert!(by_name("send").is_err());
    }
}
