//! One line for each workload, for people: this crate beside the best of the others.

use std::fmt::Write as _;

use crate::{
    clients::Peer,
    results::{Measure, Outcome, Row},
    table::time,
};

/// A table in Markdown.
pub(crate) fn markdown(outcomes: &[Outcome]) -> String {
    let mut text = String::from(
        "| CPU time per message | this crate | best peer | | tokio-tungstenite | raw | page faults: this crate, best peer |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for outcome in outcomes {
        if let Some(line) = line(outcome) {
            text += &line;
        }
    }
    text
}

fn line(outcome: &Outcome) -> Option<String> {
    let ours = outcome.row(Peer::WebsocketAnywhere)?;
    let best = outcome.best_rival(Measure::Cpu);
    let cpu = |row: Option<&Row>| row.map_or_else(|| "-".to_owned(), |row| time(row.cpu_ns));
    let mut line = format!("| {} | {} |", outcome.workload.title, time(ours.cpu_ns));
    match best {
        Some(row) => write!(line, " {} ({}) | {:.2} x |", time(row.cpu_ns), row.client, ours.ratio(row, Measure::Cpu)),
        None => write!(line, " - | |"),
    }
    .expect("strings take everything");
    let others = [Peer::TokioTungstenite, Peer::Raw].map(|client| cpu(outcome.row(client)));
    let faults = best.map_or_else(String::new, |row| format!(", {:.2}", row.faults));
    writeln!(line, " {} | {} | {:.2}{faults} |", others[0], others[1], ours.faults).expect("strings take everything");
    Some(line)
}

/// The workloads that say something about memory, in Markdown.
pub(crate) fn memory(outcomes: &[Outcome]) -> String {
    let mut text =
        String::from("| memory | this crate | least of the others | most of the others |\n|---|---|---|---|\n");
    for outcome in outcomes {
        let Some(ours) = outcome.row(Peer::WebsocketAnywhere).and_then(|row| row.memory) else { continue };
        let mut others: Vec<_> = outcome.rows.iter().filter(|row| row.client.is_rival()).collect();
        others.sort_by(|one, other| f64::total_cmp(&one.memory.unwrap_or(0.0), &other.memory.unwrap_or(0.0)));
        let shown = |row: Option<&&Row>| {
            row.map_or_else(String::new, |row| format!("{:.1} ({})", row.memory.unwrap_or(0.0), row.client))
        };
        writeln!(
            text,
            "| {} | {ours:.1} | {} | {} |",
            outcome.workload.title,
            shown(others.first()),
            shown(others.last())
        )
        .expect("strings take everything");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{results::Runs, workloads::WORKLOADS};

    #[test]
    fn a_line_names_the_best_peer() {
        let runs = [
            Runs::of(Peer::WebsocketAnywhere, &[100]),
            Runs::of(Peer::Yawc, &[150]),
            Runs::of(Peer::TokioTungstenite, &[200]),
        ];
        let table = markdown(&[Outcome::new(&WORKLOADS[0], &runs)]);
        let line = table.lines().nth(2).expect("there is a line");
        assert!(line.contains("| 100.0 ns | 150.0 ns (yawc) | 1.50 x | 200.0 ns | - | 0.00, 0.00 |"), "{line}");
    }
}
