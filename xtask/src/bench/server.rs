//! The load server of the native benchmark, in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};

use crate::{process, project};

/// The process. It ends when its standard input does, that is with this process at the latest.
#[derive(Debug)]
pub(super) struct Server {
    process: Child,
    pub(super) address: SocketAddr,
}

impl Server {
    /// Builds and starts it; it takes a free port.
    pub(super) fn start() -> Result<Self> {
        process::run(&mut process::cargo("build --release --package bench-native"))?;
        let mut command = Command::new(project::target()?.join("release/bench-native"));
        command.arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = process::spawn_as_it_is(&mut command)?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("it is piped")?).read_line(&mut line)?;
        Ok(Self { process, address: plain(&line)? })
    }
}

/// Where it listens for WebSockets without TLS: the first of the places that it names.
fn plain(line: &str) -> Result<SocketAddr> {
    let first = line.split_whitespace().next().unwrap_or_default();
    first.parse().with_context(|| format!("the server does not say where it listens, but {line:?}"))
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // It fails only for a server that has ended by itself.
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_place_is_the_plain_one() {
        let line = "127.0.0.1:1 127.0.0.1:2 127.0.0.1:3 127.0.0.1:4 00ff\n";
        assert_eq!(plain(line).expect("it is one").port(), 1);
        assert!(plain("").is_err() && plain("error: 1").is_err());
    }
}
