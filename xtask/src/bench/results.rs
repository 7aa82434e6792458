//! What was measured, as medians and tables.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Error, Result};

use super::arguments::Client;
use super::workloads::Workload;
use crate::project;

/// One run of one client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) messages: f64,
    /// Of the main thread of the page.
    pub(super) cpu: Duration,
    pub(super) wall: Duration,
}

/// All runs of one client at one workload.
#[derive(Debug)]
pub(super) struct Runs {
    pub(super) client: Client,
    runs: Vec<Run>,
    pub(super) failure: Option<Error>,
}

/// One workload, with a row for each client.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) workload: &'static Workload,
    rows: Vec<Row>,
}

/// The medians of one client.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) client: Client,
    pub(super) result: Result<Medians>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Medians {
    /// Microseconds of CPU time of the main thread for each message.
    pub(super) microseconds: f64,
    /// Messages per second of wall time.
    pub(super) rate: f64,
}

impl Runs {
    pub(super) fn new(client: Client) -> Self {
        Self { client, runs: Vec::new(), failure: None }
    }

    pub(super) fn push(&mut self, run: Result<Run>) {
        match run {
            Ok(run) => self.runs.push(run),
            Err(error) => self.failure = Some(error),
        }
    }

    fn medians(self) -> Result<Medians> {
        if let Some(error) = self.failure {
            return Err(error);
        }
        let of = |number: fn(&Run) -> f64| median(self.runs.iter().map(number).collect());
        Ok(Medians {
            microseconds: of(|run| run.cpu.as_secs_f64() * 1e6 / run.messages),
            rate: of(|run| run.messages / run.wall.as_secs_f64()),
        })
    }
}

impl Outcome {
    pub(super) fn new(workload: &'static Workload, runs: Vec<Runs>) -> Self {
        let rows = runs.into_iter().map(|runs| Row { client: runs.client, result: runs.medians() }).collect();
        Self { workload, rows }
    }

    /// What a client reached, if it ran.
    pub(super) fn of(&self, client: Client) -> Option<Medians> {
        self.rows.iter().find(|row| row.client == client)?.result.as_ref().ok().copied()
    }

    /// What the other crates reached.
    pub(super) fn rivals(&self) -> impl Iterator<Item = Medians> {
        self.rows.iter().filter(|row| row.client.is_rival()).filter_map(|row| row.result.as_ref().ok().copied())
    }

    fn ratio(&self, row: Medians, base: Client) -> String {
        self.of(base).map_or_else(|| "-".to_owned(), |base| format!("{:.3}", row.microseconds / base.microseconds))
    }
}

/// The table of one workload, for people.
pub(super) fn shown(outcome: &Outcome) -> String {
    let title = outcome.workload.title;
    let mut text =
        format!("{title}\n{:<34}{:>12}{:>14}{:>10}{:>12}\n", "", "us/message", "messages/s", "to js", "to web-sys");
    for Row { client, result } in &outcome.rows {
        let name = versioned(*client);
        // Writing to a string cannot fail.
        let _ = match result {
            Ok(row) => {
                let (js, web_sys) = (outcome.ratio(*row, Client::Javascript), outcome.ratio(*row, Client::WebSys));
                writeln!(text, "{name:<34}{:>12.3}{:>14.0}{js:>10}{web_sys:>12}", row.microseconds, row.rate)
            }
            Err(error) => writeln!(text, "{name:<34}failed: {error:#}"),
        };
    }
    text
}

/// All tables, for programs. Ratios are those of the CPU time: below 1 is faster.
pub(super) fn tsv(outcomes: &[Outcome]) -> String {
    let mut text = "workload\tclient\tus_per_msg\trate_per_s\tratio_to_js\tratio_to_websys\n".to_owned();
    for outcome in outcomes {
        for Row { client, result } in &outcome.rows {
            let (name, client) = (outcome.workload.name, versioned(*client));
            // Writing to a string cannot fail.
            let _ = match result {
                Ok(row) => {
                    let (js, web_sys) = (outcome.ratio(*row, Client::Javascript), outcome.ratio(*row, Client::WebSys));
                    writeln!(text, "{name}\t{client}\t{:.4}\t{:.0}\t{js}\t{web_sys}", row.microseconds, row.rate)
                }
                Err(_) => writeln!(text, "{name}\t{client}\t-\t-\t-\t-"),
            };
        }
    }
    text
}

/// The name with the version that was measured; what has none is part of the browser.
fn versioned(client: Client) -> String {
    let name = client.name();
    match project::locked_version(&name) {
        Ok(version) => format!("{name} {version}"),
        Err(_) => name,
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    if numbers.len() % 2 == 1 { numbers[middle] } else { (numbers[middle - 1] + numbers[middle]) / 2.0 }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::bench::workloads::WORKLOADS;

    /// An outcome of one run for each client: CPU microseconds for a message.
    pub(in crate::bench) fn outcome(workload: &'static Workload, clients: &[(Client, u64)]) -> Outcome {
        let runs = clients.iter().map(|&(client, microseconds)| {
            let mut runs = Runs::new(client);
            let cpu = Duration::from_micros(microseconds);
            runs.push(Ok(Run { messages: 1.0, cpu, wall: cpu }));
            runs
        });
        Outcome::new(workload, runs.collect())
    }

    #[test]
    fn medians_stand_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
    }

    #[test]
    fn ratios_are_those_of_time() {
        let outcome = outcome(&WORKLOADS[0], &[(Client::Javascript, 2), (Client::WebsocketAnywhere, 3)]);
        let text = tsv(&[outcome]);
        let ours: Vec<_> = text.lines().nth(2).expect("two rows").split('\t').collect();
        assert!(ours[1].starts_with("websocket-anywhere "), "{ours:?}");
        assert_eq!(ours[2..], ["3.0000", "333333", "1.500", "-"]);
    }

    #[test]
    fn who_fails_has_no_numbers() {
        let mut runs = Runs::new(Client::GlooNet);
        runs.push(Err(anyhow::anyhow!("refused")));
        let outcome = Outcome::new(&WORKLOADS[0], vec![runs]);
        assert!(shown(&outcome).contains("failed: refused"));
        assert!(outcome.of(Client::GlooNet).is_none());
    }
}
