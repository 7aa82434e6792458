//! Lines over time, as SVG: it follows the colours of the page and is sharp on every screen.

use std::fmt::Write as _;
use std::rc::Rc;

use web_sys::Element;

use crate::page::{self, Page};

/// One plot with a line, and what is below it, for each series.
pub(crate) struct Plot {
    page: Rc<Page>,
    name: &'static str,
    series: Vec<(Element, Element)>,
}

impl Plot {
    /// Draws into the element `name`; the scale is told in `name-scale`. Each class is that of one series.
    pub(crate) fn new(page: &Rc<Page>, name: &'static str, classes: &[&str]) -> Self {
        let root = page.element(name);
        let grid = page.draw("path", "grid");
        page::set(&grid, "d", &format!("M0 {}H{WIDTH}M0 {}H{WIDTH}M0 {HEIGHT}H{WIDTH}", HEIGHT / 3, HEIGHT * 2 / 3));
        page::append(&root, &grid);
        let one = |class: &&str| {
            let (area, line) =
                (page.draw("path", &format!("area {class}")), page.draw("path", &format!("line {class}")));
            page::append(&root, &area);
            page::append(&root, &line);
            (area, line)
        };
        Self { page: Rc::clone(page), name, series: classes.iter().map(one).collect() }
    }

    /// Draws the series, the oldest number first; the scale reaches at least to `least`.
    pub(crate) fn draw(&self, series: &[&[Option<u64>]], least: u64, shown: fn(u64) -> String) {
        let most = series.iter().flat_map(|numbers| numbers.iter().flatten()).copied().max().unwrap_or(0);
        let top = round_up(most.max(least));
        self.page.show(&format!("{}-scale", self.name), &shown(top));
        for ((area, line), numbers) in self.series.iter().zip(series) {
            let (line_path, area_path) = paths(numbers, top);
            page::set(line, "d", &line_path);
            page::set(area, "d", &area_path);
        }
    }
}

/// The line through the numbers, and what is below it. Where nothing is known, there is a gap; a lone number is a dot.
fn paths(numbers: &[Option<u64>], top: u64) -> (String, String) {
    let (mut line, mut area) = (String::new(), String::new());
    let mut last = None;
    for (index, number) in numbers.iter().enumerate() {
        let x = index as u64 * STEP;
        let Some(number) = number else {
            end_area(&mut area, last.take());
            continue;
        };
        let y = HEIGHT - (u128::from(*number.min(&top)) * u128::from(HEIGHT) / u128::from(top)) as u64;
        // A string takes everything.
        let _ = if last.is_none() {
            write!(line, "M{x} {y}h0").and_then(|()| write!(area, "M{x} {HEIGHT}V{y}"))
        } else {
            write!(line, "L{x} {y}").and_then(|()| write!(area, "L{x} {y}"))
        };
        last = Some(x);
    }
    end_area(&mut area, last);
    (line, area)
}

fn end_area(area: &mut String, last: Option<u64>) {
    if last.is_some() {
        let _ = write!(area, "V{HEIGHT}Z");
    }
}

/// The next of 1, 2, 5, 10, 20, 50 ...
fn round_up(number: u64) -> u64 {
    let mut power: u64 = 1;
    loop {
        for factor in [1, 2, 5] {
            let candidate = power.saturating_mul(factor);
            if candidate >= number {
                return candidate;
            }
        }
        power = power.saturating_mul(10);
    }
}

/// The size of the drawing in its own units, as in index.html.
const HEIGHT: u64 = 400;
const STEP: u64 = 10;
const WIDTH: u64 = 1190;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_at_round_numbers() {
        assert_eq!([1, 3, 5, 51, 1000, 1001].map(round_up), [1, 5, 5, 100, 1000, 2000]);
        assert_eq!(round_up(u64::MAX), u64::MAX);
    }

    #[test]
    fn a_line_begins_anew_behind_a_gap() {
        let (line, area) = paths(&[Some(0), Some(100), None, Some(50)], 100);
        assert_eq!(line, "M0 400h0L10 0M30 200h0");
        assert_eq!(area, "M0 400V400L10 0V400ZM30 400V200V400Z");
        assert_eq!(paths(&[None], 1), (String::new(), String::new()));
    }
}
