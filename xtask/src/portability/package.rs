//! The package as others get it: with the minimum version of Rust, with the newest dependencies, with the oldest.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::table::Outcome;
use crate::{process, project};

/// The versions of the lock file, by the minimum version of Rust.
pub(super) fn minimum_rust(outcome: &mut Outcome) -> Result<()> {
    let version = install_minimum_rust()?;
    process::run(&mut process::cargo(&format!("+{version} check --package websocket-anywhere --lib --locked")))?;
    outcome.built = Some(true);
    Ok(())
}

/// What a program of today gets that has this version of Rust.
pub(super) fn minimum_rust_with_newest(outcome: &mut Outcome) -> Result<()> {
    let version = install_minimum_rust()?;
    let folder = unpacked("newest")?;
    process::run(in_folder(&mut process::cargo(&format!("+{version} check --lib")), &folder)?)?;
    outcome.built = Some(true);
    Ok(())
}

/// Cargo.toml asks for no version that is too old.
pub(super) fn minimal_versions(outcome: &mut Outcome) -> Result<()> {
    let folder = unpacked("minimal")?;
    let mut update = process::cargo("+nightly update -Zdirect-minimal-versions");
    process::run(in_folder(&mut update, &folder)?)?;
    process::run(in_folder(&mut process::cargo("check --lib --all-features"), &folder)?)?;
    outcome.built = Some(true);
    Ok(())
}

/// The package's files, without a lock file and outside of the workspace.
fn unpacked(name: &str) -> Result<PathBuf> {
    process::run(&mut process::cargo("package --package websocket-anywhere --no-verify --allow-dirty --quiet"))?;
    let version = library("version")?;
    let archive = project::target()?.join(format!("package/websocket-anywhere-{version}.crate"));
    let folder = project::target()?.join("portability").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    process::run(Command::new("tar").arg("-xzf").arg(archive).args(["--strip-components", "1", "-C"]).arg(&folder))?;
    fs::remove_file(folder.join("Cargo.lock")).context("the package has a lock file")?;
    // Otherwise cargo would look for a workspace further up.
    let manifest = folder.join("Cargo.toml");
    let text = fs::read_to_string(&manifest)?;
    fs::write(&manifest, format!("{text}\n[workspace]\n"))?;
    Ok(folder)
}

fn in_folder<'a>(cargo: &'a mut Command, folder: &PathBuf) -> Result<&'a mut Command> {
    Ok(cargo.current_dir(folder).env("CARGO_TARGET_DIR", project::target()?))
}

fn install_minimum_rust() -> Result<String> {
    let version = library("rust_version")?;
    process::run(Command::new("rustup").args(["toolchain", "install", &version, "--profile", "minimal"]))?;
    Ok(version)
}

/// A field of the library's package.
fn library(field: &str) -> Result<String> {
    let metadata = process::output(&mut process::cargo("metadata --no-deps --format-version 1"))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("the metadata has no packages")?;
    let library = packages.iter().find(|package| package["name"] == "websocket-anywhere");
    let value = library.and_then(|library| library[field].as_str());
    Ok(value.with_context(|| format!("the library has no {field}"))?.to_owned())
}
