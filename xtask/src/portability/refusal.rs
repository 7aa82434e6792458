//! Targets that are not supported: the compiler says so in one sentence, before all else.

use std::process::Stdio;

use anyhow::{Result, ensure};

use super::table::Outcome;
use super::tools;
use crate::process;

/// Checks the library for the target, which has to fail with the sentence first.
pub(super) fn check(target: &str, builds_std: bool, outcome: &mut Outcome) -> Result<()> {
    let arguments = format!("check --quiet --lib --target {target}");
    let mut check = if builds_std {
        process::cargo(&format!("+nightly {arguments} -Zbuild-std=std,panic_abort"))
    } else {
        tools::add_target("stable", target)?;
        process::cargo(&arguments)
    };
    println!("    $ {}", process::shown(&check));
    let output = process::spawn(check.stdout(Stdio::null()).stderr(Stdio::piped()))?.wait_with_output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    let first = first_error(&errors);
    ensure!(first.is_some_and(|line| line.contains(SENTENCE)), "the first error is {first:?}");
    outcome.refused = true;
    Ok(())
}

fn first_error(output: &str) -> Option<&str> {
    output.lines().find(|line| line.starts_with("error"))
}

const SENTENCE: &str = "websocket-anywhere does not support this target";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_is_the_one_of_the_library() {
        assert!(include_str!("../../../src/backend.rs").contains(SENTENCE));
    }

    #[test]
    fn the_first_error_counts() {
        let output = "warning: unused\nerror[E0463]: can't find crate for `std`\nerror: something else\n";
        assert_eq!(first_error(output), Some("error[E0463]: can't find crate for `std`"));
        assert_eq!(first_error("warning: unused\n"), None);
    }
}
