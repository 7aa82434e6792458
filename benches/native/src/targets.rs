//! What this crate has to reach.

use std::{
    fmt::{self, Display},
    slice,
};

use crate::{
    clients::Peer,
    results::{Measure, Outcome},
};

/// One promise about one workload.
#[derive(Debug)]
pub(crate) struct Target {
    workload: &'static str,
    rule: Rule,
    words: &'static str,
    gap: Option<Gap>,
}

/// What is known about a target that is missed.
#[derive(Debug)]
struct Gap {
    /// What is reached nevertheless.
    floor: f64,
    why: &'static str,
}

#[derive(Debug)]
enum Rule {
    /// At least so many times as good as the best of the other libraries.
    Peer(Measure, f64),
    /// As good as the best of the other libraries in what raw TCP does by the same system calls: whoever is better than that
    /// was lucky.
    Lone(Measure),
    /// At least so many times as good as raw TCP, in CPU time.
    Raw(f64),
    /// At most so much of what the workload says about memory.
    Memory(f64),
    /// The same, beyond what raw TCP takes.
    MemoryBeyondRaw(f64),
}

/// Whether a target was met.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    Met,
    /// What was wanted and what there is.
    Missed(String),
    /// The same, where no better is expected.
    Known(String),
    /// The workload was not run.
    LeftOut,
}

impl Verdict {
    pub(crate) fn missed(&self) -> Option<&str> {
        if let Self::Missed(what) = self { Some(what) } else { None }
    }

    pub(crate) fn known(&self) -> Option<&str> {
        if let Self::Known(what) = self { Some(what) } else { None }
    }
}

impl Target {
    pub(crate) fn verdict(&self, outcomes: &[Outcome]) -> Verdict {
        let Some(outcome) = outcomes.iter().find(|outcome| outcome.workload.name == self.workload) else {
            return Verdict::LeftOut;
        };
        match self.number(outcome) {
            Some(number) if self.accepts(number) => Verdict::Met,
            Some(number) => match &self.gap {
                Some(Gap { floor, why }) if number >= *floor => {
                    Verdict::Known(format!("{self}: it is {number:.3}, above {floor}: {why}"))
                }
                _ => Verdict::Missed(format!("{self}: it is {number:.3}")),
            },
            None => Verdict::Missed(format!("{self}: this crate, or what it is compared with, has not run")),
        }
    }

    fn number(&self, outcome: &Outcome) -> Option<f64> {
        let ours = outcome.row(Peer::WebsocketAnywhere)?;
        match self.rule {
            Rule::Peer(measure, _) => Some(ours.ratio(outcome.best_rival(measure)?, measure)),
            Rule::Lone(measure) => {
                let (rival, raw) = (outcome.best_rival(measure)?, outcome.row(Peer::Raw)?);
                Some(ours.ratio(if rival.ratio(raw, measure) > 1.0 { raw } else { rival }, measure))
            }
            Rule::Raw(_) => Some(ours.ratio(outcome.row(Peer::Raw)?, Measure::Cpu)),
            Rule::Memory(_) => ours.memory,
            Rule::MemoryBeyondRaw(_) => Some(ours.memory? - outcome.row(Peer::Raw)?.memory?),
        }
    }

    fn accepts(&self, number: f64) -> bool {
        match self.rule {
            Rule::Peer(_, least) | Rule::Raw(least) => number >= least,
            Rule::Lone(_) => number >= PAR,
            Rule::Memory(most) | Rule::MemoryBeyondRaw(most) => number <= most,
        }
    }
}

impl Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { workload, words, .. } = self;
        write!(f, "{workload}: {words}: ")?;
        match self.rule {
            Rule::Peer(measure, least) => write!(f, "{measure}, at least {least} of the best peer"),
            Rule::Lone(measure) => write!(f, "{measure}, at least {PAR} of the best peer or of raw TCP"),
            Rule::Raw(least) => write!(f, "CPU time, at least {least} of raw TCP"),
            Rule::Memory(most) => write!(f, "at most {most}"),
            Rule::MemoryBeyondRaw(most) => write!(f, "at most {most} beyond raw TCP"),
        }
    }
}

const fn target(workload: &'static str, rule: Rule, words: &'static str) -> Target {
    Target { workload, rule, words, gap: None }
}

/// A target that is known to be missed.
const fn gap(target: Target, floor: f64, why: &'static str) -> Target {
    Target { gap: Some(Gap { floor, why }), ..target }
}

const CPU: Measure = Measure::Cpu;
const RATE: Measure = Measure::Rate;

/// As good as the best peer. Medians of one client differ by as much from run to run, and the best of seven is flattered.
const PAR: f64 = 0.95;

