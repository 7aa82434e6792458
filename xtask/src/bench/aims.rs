//! What this crate has to reach in a browser.

use std::fmt::{self, Display};

use super::arguments::Client;
use super::results::{Medians, Outcome};

/// One promise about one workload.
#[derive(Debug)]
pub(super) struct Aim {
    workload: &'static str,
    rule: Rule,
    gap: Option<Gap>,
}

/// What is known about an aim that is missed.
#[derive(Debug)]
struct Gap {
    /// What is reached nevertheless.
    bound: f64,
    why: &'static str,
}

#[derive(Debug)]
enum Rule {
    /// At most so much of the CPU time of raw web-sys.
    WebSys(f64),
    /// At least so much of the rate of plain JavaScript.
    Javascript(f64),
    /// Less CPU time than any other crate.
    Rivals,
}

/// Every aim. Those for what is received are times on one machine, in relation to those of web-sys there: 0.15 us of 1.40 for 64
/// bytes, 0.8 of 3.23 for 1 KiB of text, 45 of 148 for 64 KiB of text.
pub(super) static AIMS: &[Aim] = &[
    gap(aim("mock-receive-64", Rule::WebSys(0.11)), 0.4, CROSSINGS),
    gap(aim("mock-receive-text-1k", Rule::WebSys(0.25)), 0.6, ENCODING),
    gap(aim("mock-receive-text-64k", Rule::WebSys(0.3)), 0.5, ENCODING),
    aim("mock-receive-64k", Rule::WebSys(1.05)),
    gap(aim("mock-send-64", Rule::WebSys(1.0)), 1.2, LIMITS),
    aim("mock-send-64k", Rule::WebSys(1.1)),
    gap(aim("mock-ping", Rule::WebSys(0.8)), 1.05, EXECUTOR),
    aim("echo", Rule::Javascript(1.0)),
    aim("echo", Rule::Rivals),
];

const CROSSINGS: &str =
    "each message takes seven calls from WebAssembly into JavaScript, which only JavaScript of our own would save";
const ENCODING: &str = "`TextEncoder` takes a nanosecond for each byte, and more than a microsecond to be called";
const LIMITS: &str = "a send counts what it sends";
const EXECUTOR: &str = "what is left is the listener and the executor, which web-sys has as well";

const fn aim(workload: &'static str, rule: Rule) -> Aim {
    Aim { workload, rule, gap: None }
}

/// An aim that is known to be missed.
const fn gap(aim: Aim, bound: f64, why: &'static str) -> Aim {
    Aim { gap: Some(Gap { bound, why }), ..aim }
}

/// Prints which aims were missed; false if there are any but those that are known to be.
pub(super) fn check(aims: &[Aim], outcomes: &[Outcome]) -> bool {
    let verdicts: Vec<_> = aims.iter().filter_map(|aim| Some((aim, aim.number(outcomes)?))).collect();
    let (met, missed): (Vec<_>, Vec<_>) = verdicts.into_iter().partition(|(aim, number)| aim.accepts(*number));
    let (known, unknown): (Vec<_>, Vec<_>) = missed.into_iter().partition(|(aim, number)| aim.is_known(*number));
    for (aim, number) in &unknown {
        println!("missed: {aim}: it is {number:.3}");
    }
    for (aim, number) in &known {
        let why = aim.gap.as_ref().map_or("", |gap| gap.why);
        println!("known gap: {aim}: it is {number:.3}: {why}");
    }
    let left_out = aims.len() - met.len() - unknown.len() - known.len();
    println!("{} aims met, {} missed, {} known gaps, {left_out} left out", met.len(), unknown.len(), known.len());
    unknown.is_empty()
}

impl Aim {
    /// What the rule is about: `None` if the workload was not run, not a number if a client of it failed.
    fn number(&self, outcomes: &[Outcome]) -> Option<f64> {
        let outcome = outcomes.iter().find(|outcome| outcome.workload.name == self.workload)?;
        Some(self.compare(outcome).unwrap_or(f64::NAN))
    }

    fn compare(&self, outcome: &Outcome) -> Option<f64> {
        let ours = outcome.of(Client::WebsocketAnywhere)?;
        match self.rule {
            Rule::WebSys(_) => Some(ours.microseconds / outcome.of(Client::WebSys)?.microseconds),
            Rule::Javascript(_) => Some(ours.rate / outcome.of(Client::Javascript)?.rate),
            Rule::Rivals => {
                let best = outcome.rivals().map(|Medians { microseconds, .. }| microseconds).min_by(f64::total_cmp)?;
                Some(ours.microseconds / best)
            }
        }
    }

    fn accepts(&self, number: f64) -> bool {
        match self.rule {
            Rule::WebSys(most) => number <= most,
            Rule::Javascript(least) => number >= least,
            Rule::Rivals => number < 1.0,
        }
    }

    /// Whether it is missed by no more than is known.
    fn is_known(&self, number: f64) -> bool {
        self.gap.as_ref().is_some_and(|gap| match self.rule {
            Rule::WebSys(_) | Rule::Rivals => number <= gap.bound,
            Rule::Javascript(_) => number >= gap.bound,
        })
    }
}

impl Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { workload, rule, .. } = self;
        match rule {
            Rule::WebSys(most) => write!(f, "{workload}: at most {most} of the time of raw web-sys"),
            Rule::Javascript(least) => write!(f, "{workload}: at least {least} of the rate of plain JavaScript"),
            Rule::Rivals => write!(f, "{workload}: less time than any other crate"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::results::tests::outcome;
    use crate::bench::workloads::by_name;

    #[test]
    fn every_aim_has_its_workload() {
        for aim in AIMS {
            assert!(by_name(aim.workload).is_ok(), "{aim}");
        }
    }

    #[test]
    fn what_is_slower_misses_its_aim() {
        let workload = by_name("mock-receive-64k").expect("it is one");
        let at = |ours| outcome(workload, &[(Client::WebSys, 100), (Client::WebsocketAnywhere, ours)]);
        assert!(check(AIMS, &[at(105)]));
        assert!(!check(AIMS, &[at(106)]));
    }

    #[test]
    fn a_known_gap_may_not_grow() {
        let workload = by_name("mock-ping").expect("it is one");
        let at = |ours| outcome(workload, &[(Client::WebSys, 100), (Client::WebsocketAnywhere, ours)]);
        let aims = [gap(aim("mock-ping", Rule::WebSys(0.8)), 1.05, "a reason")];
        assert!(check(&aims, &[at(80)]) && check(&aims, &[at(105)]));
        assert!(!check(&aims, &[at(106)]));
    }

    #[test]
    fn who_did_not_run_has_missed() {
        let workload = by_name("echo").expect("it is one");
        assert!(!check(AIMS, &[outcome(workload, &[(Client::Javascript, 1)])]));
        assert!(check(AIMS, &[]), "what was left out is not missed");
    }
}
