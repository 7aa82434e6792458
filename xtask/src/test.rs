//! `cargo xtask test`: every check, one closing line.

use std::env;
use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::browser::Browser;
use crate::interop::Servers;
use crate::process::cargo;
use crate::project::WASM_TARGET;
use crate::report::Report;
use crate::setup::{self, Driven, WasmTools};
use crate::transport::{self, Transport};
use crate::{desktop, examples, gateways, map, packages, page, runner, runtimes, threads, tidy, tree};

/// The parts to run.
#[derive(Debug)]
pub(crate) struct Selection {
    native: bool,
    browsers: Vec<Browser>,
    /// Node and Deno.
    runtimes: bool,
    /// In the browsers, the demo page and nothing else.
    only_page: bool,
}

impl Selection {
    /// The parts that are named, or everything if none is.
    pub(crate) fn new(native: bool, named: &[Browser], runtimes: bool) -> Self {
        if !native && named.is_empty() && !runtimes {
            return Self { native: true, browsers: Browser::ALL.to_vec(), runtimes: true, only_page: false };
        }
        let browsers = Browser::ALL.into_iter().filter(|browser| named.contains(browser)).collect();
        Self { native, browsers, runtimes, only_page: false }
    }

    /// The demo page alone, in the browsers that are named, or in all if none is.
    pub(crate) fn of_page(named: &[Browser]) -> Self {
        let browsers = if named.is_empty() { Browser::ALL.to_vec() } else { named.to_vec() };
        Self { native: false, browsers, runtimes: false, only_page: true }
    }
}

/// Runs the parts, each step even if one before it failed.
pub(crate) fn run(selection: &Selection) -> Result<ExitCode> {
    let mut report = Report::new();
    let web = set_up(&mut report, selection);
    if selection.native {
        native(&mut report);
    }
    if let Some((tools, browsers)) = web {
        if !selection.browsers.is_empty() && !selection.only_page {
            browser(&mut report, &tools, &browsers)?;
        }
        if !selection.browsers.is_empty() {
            page(&mut report, &tools, &browsers);
        }
        if selection.runtimes {
            runtimes::tests(&mut report, &tools)?;
        }
    }
    Ok(report.finish())
}

fn set_up(report: &mut Report, selection: &Selection) -> Option<(WasmTools, Vec<Driven>)> {
    if selection.browsers.is_empty() && !selection.runtimes {
        return None;
    }
    let tools = report.prepare("set-up: wasm32 and its tools", WasmTools::ensure)?;
    Some((tools, setup::browsers(report, &selection.browsers)))
}

fn native(report: &mut Report) {
    report.command("rustfmt", &mut cargo("fmt --all --check"));
    report.command("rustfmt, fuzz", &mut cargo("fmt --manifest-path fuzz/Cargo.toml --check"));
    for workspace in WORKSPACES {
        let tree = format!("tree --locked --depth 0 --manifest-path {workspace}/Cargo.toml");
        report.command(&format!("lock file of {workspace}"), &mut cargo(&tree));
    }
    tidy::check(report);
    report.check("tidy: the map in ARCHITECTURE.md names the folders and files that there are", map::check);
    report.check("tidy: the browser target has no native dependencies", tree::check);
    report.command("package", &mut cargo("package --no-verify --allow-dirty"));
    let clippy = "clippy --workspace --all-targets --features websocket-anywhere/http2,websocket-anywhere/test-util,websocket-anywhere/tracing -- -D warnings";
    report.command("clippy, native", &mut cargo(clippy));
    let without = "clippy --package websocket-anywhere --lib -- -D warnings";
    report.command("clippy, native, without features", &mut cargo(without));
    report.command("docs, native", strict_docs(&mut cargo(DOCS)));
    // Two builds, of the features of the library and of those of this program; all together would be a third.
    report.tests("tests, native", &mut cargo(&format!("test {LIBRARY} --no-fail-fast")));
    if let Some(servers) = report.prepare("set-up: servers of the interop tests", Servers::ensure) {
        // They are ignored, for a plain `cargo test` must not need Python and Node.
        let tests = format!("test {LIBRARY} --test it --no-fail-fast -- --ignored native::interop::");
        report.tests("tests, interop", servers.apply(&mut cargo(&tests)));
    }
    gateways::check(report);
    let rest = "test --package websocket-anywhere-peer --package www --package xtask --no-fail-fast";
    report.tests("tests, peer, page and xtask", &mut cargo(rest));
    for (example, arguments) in examples::ALL {
        let mut run = cargo(&format!("run {LIBRARY} --example {example} --"));
        report.command(&format!("example {example}"), run.args(*arguments));
    }
    desktop::check(report);
    packages::native(report);
}

