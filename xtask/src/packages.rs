//! Packages with workspaces of their own that use the library as any program does: the test kit's user, and the examples for
//! pages. Their tests run where the others do.

use std::process::Command;

use anyhow::Result;

use crate::project::WASM_TARGET;
use crate::report::Report;
use crate::setup::{Driven, WasmTools};
use crate::{process, test};

/// Uses the sockets in memory and the test kit, with no server.
const KIT: &str = "tests/outside";
/// One package for each way to make a page.
const PAGES: &str = "examples/browser";

/// Formatting of all of them, and lints and tests of the one that needs no browser.
pub(crate) fn native(report: &mut Report) {
    for workspace in [KIT, PAGES] {
        report.command(&format!("rustfmt, {workspace}"), cargo("fmt", workspace).args(["--all", "--check"]));
    }
    let kit = "--package websocket-anywhere --features test-util";
    let lints = format!("clippy {kit} --lib -- -D warnings");
    report.command("clippy, test kit", &mut process::cargo(&lints));
    report.tests("docs of the test kit", &mut process::cargo(&format!("test {kit} --doc -- test_util")));
    report
        .command("clippy, user of the test kit", cargo("clippy", KIT).args(["--all-targets", "--", "-D", "warnings"]));
    report.tests("tests, test kit", cargo("test", KIT).arg("--no-fail-fast"));
}

/// The tests in this browser.
pub(crate) fn browser(report: &mut Report, tools: &WasmTools, driven: &Driven) -> Result<()> {
    for (what, workspace) in [("test kit", KIT), ("examples for pages", PAGES)] {
        let mut tests = in_workspace(tools.cargo("test"), workspace);
        tests.args(["--tests", "--no-fail-fast", "--target", WASM_TARGET]);
        test::run_in_browsers(&mut tests)?;
        tests.env(driven.browser.driver_variable(), &driven.driver);
        report.tests(&format!("tests, {what}, {}", driven.browser.name()), &mut tests);
    }
    Ok(())
}

fn cargo(command: &str, workspace: &str) -> Command {
    in_workspace(process::cargo(command), workspace)
}

/// Of this workspace, and built beside the library: what both need is built once.
fn in_workspace(mut command: Command, workspace: &str) -> Command {
    command.args(["--manifest-path", &format!("{workspace}/Cargo.toml")]);
    if command.get_args().next().is_some_and(|name| name != "fmt") {
        command.args(["--target-dir", "target"]);
    }
    command
}
