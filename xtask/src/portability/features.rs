//! Every combination of the library's features that makes sense builds and lints.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::table::Outcome;
use crate::process;

/// Lints the library with each combination.
pub(super) fn combinations(outcome: &mut Outcome) -> Result<()> {
    let features = features()?;
    ensure!(features.len() <= MOST, "{} features have too many combinations: choose some here", features.len());
    for combination in subsets(&features).into_iter().filter(|set| has_provider(set)) {
        let mut clippy = process::cargo("clippy --package websocket-anywhere --lib --no-default-features --features");
        process::run(clippy.arg(combination.join(",")).args(["--", "-D", "warnings"]))?;
    }
    outcome.built = Some(true);
    Ok(())
}

/// The features in Cargo.toml, without `default`.
fn features() -> Result<Vec<String>> {
    let mut metadata: Command = process::cargo("metadata --no-deps --format-version 1");
    let metadata: Value = serde_json::from_str(&process::output(&mut metadata)?)?;
    let packages = metadata["packages"].as_array().context("the metadata has no packages")?;
    let library = packages.iter().find(|package| package["name"] == "websocket-anywhere");
    let features =
        library.and_then(|library| library["features"].as_object()).context("the library has no features")?;
    Ok(features.keys().filter(|name| *name != "default").cloned().collect())
}

fn subsets(features: &[String]) -> Vec<Vec<&str>> {
    let chosen = |set: usize| {
        let of_set = features.iter().enumerate().filter(move |(index, _)| set & (1 << index) != 0);
        of_set.map(|(_, name)| name.as_str()).collect()
    };
    (0..1 << features.len()).map(chosen).collect()
}

/// Whether there is something to make TLS of; without, the compiler says so.
fn has_provider(combination: &[&str]) -> bool {
    combination.iter().any(|name| PROVIDERS.contains(name))
}

const PROVIDERS: [&str; 2] = ["aws-lc-rs", "ring"];

/// 64 combinations.
const MOST: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_is_there_once() {
        let subsets = subsets(&["a".to_owned(), "b".to_owned()]).iter().map(|set| set.join(",")).collect::<Vec<_>>();
        assert_eq!(subsets, ["", "a", "b", "a,b"]);
    }

    #[test]
    fn the_features_are_those_of_the_library() {
        let features = features().expect("cargo knows its workspace");
        assert!(features.iter().any(|name| name == "platform-verifier"), "{features:?}");
        assert!(!features.iter().any(|name| name == "default"), "{features:?}");
        assert!(PROVIDERS.iter().all(|name| features.iter().any(|feature| feature == name)), "{features:?}");
    }
}