fn browser(report: &mut Report, tools: &WasmTools, browsers: &[Driven]) -> Result<()> {
    let clippy = format!(
        "clippy --package websocket-anywhere --package www --package bench-browser --package bench-size \
         --target {WASM_TARGET} --lib --tests -- -D warnings"
    );
    report.command("clippy, browser", &mut tools.cargo(&clippy));
    let with = format!("clippy {LIBRARY} --target {WASM_TARGET} --lib -- -D warnings");
    report.command("clippy, browser, with features", &mut tools.cargo(&with));
    let docs = format!("{DOCS} --target {WASM_TARGET}");
    report.command("docs, browser", strict_docs(&mut tools.cargo(&docs)));
    for driven in browsers {
        suites(report, tools, driven)?;
    }
    Ok(())
}

/// The demo page, used as people use it.
fn page(report: &mut Report, tools: &WasmTools, browsers: &[Driven]) {
    // A page that was built before would not be the one to test.
    if report.command("page, build", &mut tools.wasm_pack()) {
        report.check("page, no native imports", page::imports_only_its_glue);
        report.check("page, its files are served with their types, compressed", page::served::as_it_should);
        for driven in browsers {
            report.check(&format!("page, {}", driven.browser.name()), || page::works_in(driven));
        }
    }
}

/// The browser tests, in a window; in Chromium with either of its sockets, in a worker, and a few of them elsewhere.
fn suites(report: &mut Report, tools: &WasmTools, driven: &Driven) -> Result<()> {
    let name = driven.browser.name();
    packages::browser(report, tools, driven)?;
    if driven.browser == Browser::Firefox {
        report.tests(&format!("tests, {name} window"), &mut window(tools, driven)?);
        return Ok(());
    }
    for transport in [Transport::WebSocketStream, Transport::WebSocket] {
        let mut by_transport = window(tools, driven)?;
        by_transport.env(transport::VARIABLE, transport.name());
        report.tests(&format!("tests, {name} window, by {}", transport.name()), &mut by_transport);
    }
    report.tests(&format!("tests, {name} worker"), window(tools, driven)?.env(runner::WORKER, "1"));
    for (place, variable) in [("shared worker", runner::SHARED_WORKER), ("service worker", runner::SERVICE_WORKER)] {
        let mut smoke = window(tools, driven)?;
        report.tests(&format!("smoke test, {name} {place}"), smoke.args(SMOKE).env(variable, "1"));
    }
    // The other way round: the server is native, and the browser as it is the client.
    let of_server = format!("test {LIBRARY} --test it -- --ignored native::http2::chromium::");
    report.tests(&format!("tests, {name} as the client over HTTP/2"), &mut cargo(&of_server));
    threads::tests(report, driven)
}

/// The library, with the features that its tests and examples need.
pub(crate) const LIBRARY: &str = "--package websocket-anywhere --features http2,tracing";

/// The docs as they are published, with all features.
const DOCS: &str = "doc --no-deps --package websocket-anywhere --features http2,test-util,tracing";

/// The workspaces beside that of the library, whose lock files follow its dependencies.
const WORKSPACES: [&str; 4] = ["fuzz", "examples/browser", "examples/desktop", "tests/outside"];

/// Limits the browser tests to those that must pass everywhere.
pub(crate) const SMOKE: [&str; 2] = ["--", "smoke::"];

/// The browser tests, in a window of this browser.
fn window(tools: &WasmTools, driven: &Driven) -> Result<Command> {
    let mut command = suite(tools)?;
    command.env(driven.browser.driver_variable(), &driven.driver);
    Ok(command)
}

/// The browser tests, wherever the variables of the runner say.
pub(crate) fn suite(tools: &WasmTools) -> Result<Command> {
    let mut command = tools.cargo(&format!("test --target {WASM_TARGET} --test it"));
    run_in_browsers(&mut command)?;
    Ok(command)
}

/// Makes this program the runner of the tests: the configured one asks cargo for it.
pub(crate) fn run_in_browsers(tests: &mut Command) -> Result<()> {
    for browser in Browser::ALL {
        tests.env_remove(browser.driver_variable());
    }
    let this = env::current_exe()?;
    tests.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", format!("{} wasm-runner", this.display()));
    Ok(())
}

fn strict_docs(command: &mut Command) -> &mut Command {
    command.env("RUSTDOCFLAGS", "-D warnings")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_named_is_everything() {
        let all = Selection::new(false, &[], false);
        assert!(all.native && all.runtimes);
        assert_eq!(all.browsers, Browser::ALL);
    }

    #[test]
    fn only_what_is_named_runs() {
        let firefox = Selection::new(false, &[Browser::Firefox, Browser::Firefox], false);
        assert!(!firefox.native && !firefox.runtimes);
        assert_eq!(firefox.browsers, [Browser::Firefox]);
        assert!(Selection::new(true, &[], false).browsers.is_empty());
        let runtimes = Selection::new(false, &[], true);
        assert!(runtimes.runtimes && !runtimes.native && runtimes.browsers.is_empty());
    }

    #[test]
    fn the_page_alone_runs_in_every_browser_or_in_those_that_are_named() {
        let everywhere = Selection::of_page(&[]);
        assert!(everywhere.only_page && !everywhere.native && !everywhere.runtimes);
        assert_eq!(everywhere.browsers, Browser::ALL);
        assert_eq!(Selection::of_page(&[Browser::Firefox]).browsers, [Browser::Firefox]);
    }
}
