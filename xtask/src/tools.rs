//! Tools that cargo can install: found in PATH in the right version, else kept in a cache of the project.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::{process, project};

/// A program of one exact version.
#[derive(Debug)]
pub(crate) struct Tool {
    /// The package on crates.io.
    package: &'static str,
    binary: &'static str,
    version: String,
}

/// The test runner, of exactly the version that the tests are linked with: the two share an unstable format.
pub(crate) fn wasm_bindgen_test_runner() -> Result<Tool> {
    let version = project::locked_version("wasm-bindgen")?;
    Ok(Tool { package: "wasm-bindgen-cli", binary: "wasm-bindgen-test-runner", version })
}

pub(crate) fn wasm_pack() -> Tool {
    Tool { package: "wasm-pack", binary: "wasm-pack", version: "0.15.1".to_owned() }
}

pub(crate) fn geckodriver() -> Tool {
    Tool { package: "geckodriver", binary: "geckodriver", version: "0.37.1".to_owned() }
}

impl Tool {
    /// Finds the program, after installing it if it is missing.
    pub(crate) fn ensure(&self) -> Result<PathBuf> {
        let kept = self.folder()?.join("bin").join(self.binary);
        let in_path = which::which_all(self.binary).into_iter().flatten();
        let mut candidates = in_path.chain([kept.clone()]);
        if let Some(found) = candidates.find(|path| self.is_right(path)) {
            return Ok(found);
        }
        self.install().with_context(|| format!("cannot install {} {}", self.package, self.version))?;
        Ok(kept)
    }

    /// Without `--locked`: the packages' own lock files name versions that may have been withdrawn since.
    fn install(&self) -> Result<()> {
        let install = format!("install {} --version {} --root", self.package, self.version);
        process::run(process::cargo(&install).arg(self.folder()?))
    }

    fn folder(&self) -> Result<PathBuf> {
        Ok(project::cache()?.join(format!("{}-{}", self.package, self.version)))
    }

    fn is_right(&self, path: &Path) -> bool {
        let output = Command::new(path).arg("--version").stdin(Stdio::null()).output();
        output.is_ok_and(|output| names_version(&String::from_utf8_lossy(&output.stdout), &self.version))
    }
}

/// Whether the output of `--version`, such as "geckodriver 0.37.1 (hash)", names this version.
fn names_version(output: &str, version: &str) -> bool {
    output.split_whitespace().nth(1) == Some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_version_will_do() {
        assert!(names_version("wasm-bindgen-test-runner 0.2.130\n", "0.2.130"));
        assert!(names_version("geckodriver 0.37.1 (b2b7a4c 2026-08-01)\n\nThe source code ...", "0.37.1"));
        assert!(!names_version("wasm-pack 0.15.10", "0.15.1"));
        assert!(!names_version("", "0.15.1"));
    }

    #[test]
    fn the_lock_file_names_the_runner() {
        let tool = wasm_bindgen_test_runner().expect("Cargo.lock has wasm-bindgen");
        assert!(tool.version.starts_with("0.2."), "{tool:?}");
    }
}
