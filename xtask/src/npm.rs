//! Tools that npm can install: kept in a cache of the project, each in its exact version.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::{apt, process, project};

/// A program of one exact version of a package.
#[derive(Debug)]
pub(crate) struct Tool {
    package: &'static str,
    version: &'static str,
    binary: &'static str,
}

/// Makes modules of WebAssembly smaller. Debian's version 108 is too old: it exports the wrong one of two tables, and the
/// module no longer starts.
pub(crate) const WASM_OPT: Tool = Tool { package: "binaryen", version: "132.0.0", binary: "wasm-opt" };

/// Makes JavaScript smaller.
pub(crate) const ESBUILD: Tool = Tool { package: "esbuild", version: "0.28.2", binary: "esbuild" };

/// Runs the browser tests; what is installed may be too old to have a WebSocket.
pub(crate) const NODE: Tool = Tool { package: "node", version: "26.10.0", binary: "node" };

/// The same.
pub(crate) const DENO: Tool = Tool { package: "deno", version: "2.9.6", binary: "deno" };

/// Bundles modules of JavaScript and of WebAssembly. It brings webpack itself.
pub(crate) const WEBPACK: Tool = Tool { package: "webpack-cli", version: "7.3.1", binary: "webpack-cli" };

impl Tool {
    /// Finds the program, after installing it if it is missing.
    pub(crate) fn ensure(&self) -> Result<PathBuf> {
        let Self { package, version, binary } = self;
        let folder = project::cache()?.join(format!("npm-{package}-{version}"));
        let program = folder.join("node_modules/.bin").join(binary);
        if !program.exists() {
            fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
            let mut install = npm()?;
            install.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]);
            process::run(install.arg(&folder).arg(format!("{package}@{version}")))
                .with_context(|| format!("{binary} is missing, and npm cannot install {package} {version}"))?;
        }
        Ok(program)
    }
}

/// npm itself, after installing it if it is missing.
pub(crate) fn npm() -> Result<Command> {
    if which::which("npm").is_err() {
        apt::install(&["nodejs", "npm"])?;
    }
    // On Windows it is a script, which only its full path starts.
    Ok(Command::new(which::which("npm").context("npm is missing")?))
}
