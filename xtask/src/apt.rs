//! Debian packages, where this program may install them.

use std::process::Command;

use anyhow::{Result, bail};

use crate::process;

/// Installs the packages, or says that somebody has to.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    if !usable() {
        bail!("please install {} and run this again", packages.join(", "));
    }
    process::run(apt_get().arg("update"))?;
    process::run(apt_get().args(["install", "--yes", "--no-install-recommends"]).args(packages))
}

fn usable() -> bool {
    is_root() && which::which("apt-get").is_ok()
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

#[cfg(target_os = "linux")]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(target_os = "linux"))]
fn is_root() -> bool {
    false
}