const EACH: &str = "small messages sent one by one, 20 times the throughput of every peer";
const LONE: &str = "a lone message leaves as early";
const LARGE: &str = "64 KiB and larger, no peer faster";
const NEAR_RAW: &str = "64 KiB and larger, near raw TCP";
const KERNEL: &str = "five sixths of this crate's time are the kernel's, which no library saves";
const WAKING: &str = "two thirds of this crate's time are the kernel's, and the more the busier the machine is";
const CACHE: &str = "raw TCP reads into the same 128 KiB again and again, a message of 16 MiB fits no cache";
const MORE: &str = "here a connect reads its URL as browsers do, looks for proxies and starts a driver";
const SECURE: &str = "by TLS, no peer faster";
const HTTP2: &str = "by HTTP/2, no peer faster";
const COMPRESSED: &str = "compressed, no peer faster";
const LOOKING: &str = "a message after a pause also wakes the driver, which gives back the buffers that it took";
const SERVER: &str = "as a server, no peer faster";
const SERVER_EACH: &str = "small messages of a server sent one by one, several times the throughput of every peer";
const STREAM: &str = "a stream at least as fast as the fastest peer";

/// Every target.
pub(crate) static TARGETS: &[Target] = &[
    target("send-64", Rule::Peer(CPU, 20.0), EACH),
    target("echo-send", Rule::Peer(CPU, 20.0), EACH),
    target("ping-pong", Rule::Lone(CPU), LONE),
    target("ping-pong", Rule::Lone(RATE), LONE),
    target("ping-pong-mt", Rule::Lone(CPU), LONE),
    target("ping-pong-mt", Rule::Lone(RATE), LONE),
    gap(target("echo-feed", Rule::Peer(CPU, 1.4), "batched small messages"), 1.15, WAKING),
    target("receive-64", Rule::Peer(CPU, 2.5), "small receives"),
    gap(target("receive-1k", Rule::Peer(CPU, 1.3), "1 KiB receives"), 1.05, KERNEL),
    target("receive-64k", Rule::Peer(CPU, PAR), LARGE),
    target("receive-1m", Rule::Peer(CPU, PAR), LARGE),
    target("receive-16m", Rule::Peer(CPU, PAR), LARGE),
    target("receive-ascii", Rule::Peer(CPU, PAR), LARGE),
    target("receive-text", Rule::Peer(CPU, PAR), LARGE),
    target("receive-parts", Rule::Peer(CPU, PAR), LARGE),
    target("send-64k", Rule::Peer(CPU, PAR), LARGE),
    target("send-1m", Rule::Peer(CPU, PAR), LARGE),
    target("send-16m", Rule::Peer(CPU, PAR), LARGE),
    target("receive-64k", Rule::Raw(0.9), NEAR_RAW),
    target("receive-1m", Rule::Raw(0.9), NEAR_RAW),
    gap(target("receive-16m", Rule::Raw(0.9), NEAR_RAW), 0.7, CACHE),
    target("stream-receive", Rule::Peer(CPU, PAR), STREAM),
    target("stream-receive", Rule::Peer(RATE, PAR), STREAM),
    target("stream-send", Rule::Peer(CPU, PAR), STREAM),
    target("stream-send", Rule::Peer(RATE, PAR), STREAM),
    target("one-frame", Rule::Memory(16.0 * 1024.0 * 1024.0), "one 1 GiB frame in less than 16 MiB"),
    gap(target("connect", Rule::Lone(RATE), "connects per second no worse than any peer"), 0.85, MORE),
    target("idle", Rule::MemoryBeyondRaw(2048.0), "an idle connection costs no buffers"),
    target("heap-receive", Rule::Memory(1.0), "at most one allocation for each small message received"),
    target("heap-send", Rule::Memory(0.01), "no allocation for each small message sent"),
    target("h2-open-100", Rule::Peer(CPU, PAR), HTTP2),
    target("h2-receive-64k", Rule::Peer(CPU, PAR), HTTP2),
    target("h2-send-64k", Rule::Peer(CPU, PAR), HTTP2),
    target("tls-connect", Rule::Peer(CPU, 0.9), SECURE),
    target("tls-connect-full", Rule::Peer(CPU, 0.9), SECURE),
    target("tls-ping-pong", Rule::Lone(CPU), SECURE),
    target("tls-send-64", Rule::Peer(CPU, 15.0), EACH),
    target("tls-send-64k", Rule::Peer(CPU, PAR), SECURE),
    target("tls-send-1m", Rule::Peer(CPU, PAR), SECURE),
    target("tls-receive-64", Rule::Peer(CPU, 1.3), SECURE),
    target("tls-receive-64k", Rule::Peer(CPU, PAR), SECURE),
    target("tls-receive-1m", Rule::Peer(CPU, PAR), SECURE),
    target("deflate-send-64", Rule::Peer(CPU, 1.3), COMPRESSED),
    target("deflate-send-1k", Rule::Peer(CPU, 1.1), COMPRESSED),
    target("deflate-send-64k", Rule::Peer(CPU, PAR), COMPRESSED),
    target("deflate-send-1m", Rule::Peer(CPU, PAR), COMPRESSED),
    target("deflate-send-fresh", Rule::Peer(CPU, 1.1), COMPRESSED),
    target("deflate-receive-64", Rule::Peer(CPU, 1.05), COMPRESSED),
    target("deflate-receive-1k", Rule::Peer(CPU, PAR), COMPRESSED),
    target("deflate-receive-64k", Rule::Peer(CPU, PAR), COMPRESSED),
    target("deflate-receive-1m", Rule::Peer(CPU, PAR), COMPRESSED),
    target("deflate-receive-fresh", Rule::Peer(CPU, PAR), COMPRESSED),
    target("host-echo-64", Rule::Peer(CPU, 5.0), SERVER_EACH),
    target("host-echo-1k", Rule::Peer(CPU, 2.0), SERVER_EACH),
    target("host-echo-64k", Rule::Peer(CPU, PAR), SERVER),
    target("host-echo-feed", Rule::Peer(CPU, PAR), SERVER),
    target("host-receive-64", Rule::Peer(CPU, PAR), SERVER),
    target("host-receive-64k", Rule::Peer(CPU, PAR), SERVER),
    target("host-send-64", Rule::Peer(CPU, 10.0), SERVER_EACH),
    target("host-send-64k", Rule::Peer(CPU, PAR), SERVER),
    target("host-accept", Rule::Peer(CPU, PAR), SERVER),
    target("host-broadcast-64", Rule::Lone(CPU), SERVER),
    target("host-broadcast-row", Rule::Peer(CPU, 2.0), SERVER_EACH),
    target("host-broadcast-64k", Rule::Peer(CPU, PAR), SERVER),
    target("host-broadcast-json", Rule::Peer(CPU, 3.0), "what many are told is compressed once"),
    gap(target("host-idle", Rule::Peer(CPU, PAR), SERVER), 0.7, LOOKING),
    target("host-idle", Rule::MemoryBeyondRaw(4096.0), "an idle connection costs no buffers"),
    target("tls-idle", Rule::MemoryBeyondRaw(2048.0), "an idle connection costs no buffers"),
];

