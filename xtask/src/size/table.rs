//! The sizes, for people and for programs, and what they are held against.

use std::fmt::Write as _;

use super::app::{App, NONE, OURS, WEB_SYS};
use crate::project;

/// At most so many bytes of Brotli for wasm and glue together.
const AIM: usize = 12_000;

/// What it has been, and 3 % more: growth beyond that is looked into.
const LIMIT: usize = 20_000;

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

/// Prints which aims were missed; false if there are any.
pub(super) fn check(apps: &[App]) -> bool {
    let missed = missed(apps);
    for what in &missed {
        println!("missed: {what}");
    }
    missed.is_empty()
}

fn missed(apps: &[App]) -> Vec<String> {
    let Some(ours) = apps.iter().find(|app| app.client == OURS).map(|app| app.total().brotli) else {
        return vec![format!("{OURS} was not built")];
    };
    let grown = (ours > LIMIT).then(|| format!("no more than before, {LIMIT} bytes: it is {ours}"));
    let too_large = (ours > AIM).then(|| format!("at most {AIM} bytes: it is {ours}"));
    let is_rival = |app: &&App| ![NONE, WEB_SYS, OURS].contains(&app.client);
    let smaller = apps.iter().filter(is_rival).filter(|app| app.total().brotli < ours);
    let smaller = smaller.map(|app| format!("the smallest crate: {} has {}", app.client, app.total().brotli));
    grown.into_iter().chain(too_large).chain(smaller).collect()
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
        assert!(missed(&[app(WEB_SYS, 1), app(OURS, AIM), app("gloo-net", AIM + 1)]).is_empty());
        assert_eq!(missed(&[app(OURS, AIM + 1), app("gloo-net", AIM)]).len(), 2);
        assert_eq!(missed(&[app(OURS, LIMIT + 1)]).len(), 2);
        assert_eq!(missed(&[app("gloo-net", 1)]).len(), 1);
    }
}
