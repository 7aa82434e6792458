//! What the browser parts need before they can run: only what is missing is installed.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::browser::Browser;
use crate::report::Report;
use crate::wasm_std::WasmStd;
use crate::{process, project, tools};

/// What compiles and runs wasm.
#[derive(Debug)]
pub(crate) struct WasmTools {
    std: WasmStd,
    /// Not in `PATH` by itself; wasm-pack looks for wasm-bindgen beside it.
    bindgen_folder: PathBuf,
    wasm_pack: PathBuf,
}

/// A browser that is there.
#[derive(Debug)]
pub(crate) struct Driven {
    pub(crate) browser: Browser,
    pub(crate) driver: PathBuf,
}

impl WasmTools {
    /// Finds the tools, after installing what is missing.
    pub(crate) fn ensure() -> Result<Self> {
        let std = WasmStd::ensure()?;
        let runner = tools::wasm_bindgen_test_runner()?.ensure()?;
        let bindgen_folder = runner.parent().expect("a program is in a folder").to_owned();
        Ok(Self { std, bindgen_folder, wasm_pack: tools::wasm_pack().ensure()? })
    }

    /// A cargo command that builds for wasm32.
    pub(crate) fn cargo(&self, arguments: &str) -> Command {
        let mut command = process::cargo(arguments);
        self.std.apply(&mut command);
        command
    }

    /// The program that writes the JavaScript beside a module.
    pub(crate) fn wasm_bindgen(&self) -> PathBuf {
        self.bindgen_folder.join("wasm-bindgen")
    }

    /// The command that builds the demo page.
    pub(crate) fn wasm_pack(&self) -> Command {
        let mut command = Command::new(&self.wasm_pack);
        let mode = self.std.wasm_pack_mode();
        command.args(["build", "www", "--target", "web", "--mode", mode]).current_dir(project::root());
        self.std.apply(&mut command);
        process::prepend_path(&mut command, &self.bindgen_folder);
        command
    }
}

/// The browsers of the selection that are there, after installing what is missing. Each missing one is a failure.
pub(crate) fn browsers(report: &mut Report, selected: &[Browser]) -> Vec<Driven> {
    let ensure = |browser: &Browser| {
        let driver = report.prepare(&format!("set-up: {}", browser.name()), || browser.ensure())?;
        Some(Driven { browser: *browser, driver })
    };
    selected.iter().filter_map(ensure).collect()
}
