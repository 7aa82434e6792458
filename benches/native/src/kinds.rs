//! What distinguishes workloads.

use crate::workloads::SMALL;

/// The version of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Http {
    /// HTTP/1.1, whose connection becomes the WebSocket.
    One,
    /// HTTP/2 by TCP, of whose connection a stream becomes the WebSocket (RFC 8441).
    Two,
}

/// Whether messages are compressed (RFC 7692): by level 6, with the widest window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deflate {
    Off,
    /// Each with what came before it in view.
    Takeover,
    /// Each by itself.
    Fresh,
}

impl Deflate {
    /// The parameter for the server.
    pub(crate) const fn parameter(self) -> &'static str {
        match self {
            Self::Off => "",
            Self::Takeover => "&deflate=takeover",
            Self::Fresh => "&deflate=fresh",
        }
    }
}

/// What is below the WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Security {
    /// TCP.
    None,
    /// TLS, whose sessions are resumed.
    Tls,
    /// TLS, whose every handshake is a full one.
    FullTls,
}

/// What a client does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Sends messages of this size one by one.
    Send { size: usize },
    /// Receives messages.
    Receive { size: usize, text: Option<&'static str>, fragments: u64 },
    /// Has up to a window of messages on the way to an echo and back, each sent by itself.
    EchoSend,
    /// The same with one flush for each window.
    EchoFeed,
    /// Sends one message to an echo and waits for it.
    PingPong { threads: bool },
    /// Writes a stream of bytes.
    StreamSend,
    /// Reads a stream of bytes that comes in frames of this size.
    StreamReceive { frame: usize },
    /// Opens connections.
    Connect,
    /// Opens a batch of sockets at once.
    Open,
    /// Has connections that nothing happens on.
    Idle,
    /// Is the server.
    Host(Task),
}

/// What a server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Sends back each message by itself, while up to `window` are on the way.
    Echo { size: usize, window: u32 },
    /// Sends them back with one flush for each window.
    EchoFeed { size: usize },
    /// Receives messages of a client.
    Receive { size: usize },
    /// Sends messages to a client, one by one.
    Send { size: usize },
    /// Sends a message to so many clients, or a few in a row; then all of them have to arrive.
    Broadcast { size: usize, clients: u64, row: u64 },
    /// Takes connections.
    Accept,
    /// Has connections that nothing happens on, and then a message on each.
    Idle,
}

impl Task {
    /// How long a message is that is received.
    pub(crate) const fn received(self) -> usize {
        match self {
            Self::Echo { size, .. } | Self::EchoFeed { size } | Self::Receive { size } => size,
            Self::Idle => SMALL,
            Self::Send { .. } | Self::Broadcast { .. } | Self::Accept => 1,
        }
    }

    /// How long a message is that is sent.
    pub(crate) const fn sent(self) -> usize {
        match self {
            Self::Echo { size, .. } | Self::EchoFeed { size } | Self::Send { size } | Self::Broadcast { size, .. } => {
                size
            }
            Self::Idle => SMALL,
            Self::Receive { .. } | Self::Accept => 0,
        }
    }
}

/// What is measured besides time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Memory {
    /// Nothing.
    None,
    /// Calls of the allocator for each message.
    Allocations,
    /// Bytes on the heap for each connection.
    Live,
    /// Bytes of resident memory for each connection.
    ResidentEach,
    /// How much resident memory grew at its highest, in bytes.
    Resident,
}
