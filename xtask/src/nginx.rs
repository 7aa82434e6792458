//! nginx, through which one of the tests talks.

use std::process::Command;

use anyhow::Result;

use crate::{apt, process, test::LIBRARY};

/// Whether the test can run here: its configuration has paths as Unix writes them.
pub(crate) const RUNS_HERE: bool = cfg!(unix);

/// Installs nginx if it is missing.
pub(crate) fn ensure() -> Result<()> {
    // Debian keeps it where only root looks.
    let is_there = which::which("nginx").is_ok() || which::which_in("nginx", Some("/usr/sbin"), "/").is_ok();
    if is_there { Ok(()) } else { apt::install(&["nginx-light"]) }
}

/// The tests that need it, which a plain `cargo test` ignores.
pub(crate) fn tests() -> Command {
    let mut tests = process::cargo(&format!("test {LIBRARY} --test it -- --ignored native::nginx::"));
    process::append_path(&mut tests, "/usr/sbin".as_ref());
    tests
}
