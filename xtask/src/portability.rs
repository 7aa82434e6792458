//! `cargo xtask portability`: what "native is everything else" promises, built and, where this machine can, run.
//!
//! [`package`], [`dependencies`], [`features`] and [`bindgen`] look at the package as a whole. [`targets`] is the list of
//! systems, [`left_out`] names the tests that cannot hold under an emulator, [`tools`] installs compilers and emulators. Each row is done even if one before it failed; `--only` takes up what is missing. Linux on x86-64 only.

mod bindgen;
mod dependencies;
mod features;
mod left_out;
mod package;
mod refusal;
mod table;
mod targets;
mod tools;

use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use self::table::{Outcome, Row};
use self::targets::{TARGETS, Target, Way};
use self::tools::Tools;
use crate::process;
use crate::tally::Tally;

/// What is done for one row of the table.
#[derive(Clone, Copy)]
enum Job {
    /// Something about the package as a whole.
    Package {
        name: &'static str,
        check: fn(&mut Outcome) -> Result<()>,
    },
    Target(&'static Target),
}

impl Job {
    const fn name(self) -> &'static str {
        match self {
            Self::Package { name, .. } => name,
            Self::Target(target) => target.name,
        }
    }

    fn run(self, tools: &mut Tools, outcome: &mut Outcome) -> Result<()> {
        match self {
            Self::Package { check, .. } => check(outcome),
            Self::Target(target) => of_target(target, tools, outcome),
        }
    }
}

/// Does what is named, or everything, and prints the table.
pub(crate) fn run(only: &[String]) -> Result<ExitCode> {
    let jobs = jobs();
    for name in only {
        let names = || jobs.iter().map(|job| job.name()).collect::<Vec<_>>().join(", ");
        ensure!(jobs.iter().any(|job| job.name() == name), "there is no {name}, but {}", names());
    }
    let mut tools = Tools::default();
    let mut rows = Vec::new();
    for job in jobs {
        let name = job.name();
        if !only.is_empty() && !only.iter().any(|chosen| chosen == name) {
            continue;
        }
        println!("\n==> {name}");
        let (started, mut outcome) = (Instant::now(), Outcome::default());
        if let Err(error) = job.run(&mut tools, &mut outcome) {
            println!("FAILED: {error:#}");
            outcome.fail();
        }
        rows.push(Row { name, outcome, took: started.elapsed() });
    }
    print!("\n{}", table::shown(&rows));
    let all_hold = rows.iter().all(|row| row.outcome.holds());
    Ok(if all_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn jobs() -> Vec<Job> {
    PACKAGE.into_iter().chain(TARGETS.iter().map(Job::Target)).collect()
}

fn of_target(target: &Target, tools: &mut Tools, outcome: &mut Outcome) -> Result<()> {
    match target.way {
        Way::Check { compiler } => {
            tools::add_target("stable", target.name)?;
            let mut check = process::cargo(&format!("check --lib --target {}", target.name));
            tools.give_compiler(&mut check, target.name, compiler)?;
            process::run(&mut check)?;
            outcome.built = Some(true);
            Ok(())
        }
        Way::Refused { builds_std } => refusal::check(target.name, builds_std, outcome),
        Way::Test(system) => {
            tools::add_target("stable", target.name)?;
            let arguments = format!("{TESTS} --target {}", target.name);
            process::run(tools.tests(system, target.name)?.args(arguments.split(' ')).arg("--no-run"))?;
            outcome.built = Some(true);
            let mut tests = tools.tests(system, target.name)?;
            tests.args(arguments.split(' ')).args(["--no-fail-fast", "--", "--exact"]);
            let left_out = left_out::on(target.name);
            tests.args(left_out.iter().flat_map(|test| ["--skip", test]));
            outcome.left_out = left_out.len();
            count(&mut tests, outcome)
        }
    }
}

/// Runs tests and counts them, with those before.
fn count(tests: &mut Command, outcome: &mut Outcome) -> Result<()> {
    println!("    $ {}", process::shown(tests));
    let mut lines = Vec::new();
    let success = process::stream(tests, |line| lines.extend(Tally::parse(line)))?;
    let (tally, so_far) = (Tally::settle(&lines, success), outcome.tally.unwrap_or_default());
    outcome.tally = Some(Tally { passed: so_far.passed + tally.passed, failed: so_far.failed + tally.failed });
    lines.iter().any(|line| *line != Tally::default()).then_some(()).context("no test was run")
}

const PACKAGE: [Job; 6] = [
    Job::Package { name: "minimum-rust", check: package::minimum_rust },
    Job::Package { name: "minimum-rust-newest", check: package::minimum_rust_with_newest },
    Job::Package { name: "minimal-versions", check: package::minimal_versions },
    Job::Package { name: "dependencies", check: dependencies::allowed },
    Job::Package { name: "features", check: features::combinations },
    Job::Package { name: "wasm-bindgen", check: bindgen::targets },
];

/// The trust store of a foreign system is its own matter: the tests bring their authorities.
const TESTS: &str = "--package websocket-anywhere --no-default-features --features http2,proxy,ring,test-util,webpki-roots --lib --test it";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_jobs_share_a_name() {
        let mut names: Vec<_> = jobs().into_iter().map(Job::name).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn a_name_that_is_not_there_is_refused() {
        let error = run(&["pdp11".to_owned()]).expect_err("there is no such target").to_string();
        assert!(error.contains("pdp11") && error.contains("s390x-unknown-linux-gnu"), "{error}");
    }
}
