//! The comparison in headless Chromium: a page of its own for each run, the clients by turns.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};
use axum::Router;
use clap::{Parser as _, ValueEnum as _};
use fantoccini::Client as Browsing;
use tower_http::services::ServeDir;

use super::aims::{self, AIMS};
use super::arguments::{Arguments, Client};
use super::renderer;
use super::results::{self, Outcome, Runs};
use super::server::Server;
use super::workloads::{WORKLOADS, Workload};
use crate::browser::{Browser, Colours};
use crate::project::WASM_TARGET;
use crate::setup::{Driven, WasmTools};
use crate::web::Driver;
use crate::{process, project, reaper, serve};

/// Builds the page, runs everything, and prints and writes the tables.
pub(super) fn run(arguments: impl Iterator<Item = OsString>) -> Result<ExitCode> {
    let name = OsString::from("cargo xtask bench --browser");
    let arguments = Arguments::parse_from([name].into_iter().chain(arguments));
    let driven = Driven { browser: Browser::Chromium, driver: Browser::Chromium.ensure()? };
    let page = build()?;
    let server = Server::start()?;
    let outcomes = tokio::runtime::Runtime::new()?.block_on(compare(&arguments, &driven, &server, page));
    drop(server);
    reaper::end_descendants();
    let outcomes = outcomes?;
    write(&results::tsv(&outcomes))?;
    let is_met = !arguments.check || aims::check(AIMS, &outcomes);
    Ok(if is_met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Builds the module beside the page; gives the folder.
fn build() -> Result<PathBuf> {
    let tools = WasmTools::ensure()?;
    process::run(&mut tools.cargo(&format!("build --release --package bench-browser --target {WASM_TARGET}")))?;
    let folder = project::root().join("benches/browser/page");
    let module = project::target()?.join(WASM_TARGET).join("release/bench_browser.wasm");
    let mut bindgen = Command::new(tools.wasm_bindgen());
    bindgen.args(["--target", "web", "--no-typescript", "--out-dir"]).arg(folder.join("pkg")).arg(module);
    process::run(&mut bindgen)?;
    Ok(folder)
}

async fn compare(arguments: &Arguments, driven: &Driven, server: &Server, page: PathBuf) -> Result<Vec<Outcome>> {
    let (listener, address) = serve::listen(0).await?;
    let site = Router::new().fallback_service(ServeDir::new(page));
    tokio::spawn(async { axum::serve(listener, site).await });
    let driver = Driver::start(&driven.driver)?;
    let client = driver.open(driven, Colours::Light).await?;
    let page = format!("http://{address}/");
    let outcomes = all(arguments, &client, server, &page).await;
    client.close().await.context("the browser does not close")?;
    outcomes
}

async fn all(arguments: &Arguments, client: &Browsing, server: &Server, page: &str) -> Result<Vec<Outcome>> {
    renderer::enable(client).await?;
    let workloads: Vec<_> = if arguments.only.is_empty() { WORKLOADS.iter().collect() } else { arguments.only.clone() };
    let mut outcomes = Vec::new();
    for workload in workloads {
        let outcome = row(arguments, client, server, page, workload).await?;
        println!("{}", results::shown(&outcome));
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

/// Runs the clients by turns, so that what disturbs the machine for a while disturbs all of them.
async fn row(
    arguments: &Arguments,
    client: &Browsing,
    server: &Server,
    page: &str,
    workload: &'static Workload,
) -> Result<Outcome> {
    let clients = if arguments.clients.is_empty() { Client::value_variants() } else { &arguments.clients };
    let mut runs: Vec<_> = clients.iter().map(|&client| Runs::new(client)).collect();
    for _ in 0..arguments.rounds {
        for runs in &mut runs {
            // A client that cannot do it will not learn it.
            if runs.failure.is_none() {
                let job = workload.job(runs.client, server.address, arguments);
                runs.push(renderer::run(client, page, &job, arguments.milliseconds).await);
            }
        }
    }
    Ok(Outcome::new(workload, runs))
}

fn write(text: &str) -> Result<()> {
    let folder = project::target()?.join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let path: &Path = &folder.join("browser.tsv");
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{} written", path.display());
    Ok(())
}
