//! The table at the end: a row for each target.

use std::fmt::Write as _;
use std::time::Duration;

use crate::tally::Tally;

/// What became of a target.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Whether it was built or checked; `None` if that was not reached.
    pub(super) built: Option<bool>,
    /// Whether the compiler refused it, as it should.
    pub(super) refused: bool,
    /// The tests, if any were run.
    pub(super) tally: Option<Tally>,
    /// How many tests cannot hold here.
    pub(super) left_out: usize,
}

impl Outcome {
    /// Something went wrong: what was not built by then has failed to build, and the rest has failed in running.
    pub(super) fn fail(&mut self) {
        if self.built == Some(true) {
            let tally = self.tally.unwrap_or_default();
            self.tally = Some(if tally.failed == 0 { Tally { failed: 1, ..tally } } else { tally });
        } else {
            self.built = Some(false);
        }
    }

    pub(super) fn holds(&self) -> bool {
        self.built.unwrap_or(self.refused) && self.tally.is_none_or(|tally| tally.failed == 0)
    }
}

/// A row.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) outcome: Outcome,
    pub(super) took: Duration,
}

pub(super) fn shown(rows: &[Row]) -> String {
    let mut text =
        String::from("| target | built | run | passed | failed | left out | s |\n|---|---|---|---|---|---|---|\n");
    for Row { name, outcome, took } in rows {
        let built = match (outcome.built, outcome.refused) {
            (Some(true), _) => "yes",
            (None, true) => "refused, as it should be",
            _ => "FAILED",
        };
        let (run, passed, failed) = match outcome.tally {
            Some(Tally { passed, failed }) => ("yes", passed.to_string(), failed.to_string()),
            None => ("no", String::new(), String::new()),
        };
        let left_out = if outcome.tally.is_some() { outcome.left_out.to_string() } else { String::new() };
        let _ = writeln!(text, "| {name} | {built} | {run} | {passed} | {failed} | {left_out} | {} |", took.as_secs());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_told_from_what_holds() {
        let built = Outcome { built: Some(true), ..Outcome::default() };
        let refused = Outcome { refused: true, ..Outcome::default() };
        assert!(built.holds() && refused.holds());
        assert!(!Outcome::default().holds());
        let with =
            |failed| Outcome { built: Some(true), tally: Some(Tally { passed: 3, failed }), ..Outcome::default() };
        assert!(with(0).holds() && !with(1).holds());
    }

    #[test]
    fn an_error_fails_what_had_not_been_reached() {
        let mut unbuilt = Outcome::default();
        unbuilt.fail();
        assert_eq!(unbuilt.built, Some(false));
        let mut built = Outcome { built: Some(true), ..Outcome::default() };
        built.fail();
        assert_eq!(built.tally, Some(Tally::FAIL));
        assert!(!unbuilt.holds() && !built.holds());
    }

    #[test]
    fn a_row_has_seven_cells() {
        let row = |outcome| Row { name: "here", outcome, took: Duration::from_secs(7) };
        let tally = Some(Tally { passed: 3, failed: 1 });
        let tested = Outcome { built: Some(true), tally, left_out: 2, ..Outcome::default() };
        assert!(shown(&[row(tested)]).ends_with("\n| here | yes | yes | 3 | 1 | 2 | 7 |\n"));
        let refused = Outcome { refused: true, ..Outcome::default() };
        assert!(shown(&[row(refused)]).ends_with("\n| here | refused, as it should be | no |  |  |  | 7 |\n"));
    }
}
