//! What a soak consists of: one row each. A new kind, such as a wire that is simulated, is one more row of [`all`].

use std::process::Command;

use super::{Part, Slot};
use crate::{process, project, tally::Tally};

/// All parts, in the order in which they run.
pub(super) fn all() -> Vec<Part> {
    let mut parts = vec![
        Part {
            kind: "relay at every byte",
            unit: "sessions",
            share: 40,
            lacks: nothing,
            command: relay,
            counts: counted,
        },
        Part { kind: "properties", unit: "cases", share: 0, lacks: nothing, command: properties, counts: cases },
        Part {
            kind: "interleavings",
            unit: "schedules",
            share: 0,
            lacks: nothing,
            command: interleavings,
            counts: counted,
        },
        Part {
            kind: "orders of memory",
            unit: "tests",
            share: 0,
            lacks: || lacks("miri"),
            command: orders,
            counts: passed,
        },
        Part { kind: "Miri", unit: "tests", share: 0, lacks: || lacks("miri"), command: miri, counts: passed },
        Part {
            kind: "ThreadSanitizer",
            unit: "tests",
            share: 0,
            lacks: || lacks("rust-src"),
            command: thread_sanitizer,
            counts: passed,
        },
        Part {
            kind: "coverage by the corpora",
            unit: "% of lines",
            share: 0,
            lacks: lacks_coverage,
            command: coverage,
            counts: covered,
        },
    ];
    parts.extend(FUZZERS.iter().map(|(kind, command)| Part {
        kind,
        unit: "inputs",
        share: 10,
        lacks: lacks_fuzzer,
        command: *command,
        counts: inputs,
    }));
    parts
}

/// The targets of `fuzz/`: a test compares them with its files.
const FUZZERS: &[(&str, MakeCommand)] = &[
    ("fuzz challenge", |slot| fuzz("challenge", slot)),
    ("fuzz closing", |slot| fuzz("closing", slot)),
    ("fuzz connection", |slot| fuzz("connection", slot)),
    ("fuzz data_reader", |slot| fuzz("data_reader", slot)),
    ("fuzz decoder", |slot| fuzz("decoder", slot)),
    ("fuzz deflate", |slot| fuzz("deflate", slot)),
    ("fuzz differential", |slot| fuzz("differential", slot)),
    ("fuzz inflate", |slot| fuzz("inflate", slot)),
    ("fuzz proxy", |slot| fuzz("proxy", slot)),
    ("fuzz request", |slot| fuzz("request", slot)),
    ("fuzz settings", |slot| fuzz("settings", slot)),
    ("fuzz upgrade", |slot| fuzz("upgrade", slot)),
];

/// Makes the command of a part for its time and seed.
type MakeCommand = fn(&Slot) -> Command;

fn relay(slot: &Slot) -> Command {
    let mut command = process::cargo("test --test it -- --nocapture --test-threads 1 native::relay");
    command.env("SOAK_SECONDS", slot.time.as_secs().to_string()).env("SOAK_SEED", slot.seed.to_string());
    command
}

fn properties(slot: &Slot) -> Command {
    let mut command = process::cargo("test --test it -- native::properties");
    command.env("SOAK_CASES", CASES.to_string()).env("PROPTEST_RNG_SEED", slot.seed.to_string());
    command
}

fn interleavings(slot: &Slot) -> Command {
    // In a folder of its own: all of it is built with another flag.
    let mut command =
        process::cargo("test --lib --target-dir target/shuttle -- --nocapture --test-threads 1 native::interleavings");
    command.env("RUSTFLAGS", "--cfg shuttle");
    command.env("SOAK_SCHEDULES", SCHEDULES.to_string()).env("SOAK_SEED", slot.seed.to_string());
    command
}

fn orders(slot: &Slot) -> Command {
    let mut command = process::cargo("+nightly miri test --lib -- native::orders");
    let first = slot.seed as u16;
    command.env("MIRIFLAGS", format!("-Zmiri-many-seeds={first}..{}", u32::from(first) + SEEDS));
    command
}

fn miri(_: &Slot) -> Command {
    process::cargo("+nightly miri test --lib -- message::data protocol::block protocol::decoder protocol::deflate")
}

fn thread_sanitizer(_: &Slot) -> Command {
    // In a folder of its own: all of it is built with other flags, the standard library, too.
    let target = "x86_64-unknown-linux-gnu";
    let arguments = format!("+nightly test -Zbuild-std --target {target} --target-dir target/tsan --lib --test it --");
    let mut command = process::cargo(&arguments);
    command.args(["protocol::", "backend::native::", "native::pair::"]);
    command.env("RUSTFLAGS", "-Zsanitizer=thread").env("TSAN_OPTIONS", "halt_on_error=1");
    command
}

