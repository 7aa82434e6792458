//! The native benchmark: every client runs the same workloads against the same server, one process each.
//!
//! `compare` is the benchmark: it starts the server, runs the clients in interleaved rounds and prints the tables. `serve`
//! and `run` are its children, and are useful by hand under a profiler. Linux only: it pins processes to cores and reads
//! `/proc`.

mod chart;
mod clients;
mod dial;
mod driver;
mod endpoints;
mod exchange;
mod heap;
mod hosting;
mod json;
mod kinds;
mod machine;
mod measure;
mod orders;
mod results;
mod server;
mod summary;
mod summary_table;
mod table;
mod targets;
mod wire;
mod workloads;

use std::{process::ExitCode, sync::Arc, time::Duration};

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::{
    clients::Peer,
    driver::Comparison,
    endpoints::Endpoints,
    exchange::Job,
    workloads::{Workload, by_name},
};

/// Every allocation goes through it; it counts only for the workloads that ask for it.
#[global_allocator]
static HEAP: heap::Counting = heap::Counting;

/// The native benchmark.
#[derive(Debug, Parser)]
#[command(name = "bench-native")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Compare the clients and print one table for each workload
    Compare(Comparison),
    /// Run one workload with one client and print what it took: messages, CPU and wall nanoseconds, memory, all messages
    Run {
        /// The client
        client: Peer,
        /// The name of the workload
        #[arg(value_parser = by_name)]
        workload: &'static Workload,
        /// How long to measure at least, in milliseconds: batches are repeated
        milliseconds: u64,
        /// Where the server listens: the line that `serve` prints
        #[arg(long)]
        server: Endpoints,
    },
    /// Serve on free ports, which are printed, until the standard input ends
    Serve,
}

fn main() -> Result<ExitCode> {
    match Arguments::parse().task {
        Task::Compare(comparison) => comparison.run(),
        Task::Run { client, workload, milliseconds, server } => {
            let job = Job { workload, server: Arc::new(server), time: Duration::from_millis(milliseconds) };
            println!("{}", exchange::run(client, job)?);
            Ok(ExitCode::SUCCESS)
        }
        Task::Serve => server::run().map(|()| ExitCode::SUCCESS),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        super::Arguments::command().debug_assert();
    }
}
