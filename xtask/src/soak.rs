//! `cargo xtask soak`: the long parts of the tests, for as long as it is told, and one table of what they did.

mod parts;

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::process;

/// A long part.
struct Part {
    kind: &'static str,
    /// What its count is of.
    unit: &'static str,
    /// Its part of all the time, beside those of the others; 0 for what ends by itself.
    share: u32,
    /// Why it cannot run here, if so.
    lacks: fn() -> Option<String>,
    command: fn(&Slot) -> Command,
    /// What a line of its output counts.
    counts: fn(&str) -> Option<u64>,
}

/// What a part is given.
struct Slot {
    time: Duration,
    seed: u64,
}

/// What became of a part.
enum Verdict {
    Held(u64),
    Failed(u64, String),
    Left(String),
}

/// Runs all parts, or those whose kind contains `only`, and prints the table.
pub(crate) fn run(minutes: u64, seed: Option<u64>, only: Option<&str>) -> Result<ExitCode> {
    ensure!(minutes > 0, "a soak takes at least a minute");
    let seed = seed.unwrap_or_else(seed_of_now);
    println!("cargo xtask soak --minutes {minutes} --seed {seed}");
    let chosen = || parts::all().into_iter().filter(|part| only.is_none_or(|only| part.kind.contains(only)));
    let shares: u32 = chosen().map(|part| part.share).sum();
    ensure!(chosen().next().is_some(), "no kind is named like this");
    let mut rows = Vec::new();
    for part in chosen() {
        let time = Duration::from_secs(minutes * 60) * part.share / shares.max(1);
        let started = Instant::now();
        println!("\n==> {}", part.kind);
        let verdict = match (part.lacks)() {
            Some(lack) => Verdict::Left(lack),
            None => go(&part, &Slot { time, seed })?,
        };
        rows.push((part, verdict, started.elapsed()));
    }
    Ok(table(&rows))
}

fn go(part: &Part, slot: &Slot) -> Result<Verdict> {
    let mut command = (part.command)(slot);
    println!("{}", process::shown(&command));
    let mut count = 0;
    let held = process::stream(&mut command, |line| count += (part.counts)(line.trim_end()).unwrap_or(0))?;
    // A part that did nothing has shown nothing.
    Ok(match (held, count) {
        (true, 1..) => Verdict::Held(count),
        (true, 0) => Verdict::Failed(0, "it counted nothing".to_owned()),
        (false, count) => Verdict::Failed(count, process::shown(&command)),
    })
}

fn table(rows: &[(Part, Verdict, Duration)]) -> ExitCode {
    println!("\n{:<28} {:>12} {:<12} {:>6} {:>8}", "kind", "count", "of", "faults", "time");
    let mut faults = 0;
    for (part, verdict, time) in rows {
        let (count, fault) = match verdict {
            Verdict::Held(count) => (count.to_string(), "0"),
            Verdict::Failed(count, _) => (count.to_string(), "1"),
            Verdict::Left(_) => ("-".to_owned(), "-"),
        };
        println!("{:<28} {count:>12} {:<12} {fault:>6} {:>6} s", part.kind, part.unit, time.as_secs());
        faults += u32::from(matches!(verdict, Verdict::Failed(..)));
    }
    for (part, verdict, _) in rows {
        match verdict {
            Verdict::Failed(_, how) => println!("{} failed: {how}", part.kind),
            Verdict::Left(lack) => println!("{} was left out: {lack}", part.kind),
            Verdict::Held(_) => {}
        }
    }
    if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Another one in each second.
fn seed_of_now() -> u64 {
    std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs())
}
