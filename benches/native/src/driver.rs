//! The comparison: a server, and one process after the other for each client, in rounds.

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, ExitCode, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow, ensure};
use clap::{Args, ValueEnum as _};

use crate::{
    chart,
    clients::Peer,
    endpoints::Endpoints,
    machine,
    measure::cpu_time_of,
    results::{Outcome, Run, Runs},
    summary::Summary,
    summary_table, table,
    targets::{self, Verdict},
    workloads::{Memory, WORKLOADS, Workload, by_name},
};

/// What is compared.
#[derive(Debug, Args)]
pub(crate) struct Comparison {
    /// Fail if a target is missed, and name the rows that miss it; known gaps are named as well. A workload that misses one is
    /// run on, up to three times as long, and all its rounds count
    #[arg(long)]
    check: bool,
    /// Also write a bar chart: native.svg
    #[arg(long)]
    svg: bool,
    /// Only these workloads
    #[arg(long, value_name = "WORKLOAD", value_delimiter = ',', value_parser = by_name)]
    only: Vec<&'static Workload>,
    /// Only these clients
    #[arg(long, value_name = "CLIENT", value_delimiter = ',')]
    clients: Vec<Peer>,
    /// How often each client runs each workload; the medians count
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How long each run measures at least
    #[arg(long, default_value_t = 400)]
    milliseconds: u64,
}

impl Comparison {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let server = Server::start()?;
        let machine = machine::describe()?;
        println!("{machine}\n");
        let workloads = if self.only.is_empty() { WORKLOADS.iter().collect() } else { self.only.clone() };
        let mut outcomes = Vec::new();
        for workload in workloads {
            let outcome = self.compare(&server, workload)?;
            println!("{}", table::shown(&outcome));
            outcomes.push(outcome);
        }
        write("native.tsv", &table::times(&outcomes))?;
        write("native-memory.tsv", &table::memory(&outcomes))?;
        let tables = [summary_table::markdown(&outcomes), summary_table::memory(&outcomes)].join("\n");
        write("native.md", &format!("{machine}\n\n{tables}"))?;
        if self.svg {
            write("native.svg", &chart::svg(&outcomes, &machine))?;
        }
        Ok(if self.check && !check(&outcomes) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    /// Measures one workload. With `--check` a target that is missed has the same number of rounds run again, a few times at
    /// most, and all of them count: chance then has less of a say where little is between two clients.
    fn compare(&self, server: &Server, workload: &'static Workload) -> Result<Outcome> {
        let clients = if self.clients.is_empty() { Peer::value_variants() } else { &self.clients };
        let mut runs: Vec<_> = clients.iter().map(|&client| Runs::new(client)).collect();
        // What is on the heap of idle connections is the same each time, and they take long to open.
        let rounds = if matches!(workload.memory, Memory::Live | Memory::ResidentEach) { 1 } else { self.rounds };
        let mut passes = 1;
        loop {
            self.take_turns(server, workload, &mut runs, rounds)?;
            let outcome = Outcome::new(workload, &runs);
            if !self.check || passes == MOST_PASSES || !targets::are_missed(&outcome) {
                return Ok(outcome);
            }
            passes += 1;
        }
    }

    /// Runs the clients by turns, so that what disturbs the machine for a while disturbs all of them.
    fn take_turns(&self, server: &Server, workload: &Workload, runs: &mut [Runs], rounds: u32) -> Result<()> {
        for round in 0..rounds {
            // Each round begins with another client, lest what disturbs the machine at intervals always meets the same one.
            let (head, tail) = runs.split_at_mut(round as usize % runs.len());
            for runs in tail.iter_mut().chain(head) {
                // A client that cannot do it will not learn it.
                if runs.failure.is_none() {
                    runs.push(server.run(runs.client, workload, self.milliseconds)?);
                }
            }
        }
        Ok(())
    }
}

/// The process of the server. It ends when its standard input does, that is with this process at the latest.
#[derive(Debug)]
struct Server {
    process: Child,
    endpoints: Endpoints,
}

impl Server {
    fn start() -> Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        command.arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().context("cannot start the server")?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("it is piped")).read_line(&mut line)?;
        let endpoints = line.parse().context("the server does not say where it listens")?;
        Ok(Self { process, endpoints })
    }

    /// One run of a client, with what the server's part of it took; the inner error is the client's.
    fn run(&self, client: Peer, workload: &Workload, milliseconds: u64) -> Result<Result<Run>> {
        let server_before = self.cpu_time()?;
        let mut command = Command::new(env::current_exe()?);
        command.args(["run", &client.to_string(), workload.name, &milliseconds.to_string(), "--server"]);
        command.arg(self.endpoints.to_string()).stdin(Stdio::null()).env("RUST_BACKTRACE", "0");
        let output = command.output()?;
        let server = self.cpu_time()? - server_before;
        let told = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Ok(Err(anyhow!("{}: {}", output.status, told.trim())));
        }
        if !told.is_empty() {
            eprintln!("{client}: {}", told.trim());
        }
        let summary: Summary = str::from_utf8(&output.stdout)?.parse()?;
        ensure!(summary.messages > 0, "{client} has measured nothing");
        Ok(Ok(Run { summary, server }))
    }

    fn cpu_time(&self) -> Result<Duration> {
        cpu_time_of(self.process.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// Prints which targets were missed; false if there are any but the known gaps.
fn check(outcomes: &[Outcome]) -> bool {
    let verdicts: Vec<_> = targets::TARGETS.iter().map(|target| target.verdict(outcomes)).collect();
    let missed: Vec<_> = verdicts.iter().filter_map(Verdict::missed).collect();
    for what in &missed {
        println!("missed: {what}");
    }
    let known: Vec<_> = verdicts.iter().filter_map(Verdict::known).collect();
    for what in &known {
        println!("known gap: {what}");
    }
    let left_out = verdicts.iter().filter(|verdict| **verdict == Verdict::LeftOut).count();
    let met = verdicts.len() - missed.len() - known.len() - left_out;
    println!("{met} targets met, {} missed, {} known gaps, {left_out} left out", missed.len(), known.len());
    missed.is_empty()
}

/// Writes to `bench` in the target directory, which is where this program was built.
fn write(name: &str, text: &str) -> Result<()> {
    let program = env::current_exe()?;
    let folder = program.ancestors().nth(2).context("the program is not in a target directory")?.join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let path = folder.join(name);
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{} written", path.display());
    Ok(())
}

/// How often the rounds are run, the first time included, if a target is missed.
const MOST_PASSES: u32 = 3;
