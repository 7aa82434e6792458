//! The servers: small scripts in tests/interop, each in a process that ends with its test.

use std::process::Stdio;

use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStderr, ChildStdout, Command},
};

use crate::support::soon;

/// An implementation of the protocol that is not ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Library {
    /// `websockets`, in Python.
    Websockets,
    /// `ws`, on Node.
    Ws,
    /// Node's `http2`, with the WebSockets of `ws`.
    #[cfg(feature = "http2")]
    NodeHttp2,
}

/// Whether and how the server compresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deflate {
    /// Not at all.
    Plain,
    /// With context takeover and the largest windows.
    Takeover,
    /// Each message alone, with windows of 1 KiB.
    Alone,
}

/// A running server; its process ends when this is dropped, or else with its standard input.
pub(super) struct Server {
    _process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    port: u16,
}

impl Library {
    /// Those that do all that the tests ask for.
    pub(super) const ALL: [Self; 2] = [Self::Websockets, Self::Ws];

    fn command(self) -> Command {
        let (program, script, path, variable) = match self {
            Self::Websockets => ("python3", "websockets_server.py", "PYTHONPATH", "INTEROP_WEBSOCKETS"),
            Self::Ws => ("node", "ws_server.cjs", "NODE_PATH", "INTEROP_WS"),
            #[cfg(feature = "http2")]
            Self::NodeHttp2 => ("node", "http2_server.cjs", "NODE_PATH", "INTEROP_WS"),
        };
        let Some(folder) = std::env::var_os(variable) else {
            panic!(
                "{variable} does not say where the server is: `cargo xtask test --native` installs it and runs this"
            );
        };
        let mut command = Command::new(program);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/").to_owned() + script).env(path, folder);
        command
    }
}

impl Deflate {
    pub(super) const ALL: [Self; 3] = [Self::Plain, Self::Takeover, Self::Alone];

    const fn argument(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Takeover => "deflate",
            Self::Alone => "alone",
        }
    }
}

impl Server {
    pub(super) async fn start(library: Library, deflate: Deflate) -> Self {
        let mut command = library.command();
        command.arg(deflate.argument()).kill_on_drop(true);
        // Nothing is inherited: Node would make the standard error of the tests a pipe that does not block.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap_or_else(|error| panic!("{library:?} does not start: {error}"));
        tokio::spawn(complain(process.stderr.take().unwrap()));
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut server = Self { _process: process, lines, port: 0 };
        server.port = server.line().await.strip_prefix("port ").unwrap().parse().unwrap();
        server
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("ws://127.0.0.1:{}{path}", self.port)
    }

    /// What the client's Close said, once a connection has ended.
    pub(super) async fn closed(&mut self) -> String {
        self.line().await.strip_prefix("closed ").unwrap().to_owned()
    }

    pub(super) async fn line(&mut self) -> String {
        soon(self.lines.next_line()).await.unwrap().expect("the server runs: it would have said why not above")
    }
}

/// Shows what goes wrong in a server beside what goes wrong in its test.
async fn complain(errors: ChildStderr) {
    let mut lines = BufReader::new(errors).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        eprintln!("{line}");
    }
}
