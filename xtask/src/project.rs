//! Facts about the project: where its files are, what its lock file and its configuration say.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context as _, Result};

pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the repository")
}

/// Where cargo builds: it has built this program there.
pub(crate) fn target() -> Result<PathBuf> {
    let program = env::current_exe()?;
    let folder = program.ancestors().nth(2).context("this program is not in a target directory")?;
    Ok(folder.to_owned())
}

/// The browsers' flags, shared by the browser tests and the test of the page.
pub(crate) fn webdriver_json() -> PathBuf {
    root().join("tests/web/webdriver.json")
}

/// Where tools are kept between runs.
pub(crate) fn cache() -> Result<PathBuf> {
    let base = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| env::home_dir().map(|home| home.join(".cache")))
        .context("neither XDG_CACHE_HOME nor HOME is set: nowhere to keep tools")?;
    Ok(base.join("websocket-anywhere"))
}

/// The version of `package` that Cargo.lock chose.
pub(crate) fn locked_version(package: &str) -> Result<String> {
    let path = root().join("Cargo.lock");
    let lock = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let version = version_in(&lock, package).with_context(|| format!("Cargo.lock has no package {package}"))?;
    Ok(version.to_owned())
}

/// The port of `PEER_URL`, which .cargo/config.toml sets and the browser tests are compiled with.
pub(crate) fn peer_port() -> Result<u16> {
    let url = env::var("PEER_URL").context("PEER_URL is not set: start the xtask by cargo, inside the repository")?;
    port_of(&url).with_context(|| format!("PEER_URL must look like ws://127.0.0.1:9123, not {url}"))
}

fn version_in<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
}

fn port_of(url: &str) -> Option<u16> {
    url.strip_prefix("ws://127.0.0.1:")?.trim_end_matches('/').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_by_the_whole_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-test\"\nversion = \"0.3.80\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"registry\"\n";
        assert_eq!(version_in(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(version_in(lock, "wasm"), None);
    }

    #[test]
    fn the_port_is_read_off_the_url() {
        assert_eq!(port_of("ws://127.0.0.1:9123"), Some(9123));
        assert_eq!(port_of("ws://127.0.0.1:9123/"), Some(9123));
        assert_eq!(port_of("wss://127.0.0.1:9123"), None);
        assert_eq!(port_of("ws://127.0.0.1"), None);
    }
}
