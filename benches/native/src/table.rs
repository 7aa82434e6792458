//! Results for people and for programs.

use std::fmt::Write as _;

use crate::{
    clients::Peer,
    results::{Measure, Outcome, Row},
};

/// One table.
pub(crate) fn shown(outcome: &Outcome) -> String {
    let mut text = format!("{}: {}\n\n", outcome.workload, outcome.workload.title);
    let mut line = |cells: [&str; 10]| {
        let [client, cells @ ..] = cells;
        let cells: String = cells.iter().map(|cell| format!(" {cell:>12} |")).collect();
        writeln!(text, "| {client:<28} |{cells}").expect("strings take everything");
    };
    line([
        "client",
        "CPU/message",
        "messages/s",
        "best peer",
        "raw TCP",
        "spread",
        "page faults",
        "instructions",
        "server CPU",
        "memory",
    ]);
    line(["-"; 10]);
    for row in &outcome.rows {
        let [memory, instructions] =
            [row.memory, row.instructions].map(|number| number.map_or_else(String::new, amount));
        let spread = format!("{:.0} %", row.spread * 100.0);
        let [peer, raw] =
            ratios(outcome, row).map(|ratio| ratio.map_or_else(String::new, |ratio| format!("{ratio:.2} x")));
        let name = name(row.client);
        let (cpu, server, rate, faults) = (time(row.cpu_ns), time(row.server_ns), amount(row.rate), amount(row.faults));
        line([&name, &cpu, &rate, &peer, &raw, &spread, &faults, &instructions, &server, &memory]);
    }
    for (client, failure) in &outcome.failures {
        writeln!(text, "{client} cannot: {failure}").expect("strings take everything");
    }
    text
}

/// The times of all rows, one a line.
pub(crate) fn times(outcomes: &[Outcome]) -> String {
    let mut text =
        "workload\tclient\tcpu_ns_per_msg\trate_per_s\tratio_to_best_peer\tratio_to_raw\tpage_faults\tinstructions\n"
            .to_owned();
    for (outcome, row) in rows(outcomes) {
        let Row { client, cpu_ns, rate, faults, instructions, .. } = row;
        let instructions = instructions.map_or_else(|| "-".into(), |count| format!("{count:.0}"));
        let [peer, raw] =
            ratios(outcome, row).map(|ratio| ratio.map_or_else(|| "-".into(), |ratio| format!("{ratio:.3}")));
        writeln!(
            text,
            "{}\t{client}\t{cpu_ns:.1}\t{rate:.1}\t{peer}\t{raw}\t{faults:.3}\t{instructions}",
            outcome.workload
        )
        .expect("strings take everything");
    }
    text
}

/// What the rows say about memory, one a line; the title of the workload says what it is.
pub(crate) fn memory(outcomes: &[Outcome]) -> String {
    let mut text = "workload\tclient\tmemory\n".to_owned();
    for (outcome, row) in rows(outcomes) {
        if let Some(memory) = row.memory {
            writeln!(text, "{}\t{}\t{memory:.3}", outcome.workload, row.client).expect("strings take everything");
        }
    }
    text
}

fn rows(outcomes: &[Outcome]) -> impl Iterator<Item = (&Outcome, &Row)> {
    outcomes.iter().flat_map(|outcome| outcome.rows.iter().map(move |row| (outcome, row)))
}

/// CPU time compared with the best of the other libraries, and with no library at all.
fn ratios(outcome: &Outcome, row: &Row) -> [Option<f64>; 2] {
    let others = [outcome.best_rival(Measure::Cpu), outcome.row(Peer::Raw)];
    others.map(|other| other.map(|other| row.ratio(other, Measure::Cpu)))
}

/// The client with the version that was built.
fn name(client: Peer) -> String {
    let name = client.to_string();
    let head = format!("name = \"{name}\"\nversion = \"");
    let versions = LOCK.split("[[package]]").filter_map(|package| {
        let (version, _) = package.trim_start().strip_prefix(&head)?.split_once('"')?;
        Some(version)
    });
    // Another dependency may want an older one; the newest stands last.
    let version = versions.last();
    version.map_or_else(|| name.clone(), |version| format!("{name} {version}"))
}

pub(crate) fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        short if short < 1e3 => format!("{short:.1} ns"),
        medium if medium < 1e6 => format!("{:.2} us", medium / 1e3),
        long => format!("{:.2} ms", long / 1e6),
    }
}

/// A number with spaces between the thousands; small ones with two digits behind the point.
fn amount(number: f64) -> String {
    if number.abs() < 100.0 {
        return format!("{number:.2}");
    }
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// The versions of everything.
const LOCK: &str = include_str!("../../../Cargo.lock");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            (time(46.04), time(1234.0), time(2_500_000.0)),
            ("46.0 ns".into(), "1.23 us".into(), "2.50 ms".into())
        );
        assert_eq!(
            (amount(1_234_567.8), amount(999.0), amount(0.5)),
            ("1 234 568".into(), "999".into(), "0.50".into())
        );
    }

    #[test]
    fn versions_come_from_the_lock_file() {
        let name = name(Peer::Soketto);
        assert!(name.strip_prefix("soketto ").is_some_and(|version| version.starts_with(char::is_numeric)), "{name}");
        assert_eq!(super::name(Peer::Raw), "raw");
    }
}
