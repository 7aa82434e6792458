//! What wasm-bindgen makes of the echo program for each of its targets is loaded by who it is for, and echoes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use fantoccini::Client;
use peer::Peer;
use tower_http::services::ServeDir;

use super::table::Outcome;
use crate::browser::{Browser, Colours};
use crate::project::{self, WASM_TARGET};
use crate::setup::{Driven, WasmTools};
use crate::tally::Tally;
use crate::web::Driver;
use crate::{npm, process, reaper, serve};

/// A target of wasm-bindgen.
struct Target {
    name: &'static str,
    /// The program that loads the module, by its file.
    main: (&'static str, &'static str),
    loader: Loader,
}

#[derive(Clone, Copy)]
enum Loader {
    Node,
    Deno,
    /// Chromium, after webpack if it is to be bundled.
    Page {
        html: &'static str,
        is_bundled: bool,
    },
}

const TARGETS: [Target; 5] = [
    Target { name: "nodejs", main: ("main.cjs", COMMON_JS), loader: Loader::Node },
    Target { name: "deno", main: ("main.mjs", MODULE), loader: Loader::Deno },
    Target { name: "web", main: ("main.mjs", WEB), loader: Loader::Page { html: MODULE_PAGE, is_bundled: false } },
    Target {
        name: "no-modules",
        main: ("main.mjs", NO_MODULES),
        loader: Loader::Page { html: SCRIPT_PAGE, is_bundled: false },
    },
    Target {
        name: "bundler",
        main: ("main.mjs", BUNDLER),
        loader: Loader::Page { html: BUNDLE_PAGE, is_bundled: true },
    },
];

/// Loads each.
pub(super) fn targets(outcome: &mut Outcome) -> Result<()> {
    let tools = WasmTools::ensure()?;
    let build = format!("build --package bench-size --features websocket-anywhere --target {WASM_TARGET}");
    process::run(&mut tools.cargo(&build))?;
    outcome.built = Some(true);
    let peer = Peer::start()?;
    let mut tally = Tally::default();
    for target in &TARGETS {
        match made(target, &tools, &peer.url("/echo")).and_then(|folder| echoes(target.loader, &folder)) {
            Ok(()) => tally.passed += 1,
            Err(error) => {
                println!("FAILED: {}: {error:#}", target.name);
                tally.failed += 1;
            }
        }
    }
    outcome.tally = Some(tally);
    Ok(())
}

/// The folder with what wasm-bindgen has made, and what loads it.
fn made(target: &Target, tools: &WasmTools, url: &str) -> Result<PathBuf> {
    let built = project::target()?;
    let folder = built.join("portability/bindgen").join(target.name);
    let module = built.join(WASM_TARGET).join("debug/bench_size.wasm");
    let mut bindgen = Command::new(tools.wasm_bindgen());
    bindgen.args(["--target", target.name, "--no-typescript", "--out-dir"]);
    process::run(bindgen.arg(&folder).arg(module))?;
    let (file, program) = target.main;
    write(&folder.join(file), &program.replace("URL", url).replace("TEXT", TEXT))?;
    if let Loader::Page { html, .. } = target.loader {
        write(&folder.join("index.html"), html)?;
    }
    Ok(folder)
}

fn echoes(loader: Loader, folder: &Path) -> Result<()> {
    let echoed = loaded(loader, folder)?;
    ensure!(echoed.trim() == TEXT, "it gave {echoed:?}");
    Ok(())
}

/// What has come back.
fn loaded(loader: Loader, folder: &Path) -> Result<String> {
    match loader {
        Loader::Node => process::output(Command::new(npm::NODE.ensure()?).arg(folder.join("main.cjs"))),
        Loader::Deno => {
            let mut deno = Command::new(npm::DENO.ensure()?);
            process::output(deno.args(["run", "--allow-all", "--quiet"]).arg(folder.join("main.mjs")))
        }
        Loader::Page { is_bundled, .. } => {
            if is_bundled {
                write(&folder.join("webpack.config.cjs"), WEBPACK)?;
                process::run(Command::new(npm::WEBPACK.ensure()?).current_dir(folder))?;
            }
            let driven = Driven { browser: Browser::Chromium, driver: Browser::Chromium.ensure()? };
            let echoed = tokio::runtime::Runtime::new()?.block_on(opened(&driven, folder));
            reaper::end_descendants();
            echoed
        }
    }
}

/// What has come back in a browser that opens the folder's page.
async fn opened(driven: &Driven, folder: &Path) -> Result<String> {
    let (listener, address) = serve::listen(0).await?;
    let site = Router::new().fallback_service(ServeDir::new(folder));
    let serving = tokio::spawn(async move { axum::serve(listener, site).await });
    let driver = Driver::start(&driven.driver)?;
    let client = driver.open(driven, Colours::Light).await?;
    let echoed = echoed(&client, &format!("http://{address}/")).await;
    let closed = client.close().await;
    serving.abort();
    let echoed = echoed?;
    closed.context("the browser does not close")?;
    Ok(echoed)
}

async fn echoed(client: &Client, page: &str) -> Result<String> {
    client.goto(page).await?;
    let echoed = client.execute_async(WAIT, Vec::new()).await?;
    Ok(echoed.as_str().context("no text")?.to_owned())
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

const TEXT: &str = "Hello, World!";

const COMMON_JS: &str = "require('./bench_size.js').echo('URL', 'TEXT').then(console.log);\n";
const MODULE: &str = "import { echo } from './bench_size.js';\nconsole.log(await echo('URL', 'TEXT'));\n";
const WEB: &str =
    "import init, { echo } from './bench_size.js';\nglobalThis.echoed = init().then(() => echo('URL', 'TEXT'));\n";
const NO_MODULES: &str =
    "globalThis.echoed = wasm_bindgen('bench_size_bg.wasm').then(() => wasm_bindgen.echo('URL', 'TEXT'));\n";
/// webpack takes WebAssembly only in what is loaded later.
const BUNDLER: &str = "globalThis.echoed = import('./bench_size.js').then(({ echo }) => echo('URL', 'TEXT'));\n";

const MODULE_PAGE: &str = "<!doctype html><script type=module src=main.mjs></script>\n";
const SCRIPT_PAGE: &str =
    "<!doctype html><script src=bench_size.js></script><script type=module src=main.mjs></script>\n";
const BUNDLE_PAGE: &str = "<!doctype html><script src=dist/main.js></script>\n";

const WEBPACK: &str =
    "module.exports = { mode: 'development', entry: './main.mjs', experiments: { asyncWebAssembly: true } };\n";

const WAIT: &str = "const done = arguments[0]; globalThis.echoed.then(done, (error) => done(`failed: ${error}`));";
