//! Child processes: what they are called with, and what they print.

use std::ffi::OsStr;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::{env, iter};

use anyhow::{Context as _, Result, ensure};

use crate::{project, reaper};

/// A cargo command, with arguments between spaces, in the root of the repository.
pub(crate) fn cargo(arguments: &str) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(project::root()).args(arguments.split(' '));
    // Cargo tells its children which package they are of, and some build scripts run again when that changes: a build
    // from here must not look different from one at the command line.
    for (name, _) in env::vars_os().filter(|(name, _)| describes_package(name)) {
        command.env_remove(name);
    }
    // Logs keep what terminals animate.
    if env::var_os("CI").is_some() {
        command.env("CARGO_TERM_COLOR", "never").env("CARGO_TERM_PROGRESS_WHEN", "never");
    }
    command
}

/// Puts `folder` before the others in the PATH of `command`.
pub(crate) fn prepend_path(command: &mut Command, folder: &Path) {
    let own = command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, value)| value);
    let path = own.map(OsStr::to_owned).or_else(|| env::var_os("PATH")).unwrap_or_default();
    let folders = iter::once(folder.to_owned()).chain(env::split_paths(&path));
    command.env("PATH", env::join_paths(folders).expect("folders of tools have plain names"));
}

/// Puts `folder` behind the others in the PATH of `command`.
pub(crate) fn append_path(command: &mut Command, folder: &Path) {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([folder.to_owned()]);
    command.env("PATH", env::join_paths(folders).expect("folders of tools have plain names"));
}

/// The command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let told = |name: &OsStr| name != "PATH" && !name.to_string_lossy().starts_with("CARGO_TERM_");
    let variables = command.get_envs().filter(|(name, _)| told(name)).filter_map(|(name, value)| {
        let value = value?.to_string_lossy();
        Some(format!("{}={}", name.to_string_lossy(), quoted(&value)))
    });
    let words = iter::once(command.get_program()).chain(command.get_args());
    let words = words.map(|word| quoted(&word.to_string_lossy()));
    variables.chain(words).collect::<Vec<_>>().join(" ")
}

/// Starts the command, without input.
pub(crate) fn spawn(command: &mut Command) -> Result<Child> {
    spawn_as_it_is(command.stdin(Stdio::null()))
}

/// Starts a command that may have an input.
pub(crate) fn spawn_as_it_is(command: &mut Command) -> Result<Child> {
    let _no_interrupt = reaper::hold();
    let child = command.spawn();
    child.with_context(|| format!("cannot run {}", command.get_program().to_string_lossy()))
}

/// Runs the command, passing on what it prints and showing each line of its standard output to `inspect`.
///
/// Returns whether it succeeded.
pub(crate) fn stream(command: &mut Command, mut inspect: impl FnMut(&str)) -> Result<bool> {
    let mut child = spawn(command.stdout(Stdio::piped()))?;
    let mut output = BufReader::new(child.stdout.take().expect("standard output is piped"));
    let mut line = Vec::new();
    while output.read_until(b'\n', &mut line)? > 0 {
        io::stdout().write_all(&line)?;
        inspect(&String::from_utf8_lossy(&line));
        line.clear();
    }
    Ok(child.wait()?.success())
}

/// Runs the command, passing on what it prints; its failure is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("    $ {}", shown(command));
    let status = spawn(command)?.wait()?;
    ensure!(status.success(), "{} failed: {status}", shown(command));
    Ok(())
}

/// Runs the command and returns its standard output; its failure is an error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = spawn(command.stdout(Stdio::piped()))?.wait_with_output()?;
    ensure!(output.status.success(), "{} failed: {}", shown(command), output.status);
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn describes_package(variable: &OsStr) -> bool {
    let name = variable.to_string_lossy();
    name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_=./:,+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{word}'") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_typed() {
        let mut command = Command::new("cargo");
        command.args(["tree", "-f", "{p} {f}"]).env("RUSTDOCFLAGS", "-D warnings").env("PATH", "/bin");
        assert_eq!(shown(&command), "RUSTDOCFLAGS='-D warnings' cargo tree -f '{p} {f}'");
    }

    #[test]
    fn nothing_of_this_package_reaches_other_builds() {
        assert!(describes_package(OsStr::new("CARGO_PKG_NAME")));
        assert!(describes_package(OsStr::new("CARGO_MANIFEST_DIR")));
        assert!(!describes_package(OsStr::new("CARGO_TARGET_DIR")));
    }

    #[test]
    fn every_line_is_inspected() {
        let mut lines = Vec::new();
        let mut command = cargo("--version --verbose");
        assert!(stream(&mut command, |line| lines.push(line.to_owned())).expect("cargo runs"));
        assert!(lines[0].starts_with("cargo "), "{lines:?}");
        assert!(lines.len() > 1);
    }
}
