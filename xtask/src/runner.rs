//! The runner of wasm test binaries: the peer, and wasm-bindgen-test-runner beside it.

use std::env;
use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};
use peer::Peer;

use crate::browser::Browser;
use crate::{process, project, reaper, tools, transport};

/// The tool's own limit is 20 seconds for all tests together.
const TIMEOUT_SECONDS: &str = "180";
const WINDOW: &str = "WASM_BINDGEN_USE_BROWSER";
pub(crate) const WORKER: &str = "WASM_BINDGEN_USE_DEDICATED_WORKER";
pub(crate) const SHARED_WORKER: &str = "WASM_BINDGEN_USE_SHARED_WORKER";
pub(crate) const SERVICE_WORKER: &str = "WASM_BINDGEN_USE_SERVICE_WORKER";
pub(crate) const NODE: &str = "WASM_BINDGEN_USE_NODE_EXPERIMENTAL";

/// Runs a wasm test binary. What the environment leaves open is: a window of Chromium.
pub(crate) fn run(arguments: &[OsString]) -> Result<ExitCode> {
    let mut command = Command::new(tools::wasm_bindgen_test_runner()?.ensure()?);
    command.args(arguments).env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", transport::webdriver_json()?);
    if !is_set("WASM_BINDGEN_TEST_TIMEOUT") {
        command.env("WASM_BINDGEN_TEST_TIMEOUT", TIMEOUT_SECONDS);
    }
    if ![WORKER, SHARED_WORKER, SERVICE_WORKER, NODE].into_iter().any(is_set) {
        command.env(WINDOW, "1");
    }
    if !is_set(NODE) && !Browser::ALL.iter().any(|browser| is_set(browser.driver_variable())) {
        command.env(Browser::Chromium.driver_variable(), Browser::Chromium.ensure()?);
    }
    let port = project::peer_port()?;
    let _peer = Peer::start_on(port)
        .with_context(|| format!("the peer of the tests cannot listen on port {port} of PEER_URL"))?;
    let status = process::spawn(&mut command)?.wait()?;
    reaper::end_descendants();
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn is_set(variable: &str) -> bool {
    env::var_os(variable).is_some()
}
