//! Medians and ratios.

use std::{
    fmt::{self, Display},
    time::Duration,
};

use anyhow::Result;

use crate::{clients::Peer, summary::Summary, workloads::Workload};

/// One run of one client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) summary: Summary,
    /// CPU time of the server, for all messages.
    pub(crate) server: Duration,
}

/// All runs of one client with one workload.
#[derive(Debug)]
pub(crate) struct Runs {
    pub(crate) client: Peer,
    pub(crate) failure: Option<String>,
    runs: Vec<Run>,
}

impl Runs {
    pub(crate) const fn new(client: Peer) -> Self {
        Self { client, failure: None, runs: Vec::new() }
    }

    pub(crate) fn push(&mut self, run: Result<Run>) {
        match run {
            Ok(run) => self.runs.push(run),
            Err(error) => self.failure = Some(error.to_string()),
        }
    }

    fn row(&self) -> Option<Row> {
        let of = |value: fn(&Run) -> Option<f64>| median(self.runs.iter().filter_map(value).collect());
        let cpu = of(|run| Some(cpu_ns(run)))?;
        let all = || self.runs.iter().map(cpu_ns);
        let spread = all().fold(f64::MIN, f64::max) - all().fold(f64::MAX, f64::min);
        Some(Row {
            client: self.client,
            cpu_ns: cpu,
            rate: of(|run| Some(run.summary.messages as f64 / run.summary.spent.wall.as_secs_f64()))?,
            memory: of(|run| run.summary.memory),
            faults: of(|run| Some(run.summary.spent.faults as f64 / run.summary.messages as f64))?,
            instructions: of(|run| Some(run.summary.spent.instructions? as f64 / run.summary.messages as f64)),
            server_ns: of(|run| Some(run.server.as_nanos() as f64 / run.summary.all as f64))?,
            spread: spread / cpu,
        })
    }
}

/// The medians of one client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) client: Peer,
    /// CPU time for each message.
    pub(crate) cpu_ns: f64,
    /// Messages per second of wall time.
    pub(crate) rate: f64,
    pub(crate) memory: Option<f64>,
    /// Page faults for each message.
    pub(crate) faults: f64,
    /// Instructions for each message, where the system counts them.
    pub(crate) instructions: Option<f64>,
    /// CPU time of the server for each message.
    pub(crate) server_ns: f64,
    /// How far the CPU times are apart, as a share of their median.
    pub(crate) spread: f64,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    /// CPU time for each message.
    Cpu,
    /// Messages per second of wall time.
    Rate,
}

impl Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cpu => "CPU time",
            Self::Rate => "messages per second",
        })
    }
}

impl Row {
    /// How many times as good as another: above 1 is better.
    pub(crate) fn ratio(&self, other: &Self, measure: Measure) -> f64 {
        match measure {
            Measure::Cpu => other.cpu_ns / self.cpu_ns,
            Measure::Rate => self.rate / other.rate,
        }
    }
}

/// What came out of one workload.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) workload: &'static Workload,
    pub(crate) rows: Vec<Row>,
    pub(crate) failures: Vec<(Peer, String)>,
}

impl Outcome {
    pub(crate) fn new(workload: &'static Workload, runs: &[Runs]) -> Self {
        let failed = |runs: &Runs| runs.failure.clone().map(|failure| (runs.client, failure));
        let whole = runs.iter().filter(|runs| runs.failure.is_none());
        Self {
            workload,
            rows: whole.filter_map(Runs::row).collect(),
            failures: runs.iter().filter_map(failed).collect(),
        }
    }

    pub(crate) fn row(&self, client: Peer) -> Option<&Row> {
        self.rows.iter().find(|row| row.client == client)
    }

    /// The best of the other libraries.
    pub(crate) fn best_rival(&self, measure: Measure) -> Option<&Row> {
        let rivals = self.rows.iter().filter(|row| row.client.is_rival());
        rivals.reduce(|best, row| if row.ratio(best, measure) > 1.0 { row } else { best })
    }
}

fn cpu_ns(run: &Run) -> f64 {
    run.summary.spent.cpu.as_nanos() as f64 / run.summary.messages as f64
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    Some(if values.len() % 2 == 1 { upper } else { f64::midpoint(values[middle - 1], upper) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{measure::Spent, workloads::WORKLOADS};

    impl Runs {
        /// Runs of one message a second, each with its CPU time.
        pub(crate) fn of(client: Peer, cpu_ns: &[u64]) -> Self {
            let mut runs = Self::new(client);
            for &cpu in cpu_ns {
                let (cpu, wall) = (Duration::from_nanos(cpu), Duration::from_secs(1));
                let spent = Spent { cpu, wall, ..Spent::default() };
                let summary = Summary { messages: 1, spent, memory: None, all: 1 };
                runs.push(Ok(Run { summary, server: Duration::ZERO }));
            }
            runs
        }
    }

    #[test]
    fn medians_do_not_mind_outliers() {
        assert_eq!(median(vec![9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![1.0, 3.0]), Some(2.0));
        assert_eq!(median(Vec::new()), None);
    }

    #[test]
    fn the_best_rival_is_neither_this_crate_nor_raw() {
        let all = [
            Runs::of(Peer::WebsocketAnywhere, &[10]),
            Runs::of(Peer::Yawc, &[40, 30, 900]),
            Runs::of(Peer::Soketto, &[20]),
            Runs::of(Peer::Raw, &[5]),
        ];
        let outcome = Outcome::new(&WORKLOADS[0], &all);
        let best = outcome.best_rival(Measure::Cpu).expect("there are rivals");
        assert_eq!(best.client, Peer::Soketto);
        let ours = outcome.row(Peer::WebsocketAnywhere).expect("it ran");
        assert_eq!(ours.ratio(best, Measure::Cpu), 2.0);
        assert_eq!(outcome.row(Peer::Yawc).map(|row| row.cpu_ns), Some(40.0));
    }
}