/// Whether this workload misses one of its targets.
pub(crate) fn are_missed(outcome: &Outcome) -> bool {
    TARGETS.iter().any(|target| target.verdict(slice::from_ref(outcome)).missed().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        results::Runs,
        workloads::{WORKLOADS, by_name},
    };

    #[test]
    fn every_target_has_its_workload() {
        for target in TARGETS {
            assert!(by_name(target.workload).is_ok(), "{target}");
        }
    }

    #[test]
    fn what_failed_is_missed() {
        assert_eq!(TARGETS[0].verdict(&[]), Verdict::LeftOut);
        let mut runs = Runs::new(Peer::WebsocketAnywhere);
        runs.push(Err(anyhow::anyhow!("refused")));
        let verdict = TARGETS[0].verdict(&[Outcome::new(&WORKLOADS[0], &[runs])]);
        assert!(verdict.missed().is_some_and(|what| what.contains("has not run")), "{verdict:?}");
    }

    #[test]
    fn a_workload_is_missed_if_one_of_its_targets_is() {
        let yawc = (Peer::Yawc, 2100);
        assert!(!are_missed(&outcome(&[(Peer::WebsocketAnywhere, 100), yawc])));
        assert!(are_missed(&outcome(&[(Peer::WebsocketAnywhere, 110), yawc])));
    }

    #[test]
    fn a_known_gap_is_no_miss_until_it_is_wider() {
        let target = gap(target("send-64", Rule::Peer(CPU, 1.3), "text"), 1.1, "because");
        let verdict = |ours| target.verdict(&[outcome(&[(Peer::WebsocketAnywhere, ours), (Peer::Yawc, 120)])]);
        assert_eq!(verdict(92), Verdict::Met);
        assert!(verdict(100).known().is_some_and(|what| what.contains("1.200") && what.contains("because")));
        assert!(verdict(110).missed().is_some_and(|what| what.contains("1.091")));
    }

    #[test]
    fn no_peer_counts_for_better_than_raw_where_that_does_the_same() {
        let target = target("send-64", Rule::Lone(CPU), "text");
        let verdict = |ours| {
            let rows = [(Peer::WebsocketAnywhere, ours), (Peer::Yawc, 90), (Peer::Soketto, 200), (Peer::Raw, 100)];
            target.verdict(&[outcome(&rows)])
        };
        assert_eq!(verdict(104), Verdict::Met);
        assert!(verdict(107).missed().is_some(), "raw TCP is that much better");
    }

    fn outcome(cpu_ns: &[(Peer, u64)]) -> Outcome {
        let runs: Vec<_> = cpu_ns.iter().map(|&(client, cpu)| Runs::of(client, &[cpu])).collect();
        Outcome::new(&WORKLOADS[0], &runs)
    }
}
