//! Node and Deno, which run the code of browsers without one: each in its exact version, beside the Node that is there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::report::Report;
use crate::setup::WasmTools;
use crate::{npm, process, runner, test};

/// Runs the browser tests: all of them in Node, and in Deno those that must pass everywhere.
///
/// Deno checks neither `Sec-WebSocket-Accept` nor text, and takes no message above 64 MiB.
pub(crate) fn tests(report: &mut Report, tools: &WasmTools) -> Result<()> {
    if let Some(node) = report.prepare("set-up: Node", || npm::NODE.ensure()) {
        report.tests("tests, Node", &mut suite(tools, folder_of(&node))?);
    }
    if which::which("node").is_ok() {
        // Node 20 has its WebSocket on request only, later ones take no notice.
        let mut smoke = smoke_test(test::suite(tools)?);
        report.tests("smoke test, Node that is installed", smoke.env("NODE_ARGS", "--experimental-websocket"));
    }
    if let Some(folder) = report.prepare("set-up: Deno", deno_as_node) {
        let mut smoke = smoke_test(suite(tools, &folder)?);
        report.tests("smoke test, Deno", smoke.env("NODE_ARGS", "run,--allow-all,--quiet"));
    }
    Ok(())
}

fn suite(tools: &WasmTools, folder: &Path) -> Result<Command> {
    let mut suite = test::suite(tools)?;
    suite.env(runner::NODE, "1");
    process::prepend_path(&mut suite, folder);
    Ok(suite)
}

fn smoke_test(mut suite: Command) -> Command {
    suite.args(test::SMOKE).env(runner::NODE, "1");
    suite
}

/// A folder where Deno is called node. The test runner starts a Deno for itself, but one of the time when Deno had a `window`,
/// and without the permission to connect; to what it starts as Node it passes arguments on.
fn deno_as_node() -> Result<PathBuf> {
    let deno = npm::DENO.ensure()?;
    let folder = deno.parent().context("Deno is in no folder")?.join("deno-as-node");
    let link = folder.join("node");
    if !link.exists() {
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        fs::hard_link(deno.canonicalize()?, &link).with_context(|| format!("cannot create {}", link.display()))?;
    }
    Ok(folder)
}

fn folder_of(program: &Path) -> &Path {
    program.parent().expect("a program is in a folder")
}
