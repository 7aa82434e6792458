//! A bar chart of the comparison: how many times the CPU time of this crate others take.

use svg::{
    Document,
    node::element::{Rectangle, Style, Text, Title},
};

use crate::{
    clients::Peer,
    results::{Measure, Outcome, Row},
};

/// The chart as SVG. Bars are on a logarithmic scale; this crate is the line at 1.
pub(crate) fn svg(outcomes: &[Outcome], machine: &str) -> String {
    let rows: Vec<_> = outcomes.iter().filter_map(Bars::new).collect();
    let height = TOP + rows.len() * LINE + 10;
    let mut document = Document::new()
        .set("viewBox", (0, 0, WIDTH, height))
        .set("role", "img")
        .add(Title::new("CPU time per message of other clients, as a multiple of this crate's"))
        .add(Style::new(STYLE))
        .add(label(0, 16, "CPU time per message, as a multiple of this crate's (less than 1: faster than this crate)"))
        .add(label(0, 34, machine).set("class", "small"));
    for (at, bars) in rows.iter().enumerate() {
        let y = TOP + at * LINE;
        document = document.add(label(0, y + 15, bars.name));
        for (bar, (client, ratio)) in bars.ratios.iter().flatten().enumerate() {
            let width = length(*ratio);
            let y = y + 2 + bar * BAR;
            let rectangle = Rectangle::new().set("x", LEFT).set("y", y).set("width", width).set("height", BAR - 1);
            document = document
                .add(rectangle.set("class", if bar == 0 { "best" } else { "other" }))
                .add(label(LEFT + width + 4, y + BAR - 2, &format!("{ratio:.2} {client}")).set("class", "small"));
        }
    }
    let line = Rectangle::new().set("x", LEFT + length(1.0)).set("y", TOP).set("width", 1).set("height", height - TOP);
    document.add(line.set("class", "line")).to_string() + "\n"
}

/// What is drawn of one workload: the best of the other libraries, and tokio-tungstenite.
struct Bars<'a> {
    name: &'a str,
    ratios: [Option<(Peer, f64)>; 2],
}

impl<'a> Bars<'a> {
    fn new(outcome: &'a Outcome) -> Option<Self> {
        let ours = outcome.row(Peer::WebsocketAnywhere)?;
        let best = outcome.best_rival(Measure::Cpu)?;
        let bar = |row: &Row| (row.client, ours.ratio(row, Measure::Cpu));
        let usual = outcome.row(Peer::TokioTungstenite).filter(|row| row.client != best.client);
        Some(Self { name: outcome.workload.name, ratios: [Some(bar(best)), usual.map(bar)] })
    }
}

fn label(x: usize, y: usize, text: &str) -> Text {
    Text::new(text).set("x", x).set("y", y)
}

/// How long a bar is: 0.5 and 128 are the ends of the scale.
fn length(ratio: f64) -> usize {
    let share = (ratio.clamp(0.5, 128.0).log2() + 1.0) / 8.0;
    (share * SCALE) as usize
}

const WIDTH: usize = 900;
const TOP: usize = 44;
const LINE: usize = 28;
const BAR: usize = 11;
const LEFT: usize = 170;
const SCALE: f64 = 560.0;
const STYLE: &str = "text{font:13px sans-serif;fill:#888}.small{font-size:10px}.best{fill:#2a78d6}.other{fill:#9aa7b8}\
                     .line{fill:#d6402a}";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{results::Runs, workloads::WORKLOADS};

    #[test]
    fn bars_tell_ratios() {
        let runs = [Runs::of(Peer::WebsocketAnywhere, &[100]), Runs::of(Peer::Yawc, &[150])];
        let chart = svg(&[Outcome::new(&WORKLOADS[0], &runs)], "a machine");
        assert!(chart.contains("1.50 yawc") && chart.contains("a machine") && chart.starts_with("<svg"), "{chart}");
        assert!(length(1.0) < length(1.5) && length(1000.0) == length(128.0));
    }
}
