//! The steps of a run: a heading for each, and a summary with one closing line.

use std::io::{self, Write as _};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::process;
use crate::tally::Tally;

/// What has been run so far, and how it ended.
#[derive(Debug)]
pub(crate) struct Report {
    started: Instant,
    steps: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    title: String,
    tally: Tally,
    took: Duration,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), steps: Vec::new() }
    }

    /// Runs a command; the tests that it counts are counted, otherwise the step is one. Returns whether it succeeded.
    pub(crate) fn command(&mut self, title: &str, command: &mut Command) -> bool {
        self.step(title, || counted(command).map(|(lines, success)| Tally::settle(&lines, success)))
    }

    /// Runs a command that must count at least one test: a suite that runs nothing has failed.
    pub(crate) fn tests(&mut self, title: &str, command: &mut Command) {
        self.step(title, || {
            let (lines, success) = counted(command)?;
            let ran = lines.iter().any(|line| *line != Tally::default());
            Ok(Tally::settle(&lines, success && ran))
        });
    }

    /// Runs a check of our own, which counts as one.
    pub(crate) fn check(&mut self, title: &str, check: impl FnOnce() -> Result<()>) {
        self.step(title, || check().map(|()| Tally::PASS));
    }

    /// Prepares what steps need. Counts only if it fails; the steps that need it are then not run.
    pub(crate) fn prepare<T>(&mut self, title: &str, prepare: impl FnOnce() -> Result<T>) -> Option<T> {
        let started = heading(title);
        match prepare() {
            Ok(prepared) => Some(prepared),
            Err(error) => {
                self.fail(title, started, &error);
                None
            }
        }
    }

    /// Prints the summary and gives the exit status.
    pub(crate) fn finish(self) -> ExitCode {
        println!("\n==> Summary");
        for Step { title, tally, took } in &self.steps {
            let verdict = if tally.failed == 0 { "ok    " } else { "FAILED" };
            println!(
                "{verdict} {:>4} passed {:>3} failed {:>7.1} s  {title}",
                tally.passed,
                tally.failed,
                took.as_secs_f64()
            );
        }
        let total: Tally = self.steps.iter().map(|step| step.tally).sum();
        println!("in {:.0} s\n", self.started.elapsed().as_secs_f64());
        println!("{} passed, {} failed", total.passed, total.failed);
        if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn step(&mut self, title: &str, run: impl FnOnce() -> Result<Tally>) -> bool {
        let started = heading(title);
        match run() {
            Ok(tally) => {
                self.steps.push(Step { title: title.to_owned(), tally, took: started.elapsed() });
                tally.failed == 0
            }
            Err(error) => {
                self.fail(title, started, &error);
                false
            }
        }
    }

    fn fail(&mut self, title: &str, started: Instant, error: &anyhow::Error) {
        println!("FAILED: {error:#}");
        self.steps.push(Step { title: title.to_owned(), tally: Tally::FAIL, took: started.elapsed() });
    }
}

fn heading(title: &str) -> Instant {
    println!("\n==> {title}");
    // What the step prints on standard error must not come before its heading.
    let _ = io::stdout().flush();
    Instant::now()
}

/// Runs a command; returns the counts that it printed and whether it succeeded.
fn counted(command: &mut Command) -> Result<(Vec<Tally>, bool)> {
    println!("    $ {}", process::shown(command));
    let mut lines = Vec::new();
    let success = process::stream(command, |line| lines.extend(Tally::parse(line)))?;
    Ok((lines, success))
}
