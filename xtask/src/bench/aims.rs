//! What this crate has to reach in a browser.

use std::fmt::{self, Display};

use super::arguments::Client;
use super::results::{Medians, Outcome};

/// One promise about one workload.
#[derive(Debug)]
pub(super) struct Aim {
    workload: &'static str,
    rule: Rule,
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

/// Every aim.
pub(super) static AIMS: &[Aim] = &[
    aim("mock-receive-64", Rule::WebSys(0.6)),
    aim("mock-receive-text-1k", Rule::WebSys(0.6)),
    aim("mock-receive-text-64k", Rule::WebSys(0.5)),
    aim("mock-receive-64k", Rule::WebSys(1.05)),
    aim("mock-send-64", Rule::WebSys(1.1)),
    aim("mock-send-64k", Rule::WebSys(1.1)),
    aim("mock-ping", Rule::WebSys(1.05)),
    aim("echo", Rule::Javascript(1.0)),
    aim("echo", Rule::Rivals),
];

const fn aim(workload: &'static str, rule: Rule) -> Aim {
    Aim { workload, rule }
}

/// Prints which aims were missed; false if there are any.
pub(super) fn check(aims: &[Aim], outcomes: &[Outcome]) -> bool {
    let verdicts: Vec<_> = aims.iter().filter_map(|aim| Some((aim, aim.number(outcomes)?))).collect();
    let missed: Vec<_> = verdicts.iter().filter(|(aim, number)| !aim.accepts(*number)).collect();
    for (aim, number) in &missed {
        println!("missed: {aim}: it is {number:.3}");
    }
    let met = verdicts.len() - missed.len();
    println!("{met} aims met, {} missed, {} left out", missed.len(), aims.len() - verdicts.len());
    missed.is_empty()
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
}

impl Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { workload, rule } = self;
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
        let workload = by_name("mock-ping").expect("it is one");
        let at = |ours| outcome(workload, &[(Client::WebSys, 100), (Client::WebsocketAnywhere, ours)]);
        assert!(check(AIMS, &[at(105)]));
        assert!(!check(AIMS, &[at(106)]));
    }

    #[test]
    fn who_did_not_run_has_missed() {
        let workload = by_name("echo").expect("it is one");
        assert!(!check(AIMS, &[outcome(workload, &[(Client::Javascript, 1)])]));
        assert!(check(AIMS, &[]), "what was left out is not missed");
    }
}
