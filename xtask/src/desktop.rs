//! The desktop example, a workspace of its own: its tests need no display, its window opens on one that nobody sees.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::report::Report;
use crate::{apt, process, project};

/// Whether there is a display without a screen here, on which OpenGL is drawn without a graphics card.
const HAS_XVFB: bool = cfg!(target_os = "linux");

/// What Debian calls Xvfb, OpenGL in software, and what the window system loads at run time.
const PACKAGES: &[&str] =
    &["libgl1", "libgl1-mesa-dri", "libx11-xcb1", "libxcursor1", "libxi6", "libxkbcommon-x11-0", "xauth", "xvfb"];

/// Formatting, lints and tests, and the window's test of itself.
pub(crate) fn check(report: &mut Report) {
    report.command("rustfmt, desktop", cargo("fmt").arg("--check"));
    report.command("clippy, desktop", cargo("clippy").args(["--all-targets", "--", "-D", "warnings"]));
    report.tests("tests, desktop", cargo("test").arg("--no-fail-fast"));
    if let Some(picture) = HAS_XVFB.then(|| report.prepare("set-up: Xvfb", ensure)).flatten() {
        let mut run = cargo("run");
        run.args(["--", "--self-test", "--screenshot"]).arg(picture);
        report.command("desktop, in a window on Xvfb", &mut on_display(&run));
    }
}

/// Installs Xvfb if it is missing. Returns where to put a picture of what the window shows.
fn ensure() -> Result<PathBuf> {
    if which::which("xvfb-run").is_err() {
        apt::install(PACKAGES)?;
    }
    Ok(project::target()?.join("desktop.png"))
}

/// The same command, on a display of its own.
fn on_display(command: &Command) -> Command {
    let mut xvfb = Command::new("xvfb-run");
    xvfb.args(["--auto-servernum", "--server-args", "-screen 0 1280x800x24"]);
    xvfb.arg(command.get_program()).args(command.get_args()).current_dir(project::root());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => xvfb.env(name, value),
            None => xvfb.env_remove(name),
        };
    }
    // On machines with a graphics card, too: nobody else would see what is wrong with its driver.
    xvfb.env("LIBGL_ALWAYS_SOFTWARE", "1");
    xvfb
}

fn cargo(command: &str) -> Command {
    let mut command = process::cargo(command);
    command.args(["--manifest-path", "examples/desktop/Cargo.toml"]);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_runs_on_the_display_as_it_would_without() {
        let xvfb = on_display(cargo("run").env("SAID", "so").env_remove("UNSAID"));
        let words: Vec<_> = xvfb.get_args().skip(3).collect();
        assert_eq!(words, ["cargo", "run", "--manifest-path", "examples/desktop/Cargo.toml"]);
        assert!(xvfb.get_envs().any(|variable| variable == ("SAID".as_ref(), Some("so".as_ref()))));
        assert!(xvfb.get_envs().any(|variable| variable == ("UNSAID".as_ref(), None)));
    }
}
