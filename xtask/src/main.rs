//! Automation of the project, as `cargo xtask`: every check in one command, and the demo page on a loopback port.

mod apt;
mod bench;
mod browser;
mod desktop;
mod devtools;
mod examples;
mod gateways;
mod interop;
mod map;
mod npm;
mod packages;
mod page;
mod portability;
mod process;
mod project;
mod reaper;
mod report;
mod runner;
mod runtimes;
mod serve;
mod setup;
mod size;
mod soak;
mod tally;
mod test;
mod threads;
mod tidy;
mod tools;
mod transport;
mod tree;
mod wasm_std;
mod web;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::browser::Browser;

/// Automation of websocket-anywhere.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run every check, or the parts that are named
    ///
    /// Installs first what is missing and needed: the wasm32 standard library, the wasm-bindgen tools of the version
    /// in Cargo.lock, wasm-pack, geckodriver, a Node and a Deno, the servers of the interop tests, and (as root on Debian) the
    /// browsers, Python, npm and Xvfb. Then runs the parts, goes on after a failure, and ends with one line: "N passed, N
    /// failed".
    Test {
        /// Formatting, house rules, and lints, docs, tests, interop tests, examples and desktop example of the native target
        #[arg(long)]
        native: bool,
        /// Lints and docs of the browser target, and tests and demo page in this browser (may be repeated)
        #[arg(long, value_name = "NAME", value_enum)]
        browser: Vec<Browser>,
        /// Tests of the browser target in Node and Deno
        #[arg(long)]
        node: bool,
        /// The demo page alone, in these browsers or in all
        #[arg(long, conflicts_with_all = ["native", "node"])]
        page: bool,
    },
    /// Build the demo page and serve it, with its echo endpoint, on a loopback port
    Serve {
        /// The port; 0 takes a free one
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Show the page in the browser of this system
        #[arg(long)]
        open: bool,
    },
    /// Compare the speed and memory of this crate with those of its peers: one table for each workload
    ///
    /// Natively, or with --browser in headless Chromium. Writes native.tsv and native-memory.tsv, or browser.tsv, to
    /// target/bench. Takes [--check] [--only WORKLOAD,..] [--clients CLIENT,..] [--rounds N]. All of it needs about twenty
    /// minutes natively, ten in the browser, and a machine that does nothing else.
    Bench {
        /// The arguments of the comparison
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Compare what this crate and its peers add to a page: the same small program with each, in bytes
    ///
    /// Writes size.tsv to target/bench. Needs npm once, for wasm-opt and esbuild.
    Size {
        /// Fail if an aim is missed, and name it
        #[arg(long)]
        check: bool,
    },
    /// Check, build and run what is native on other targets, each combination of features, and old and new dependencies
    ///
    /// Installs what it needs: targets by rustup, zig by pip, qemu, MinGW and Wine (as root on Debian) by apt. Ends with a table.
    /// On Linux, x86-64.
    Portability {
        /// The rows of the table to do, such as s390x-unknown-linux-gnu,features
        #[arg(long, value_name = "NAME", value_delimiter = ',')]
        only: Vec<String>,
    },
    /// Run the long parts of the tests for some minutes: fuzzers, a relay that harms connections, properties, Miri
    ///
    /// Prints one table: kind, how many inputs, cases or sessions, faults. Fuzzers, Miri and ThreadSanitizer need a nightly;
    /// where it lacks something the table says so. The time is that of the fuzzers and the relay, what they are built in comes
    /// on top.
    Soak {
        /// How long
        #[arg(long, default_value_t = 30)]
        minutes: u64,
        /// Repeats a run
        #[arg(long)]
        seed: Option<u64>,
        /// Only the kinds whose name contains this
        #[arg(long, value_name = "TEXT")]
        only: Option<String>,
    },
    /// What `cargo test --target wasm32-unknown-unknown` calls: run a test binary in a headless browser
    ///
    /// Starts the peer of the tests, then wasm-bindgen-test-runner. Runs in a window of Chromium; GECKODRIVER (a path)
    /// chooses Firefox, WASM_BINDGEN_USE_DEDICATED_WORKER=1 a worker (also .._SHARED_WORKER, .._SERVICE_WORKER,
    /// .._NODE_EXPERIMENTAL), TEST_TRANSPORT=WebSocket or =WebSocketStream what all sockets use in Chromium.
    WasmRunner {
        /// The wasm file and the arguments of the test harness
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    let code = run(Arguments::parse().task).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    });
    // An interrupt that is being handled ends the program itself, when all is cleared away.
    let _not_interrupted = reaper::hold();
    code
}

fn run(task: Task) -> Result<ExitCode> {
    reaper::install()?;
    match task {
        Task::Test { browser, page: true, .. } => test::run(&test::Selection::of_page(&browser)),
        Task::Test { native, browser, node, page: false } => test::run(&test::Selection::new(native, &browser, node)),
        Task::Serve { port, open } => serve::run(port, open),
        Task::Bench { arguments } => bench::run(&arguments),
        Task::Soak { minutes, seed, only } => soak::run(minutes, seed, only.as_deref()),
        Task::Size { check } => size::run(check),
        Task::Portability { only } => portability::run(&only),
        Task::WasmRunner { arguments } => runner::run(&arguments),
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
