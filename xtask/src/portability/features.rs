//! Combinations of the library's features: they lint, and those that leave most out are tested.

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::table::Outcome;
use crate::process;
use crate::project::WASM_TARGET;

/// Lints the library with each combination, and with two of them runs its tests.
pub(super) fn combinations(outcome: &mut Outcome) -> Result<()> {
    for features in chosen(&others()?) {
        lint("", &features)?;
    }
    for features in [&[][..], &["http2", "test-util"]] {
        lint(&format!(" --target {WASM_TARGET}"), features)?;
    }
    outcome.built = Some(true);
    for features in TESTED {
        super::count(process::cargo(TESTS).args(["--features", features]), outcome)?;
    }
    Ok(())
}

fn lint(target: &str, features: &[&str]) -> Result<()> {
    let arguments = format!("clippy --package websocket-anywhere --lib --no-default-features{target}");
    let mut clippy = process::cargo(&arguments);
    process::run(clippy.arg("--features").arg(features.join(",")).args(["--", "-D", "warnings"]))
}

/// The features in Cargo.toml that have nothing to do with TLS.
fn others() -> Result<Vec<String>> {
    let metadata: Value = serde_json::from_str(&process::output(&mut process::cargo(METADATA))?)?;
    let packages = metadata["packages"].as_array().context("the metadata has no packages")?;
    let library = packages.iter().find(|package| package["name"] == "websocket-anywhere");
    let features =
        library.and_then(|library| library["features"].as_object()).context("the library has no features")?;
    let is_other =
        |name: &&String| !["default", "tls"].contains(&name.as_str()) && !TLS.concat().contains(&name.as_str());
    Ok(features.keys().filter(is_other).cloned().collect())
}

/// Each kind of TLS with nothing else and with everything; without TLS, each two of the others in all four ways.
fn chosen(others: &[String]) -> Vec<Vec<&str>> {
    let with = |is_chosen: &dyn Fn(usize) -> bool| {
        let chosen = others.iter().enumerate().filter(|(index, _)| is_chosen(*index));
        chosen.map(|(_, name)| name.as_str()).collect::<Vec<_>>()
    };
    let mut sets = Vec::new();
    for tls in TLS {
        sets.extend([tls.to_vec(), [tls, &with(&|_| true)[..]].concat()]);
    }
    // The numbers of two features differ in a bit: one has it, and the other is in the set of those that have not.
    for bit in (0..usize::BITS).take_while(|bit| others.len() > 1 << bit) {
        for value in [0, 1] {
            sets.push(with(&|index| index >> bit & 1 == value));
        }
    }
    sets
}

/// Kinds of TLS: cryptography and trust stores. `tls` comes with them.
const TLS: &[&[&str]] = &[
    &[],
    &["ring"],
    &["aws-lc-rs"],
    &["aws-lc-rs", "ring"],
    &["platform-verifier", "ring"],
    &["ring", "webpki-roots"],
    &["aws-lc-rs", "platform-verifier", "webpki-roots"],
];

/// What else is tested has TLS and proxies.
const TESTED: [&str; 2] = ["http2,test-util", "proxy"];
const TESTS: &str = "test --package websocket-anywhere --no-default-features --no-fail-fast --lib --test it";
const METADATA: &str = "metadata --no-deps --format-version 1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_two_features_meet_in_all_four_ways() {
        let others = others().expect("cargo knows its workspace");
        let sets = chosen(&others);
        for (one, other) in others.iter().flat_map(|one| others.iter().map(move |other| (one, other))) {
            for (has_one, has_other) in [(false, false), (false, true), (true, false), (true, true)] {
                let is_it = |set: &Vec<&str>| {
                    set.contains(&one.as_str()) == has_one && set.contains(&other.as_str()) == has_other
                };
                assert!(one == other || sets.iter().any(is_it), "{one} {has_one} {other} {has_other}");
            }
        }
    }

    #[test]
    fn the_features_are_those_of_the_library() {
        let others = others().expect("cargo knows its workspace");
        assert_eq!(others, ["http2", "proxy", "test-util", "tracing"]);
    }
}
