//! `cargo xtask size`: what each client adds to a page.

mod app;
mod page;
mod table;

use std::fs;
use std::process::ExitCode;

use anyhow::{Context as _, Result};

use self::app::{App, Minifiers};
use crate::browser::Browser;
use crate::setup::{Driven, WasmTools};
use crate::{project, reaper};

/// Builds the echo program with each client, sees it work, weighs it, and prints and writes the table.
pub(crate) fn run(check: bool) -> Result<ExitCode> {
    let tools = WasmTools::ensure()?;
    let minifiers = Minifiers::ensure()?;
    let driven = Driven { browser: Browser::Chromium, driver: Browser::Chromium.ensure()? };
    let folder = project::target()?.join("bench/size");
    let apps: Vec<App> =
        app::CLIENTS.iter().map(|client| App::build(client, &folder, &tools, &minifiers)).collect::<Result<_>>()?;
    let worked = tokio::runtime::Runtime::new()?.block_on(page::all_work(&folder, &driven));
    reaper::end_descendants();
    worked?;
    print!("{}", table::shown(&apps));
    let path = project::target()?.join("bench/size.tsv");
    fs::write(&path, table::tsv(&apps)).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{} written", path.display());
    Ok(if check && !table::check(&apps) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
