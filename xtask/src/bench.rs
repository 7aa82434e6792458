//! The benchmarks: the native one is a program of its own, that of the browser is driven from here.

mod aims;
mod arguments;
mod browser;
mod renderer;
mod results;
mod server;
mod workloads;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;

use crate::process;

/// Compares this crate with its peers: natively, or in a browser if `--browser` is among the arguments.
pub(crate) fn run(arguments: &[OsString]) -> Result<ExitCode> {
    let is_browser = |argument: &OsString| argument == "--browser";
    if arguments.iter().any(is_browser) {
        return browser::run(arguments.iter().filter(|argument| !is_browser(argument)).cloned());
    }
    // Built first, so that no compiler disturbs what is measured and a failed build is told from a missed target.
    process::run(&mut process::cargo("build --release --package bench-native"))?;
    let mut command = process::cargo("run --release --quiet --package bench-native -- compare");
    let succeeded = process::stream(command.args(arguments), |_| {})?;
    Ok(if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
