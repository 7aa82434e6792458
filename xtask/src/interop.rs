//! The servers of the interop tests, in the versions that the lock files in tests/interop name, kept in the cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::{apt, npm, process, project};

/// Where the servers' packages are.
#[derive(Debug)]
pub(crate) struct Servers {
    websockets: PathBuf,
    ws: PathBuf,
}

impl Servers {
    /// Finds the packages and what runs them, after installing what is missing.
    pub(crate) fn ensure() -> Result<Self> {
        let has_pip = succeeds(Command::new("python3").args(["-m", "pip", "--version"]));
        if !has_pip {
            apt::install(&["python3", "python3-pip"])?;
        }
        Ok(Self { websockets: websockets()?, ws: ws()? })
    }

    /// Tells the tests where the packages are.
    pub(crate) fn apply<'a>(&self, tests: &'a mut Command) -> &'a mut Command {
        tests.env("INTEROP_WEBSOCKETS", &self.websockets).env("INTEROP_WS", &self.ws)
    }
}

/// The folder for `PYTHONPATH`.
fn websockets() -> Result<PathBuf> {
    let requirements = folder().join("requirements.txt");
    let text = read(&requirements)?;
    let version = required_version(&text).context("requirements.txt names no version")?;
    let kept = project::cache()?.join(format!("interop-websockets-{version}"));
    let script = format!("import websockets; assert websockets.__version__ == '{version}'");
    let mut import = Command::new("python3");
    import.args(["-c", &script]).env("PYTHONPATH", &kept);
    if !succeeds(&mut import) {
        let mut install = Command::new("python3");
        install.args(["-m", "pip", "install", "--no-deps", "--require-hashes", "--only-binary", ":all:"]);
        process::run(install.arg("--upgrade").arg("--target").arg(&kept).arg("--requirement").arg(requirements))?;
        ensure!(succeeds(&mut import), "python3 does not find websockets {version} in {}", kept.display());
    }
    Ok(kept)
}

/// The folder for `NODE_PATH`.
fn ws() -> Result<PathBuf> {
    let version = locked_version(&read(&folder().join("package-lock.json"))?)?;
    let kept = project::cache()?.join(format!("interop-ws-{version}"));
    let modules = kept.join("node_modules");
    let script = format!("if (require('ws/package.json').version !== '{version}') process.exit(1)");
    let mut import = Command::new("node");
    import.args(["-e", &script]).env("NODE_PATH", &modules);
    if !succeeds(&mut import) {
        fs::create_dir_all(&kept).with_context(|| format!("cannot make {}", kept.display()))?;
        for file in ["package.json", "package-lock.json"] {
            fs::copy(folder().join(file), kept.join(file)).with_context(|| format!("cannot copy {file}"))?;
        }
        let mut install = npm::npm()?;
        process::run(install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&kept))?;
        ensure!(succeeds(&mut import), "node does not find ws {version} in {}", modules.display());
    }
    Ok(modules)
}

fn folder() -> PathBuf {
    project::root().join("tests/interop")
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// The version in a line such as "websockets==17.4 --hash=..".
fn required_version(requirements: &str) -> Option<&str> {
    let pinned = requirements.lines().find_map(|line| line.strip_prefix("websockets=="))?;
    pinned.split_whitespace().next()
}

/// The version of ws in a package-lock.json.
fn locked_version(lock: &str) -> Result<String> {
    let lock: Value = serde_json::from_str(lock).context("package-lock.json is not JSON")?;
    let version = lock["packages"]["node_modules/ws"]["version"].as_str();
    Ok(version.context("package-lock.json has no ws")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_off_the_lock_files() {
        assert_eq!(required_version("# why\nwebsockets==17.4 --hash=sha256:c6\n"), Some("17.4"));
        assert_eq!(required_version("websockets>=17\n"), None);
        let lock = r#"{ "packages": { "": {}, "node_modules/ws": { "version": "8.23.0" } } }"#;
        assert_eq!(locked_version(lock).expect("ws is there"), "8.23.0");
        assert!(locked_version(r#"{ "packages": {} }"#).is_err());
    }
}
