//! The load server of the native benchmark, in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};

use crate::{process, project};

/// The process. It ends when its standard input does, that is with this process at the latest.
#[derive(Debug)]
pub(super) struct Server {
    process: Child,
    pub(super) address: String,
}

impl Server {
    /// Builds and starts it; it takes a free port.
    pub(super) fn start() -> Result<Self> {
        process::run(&mut process::cargo("build --release --package bench-native"))?;
        let mut command = Command::new(project::target()?.join("release/bench-native"));
        command.arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = process::spawn_as_it_is(&mut command)?;
        let mut address = String::new();
        BufReader::new(process.stdout.take().context("it is piped")?).read_line(&mut address)?;
        // The first of its ports is the one without TLS.
        let address = address.split_whitespace().next().context("the server does not say where it listens")?;
        Ok(Self { process, address: address.to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // It fails only for a server that has ended by itself.
        let _ = self.process.wait();
    }
}
