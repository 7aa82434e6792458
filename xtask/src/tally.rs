//! Counts of tests, read off what the test harnesses print.

use std::iter::Sum;

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Tally {
    pub(crate) const PASS: Self = Self { passed: 1, failed: 0 };
    pub(crate) const FAIL: Self = Self { passed: 0, failed: 1 };

    /// The counts in a closing line of libtest or wasm-bindgen-test; `None` for any other line.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let (_, counts) = line.split_once("test result: ")?;
        Some(Self { passed: number_before(counts, " passed;")?, failed: number_before(counts, " failed;")? })
    }

    /// The final count of a step that printed `lines` and ended with or without success.
    ///
    /// A step that fails counts as a failure even if each of its tests passed (a build error, a crash at exit), and a
    /// step without counts is itself the one test.
    pub(crate) fn settle(lines: &[Self], success: bool) -> Self {
        let sum: Self = lines.iter().copied().sum();
        match (success, sum.failed) {
            (true, _) if lines.is_empty() => Self::PASS,
            (false, 0) => Self { failed: 1, ..sum },
            _ => sum,
        }
    }
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), |sum, next| Self {
            passed: sum.passed + next.passed,
            failed: sum.failed + next.failed,
        })
    }
}

fn number_before(text: &str, unit: &str) -> Option<u64> {
    let (before, _) = text.split_once(unit)?;
    before.rsplit(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(passed: u64, failed: u64) -> Tally {
        Tally { passed, failed }
    }

    #[test]
    fn closing_lines_are_read() {
        let libtest =
            "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(Tally::parse(libtest), Some(tally(12, 3)));
        let browser = "test result: ok. 7 passed; 0 failed; 0 ignored; 0 filtered out; finished in 1.0s";
        assert_eq!(Tally::parse(browser), Some(tally(7, 0)));
        let coloured = "test result: \u{1b}[32mok\u{1b}(B\u{1b}[m. 5 passed; 0 failed; 0 ignored";
        assert_eq!(Tally::parse(coloured), Some(tally(5, 0)));
    }

    #[test]
    fn other_lines_are_not_counts() {
        for line in ["running 5 tests", "test a ... ok", "test result: ", "5 passed; 0 failed;"] {
            assert_eq!(Tally::parse(line), None, "{line}");
        }
    }

    #[test]
    fn a_step_without_counts_is_one_test() {
        assert_eq!(Tally::settle(&[], true), Tally::PASS);
        assert_eq!(Tally::settle(&[], false), Tally::FAIL);
    }

    #[test]
    fn a_failed_step_always_counts_a_failure() {
        assert_eq!(Tally::settle(&[tally(3, 0), tally(4, 0)], true), tally(7, 0));
        assert_eq!(Tally::settle(&[tally(3, 0)], false), tally(3, 1));
        assert_eq!(Tally::settle(&[tally(3, 2)], false), tally(3, 2));
    }
}
