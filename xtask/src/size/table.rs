//! The sizes, for people and for programs, and what they are held against.

use std::fmt::Write as _;

use super::app::{App, NONE, OURS, WEB_SYS};
use crate::project;

/// At most so many bytes of Brotli for wasm and glue together.
const AIM: usize = 14_000;

/// What it has been, and 3 % more: growth beyond that is looked into. Up to it, to miss the aims is a known gap.
const LIMIT: usize = 21_000;

/// Why the aims are missed.
const GAP: &str = "limits, timeouts and the contract of closing are of WebAssembly; a module of JavaScript would take 6,000 bytes less, \
                   and does not build for `--target no-modules`";

/// The table for people.
pub(super) fn shown(apps: &[App]) -> String {
    let mut text = format!("{:<34}{:>9}{:>9}{:>9}{:>9}{:>10}\n", "bytes", "wasm", "glue", "raw", "gzip", "brotli");
    for app in apps {
        let total = app.total();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:<34}{:>9}{:>9}{:>9}{:>9}{:>10}",
            versioned(app.client),
            app.wasm.raw,
            app.glue.raw,
            total.raw,
            total.gzip,
            total.brotli
        );
    }
    text
}

/// The table for programs.
pub(super) fn tsv(apps: &[App]) -> String {
    let mut text = "client\twasm\twasm_gzip\twasm_brotli\tglue\tglue_gzip\tglue_brotli\tbrotli\n".to_owned();
    for app in apps {
        let App { wasm, glue, .. } = app;
        let numbers = [wasm.raw, wasm.gzip, wasm.brotli, glue.raw, glue.gzip, glue.brotli, app.total().brotli]
            .map(|n| n.to_string());
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}\t{}", versioned(app.client), numbers.join("\t"));
    }
    text
}

/// Prints which aims were missed; false if the program has grown.
pub(super) fn check(apps: &[App]) -> bool {
    for gap in known_gaps(apps) {
        println!("known gap: {gap}: {GAP}");
    }
    let missed = missed(apps);
    if let Some(what) = &missed {
        println!("missed: {what}");
    }
    missed.is_none()
}

/// Whether it is larger than it has been.
fn missed(apps: &[App]) -> Option<String> {
    let Some(ours) = size(apps) else { return Some(format!("{OURS} was not built")) };
    (ours > LIMIT).then(|| format!("no more than before, {LIMIT} bytes: it is {ours}"))
}

fn known_gaps(apps: &[App]) -> Vec<String> {
    let Some(ours) = size(apps) else { return Vec::new() };
    let too_large = (ours > AIM).then(|| format!("at most {AIM} bytes: it is {ours}"));
    let is_rival = |app: &&App| ![NONE, WEB_SYS, OURS].contains(&app.client);
    let smaller = apps.iter().filter(is_rival).filter(|app| app.total().brotli < ours);
    let smaller = smaller.map(|app| format!("the smallest crate: {} has {}", app.client, app.total().brotli));
    too_large.into_iter().chain(smaller).collect()
}

/// That of the program with this crate.
fn size(apps: &[App]) -> Option<usize> {
    apps.iter().find(|app| app.client == OURS).map(|app| app.total().brotli)
}

/// The name with the version that was built.
fn versioned(client: &str) -> String {
    project::locked_version(client).map_or_else(|_| client.to_owned(), |version| format!("{client} {version}"))
}

#[cfg(test)]
mod tests {
    use super::super::app::Weight;
    use super::*;

    fn app(client: &'static str, brotli: usize) -> App {
        App { client, wasm: Weight { brotli, ..Weight::default() }, glue: Weight::default() }
    }

    #[test]
    fn the_smallest_crate_meets_the_aims() {
        assert!(known_gaps(&[app(WEB_SYS, 1), app(OURS, AIM), app("gloo-net", AIM + 1)]).is_empty());
        assert_eq!(known_gaps(&[app(OURS, AIM + 1), app("gloo-net", AIM)]).len(), 2);
    }

    #[test]
    fn what_grows_is_missed() {
        assert!(check(&[app(OURS, LIMIT), app("gloo-net", 1)]));
        assert!(!check(&[app(OURS, LIMIT + 1)]));
        assert!(!check(&[app("gloo-net", 1)]), "it was not built");
    }
}
