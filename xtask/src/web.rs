//! WebDriver: a browser that opens one page.

use std::io::{BufRead as _, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

use anyhow::{Context as _, Result};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;

use crate::browser::Colours;
use crate::process;
use crate::setup::Driven;

/// A running driver, ended when dropped.
#[derive(Debug)]
pub(crate) struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    /// Starts the driver on a port that it chooses itself.
    pub(crate) fn start(path: &Path) -> Result<Self> {
        let mut command = Command::new(path);
        let process = process::spawn(command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()))?;
        let mut driver = Self { process, port: 0 };
        let output = driver.process.stdout.take().expect("standard output is piped");
        let mut lines = BufReader::new(output).lines();
        driver.port = announced_port(&mut lines).with_context(|| format!("{} named no port", path.display()))?;
        // A driver whose output nobody reads would stop at a full pipe.
        thread::spawn(move || lines.for_each(drop));
        Ok(driver)
    }

    /// Opens a headless browser. It must be closed, or it ends with the xtask.
    pub(crate) async fn open(&self, driven: &Driven, colours: Colours) -> Result<Client> {
        ClientBuilder::new(HttpConnector::new())
            .capabilities(driven.browser.capabilities_in(colours)?)
            .connect(&format!("http://127.0.0.1:{}", self.port))
            .await
            .with_context(|| format!("{} does not start", driven.browser.name()))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Both fail only for a driver that has ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn announced_port(lines: &mut Lines<BufReader<ChildStdout>>) -> Option<u16> {
    lines.map_while(Result::ok).find_map(|line| port_in(&line))
}

/// The port in "ChromeDriver was started successfully on port 41211." or "Listening on 127.0.0.1:35733".
fn port_in(line: &str) -> Option<u16> {
    let announced = line.contains("successfully on port") || line.contains("Listening on");
    let number = line.trim_end_matches('.').rsplit([' ', ':']).next()?;
    announced.then(|| number.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers_announce_their_port() {
        assert_eq!(port_in("ChromeDriver was started successfully on port 41211."), Some(41211));
        assert_eq!(port_in("1764\tgeckodriver\tINFO\tListening on 127.0.0.1:35733"), Some(35733));
        assert_eq!(port_in("Starting ChromeDriver 156.0.8078.79 on port 0"), None);
    }
}
