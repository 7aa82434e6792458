//! The gateways, servers in front of a server, through which some of the tests talk.

use std::process::Command;

use anyhow::Result;

use crate::report::Report;
use crate::{apt, process, test::LIBRARY};

/// Whether the tests can run here: the configurations have paths as Unix writes them.
const RUN_HERE: bool = cfg!(unix);

/// Name and Debian package of each. Its tests are in the module of its name.
const ALL: [(&str, &str); 2] = [("haproxy", "haproxy"), ("nginx", "nginx-light")];

/// The tests that need them, which a plain `cargo test` ignores.
pub(crate) fn check(report: &mut Report) {
    if RUN_HERE {
        for (name, package) in ALL {
            if report.prepare(&format!("set-up: {name}"), || ensure(name, package)).is_some() {
                report.tests(&format!("tests, {name}"), &mut tests(name));
            }
        }
    }
}

/// Installs it if it is missing.
fn ensure(name: &str, package: &str) -> Result<()> {
    // Debian keeps it where only root looks.
    let is_there = which::which(name).is_ok() || which::which_in(name, Some("/usr/sbin"), "/").is_ok();
    if is_there { Ok(()) } else { apt::install(&[package]) }
}

fn tests(name: &str) -> Command {
    let mut tests = process::cargo(&format!("test {LIBRARY} --test it -- --ignored native::{name}::"));
    process::append_path(&mut tests, "/usr/sbin".as_ref());
    tests
}
