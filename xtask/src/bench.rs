//! The native benchmark: `bench-native`, built for speed.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;

use crate::process;

/// Compares this crate with its peers; `bench-native` knows the arguments.
pub(crate) fn run(arguments: &[OsString]) -> Result<ExitCode> {
    // Built first, so that no compiler disturbs what is measured and a failed build is told from a missed target.
    process::run(&mut process::cargo("build --release --package bench-native"))?;
    let mut command = process::cargo("run --release --quiet --package bench-native -- compare");
    let succeeded = process::stream(command.args(arguments), |_| {})?;
    Ok(if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