/// How much of the protocol and of the opening handshake the seeds of the fuzzers reach; a table has each file.
fn coverage(_: &Slot) -> Command {
    let mut command = process::cargo("+nightly llvm-cov test --summary-only --test it");
    command.args(["--ignore-filename-regex", NOT_COVERED, "--", "::the_corp"]);
    command
}

fn fuzz(target: &str, slot: &Slot) -> Command {
    let mut command = process::cargo("+nightly fuzz run");
    command.args([target, "--", "-print_final_stats=1"]);
    command.arg(format!("-max_total_time={}", slot.time.as_secs().max(1))).arg(format!("-seed={}", slot.seed as u32));
    // What it counts goes to its standard error.
    let mut shell = Command::new("sh");
    shell.current_dir(project::root()).args(["-c", "exec \"$@\" 2>&1", "sh"]);
    shell.arg(command.get_program()).args(command.get_args());
    shell
}

fn nothing() -> Option<String> {
    None
}

/// Why a part that needs this component of a nightly cannot run.
fn lacks(component: &str) -> Option<String> {
    let listed = Command::new("rustup").args(["+nightly", "component", "list", "--installed"]).output();
    let listed = listed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let lack = || format!("rustup toolchain install nightly --component {component}");
    (!listed.lines().any(|line| line.starts_with(component))).then(lack)
}

fn lacks_coverage() -> Option<String> {
    let is_there = which::which("cargo-llvm-cov").is_ok();
    lacks("llvm-tools").or_else(|| (!is_there).then(|| "cargo install --locked cargo-llvm-cov".to_owned()))
}

fn lacks_fuzzer() -> Option<String> {
    let is_there = which::which("cargo-fuzz").is_ok();
    lacks("rustc").or_else(|| (!is_there).then(|| "cargo install --locked cargo-fuzz".to_owned()))
}

/// "soak: 123 sessions".
fn counted(line: &str) -> Option<u64> {
    // A harness that does not capture writes the name of the test before it.
    let (_, count) = line.split_once("soak: ")?;
    count.split(' ').next()?.parse().ok()
}

/// "stat::number_of_executed_units: 123".
fn inputs(line: &str) -> Option<u64> {
    line.strip_prefix("stat::number_of_executed_units:")?.trim().parse().ok()
}

/// "test result: ok. 12 passed; ..".
fn passed(line: &str) -> Option<u64> {
    Tally::parse(line).map(|tally| tally.passed)
}

/// "TOTAL", then of regions, functions and lines each: all, how many were missed, "98.76%".
fn covered(line: &str) -> Option<u64> {
    let shares = line.strip_prefix("TOTAL ")?.split_whitespace().filter_map(|word| word.strip_suffix('%'));
    shares.take(3).last()?.split('.').next()?.parse().ok()
}

/// Each property has so many.
fn cases(line: &str) -> Option<u64> {
    let is_property =
        line.starts_with("test native::properties::") && line.ends_with("... ok") && !line.contains("::the_corp");
    is_property.then_some(CASES)
}

/// All files but those of `src/protocol` and `src/backend/native/upgrade`: the expressions of llvm-cov cannot say "not".
const NOT_COVERED: &str =
    "/(benches|tests|xtask)/|src/[^bp]|src/p[^r]|src/b[^a]|src/backend[.]|src/backend/b|src/backend/native/[^u]";

/// How many inputs each property gets.
const CASES: u64 = 20_000;

/// How many schedules each kind of scheduler tries of each scene.
const SCHEDULES: u32 = 2000;

/// How many ways Miri tries to let threads see each other's stores.
const SEEDS: u32 = 256;

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn every_fuzzer_is_a_part() {
        let files = fs::read_dir(project::root().join("fuzz/targets")).expect("the fuzzers");
        let mut files: Vec<_> = files
            .map(|entry| entry.expect("a file").file_name().to_string_lossy().replace(".rs", ""))
            .map(|name| format!("fuzz {name}"))
            .collect();
        files.sort_unstable();
        assert_eq!(files, FUZZERS.iter().map(|(kind, _)| *kind).collect::<Vec<_>>());
    }

    #[test]
    fn counts_are_read() {
        assert_eq!(counted("soak: 12 sessions"), Some(12));
        assert_eq!(counted("test a ... soak: 300 schedules of a"), Some(300));
        assert_eq!(inputs("stat::number_of_executed_units: 345"), Some(345));
        let total = "TOTAL   1500  75  95.00%   200  10  95.00%   2000  140  93.00%   0  0  -";
        assert_eq!(
            (covered(total), covered("protocol/block.rs 9 0 100.00% 9 0 100.00% 9 0 100.00%")),
            (Some(93), None)
        );
        assert_eq!(passed("test result: ok. 7 passed; 0 failed; 0 ignored"), Some(7));
        assert_eq!(cases("test native::properties::corpus::two_peers_come_to_an_end ... ok"), Some(CASES));
        assert_eq!(cases("test native::properties::the_corpus_of_the_inflater_holds ... ok"), None);
    }
}
