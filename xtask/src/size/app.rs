//! One program: how it is built, made small and weighed.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use brotli::CompressorWriter;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::project::{self, WASM_TARGET};
use crate::setup::WasmTools;
use crate::{npm, process};

/// No client: the executor, and what calls it.
pub(super) const NONE: &str = "none";
/// What one would write by hand.
pub(super) const WEB_SYS: &str = "web-sys";
/// This crate.
pub(super) const OURS: &str = "websocket-anywhere";

/// The clients: features of the package `bench-size`, but for the first.
pub(super) const CLIENTS: &[&str] = &[
    NONE,
    WEB_SYS,
    OURS,
    "gloo-net",
    "tokio-tungstenite-wasm",
    "websock",
    "ewebsock",
    "ws_stream_wasm",
    "websocket-web",
    "async-wsocket",
];

/// What makes programs small.
#[derive(Debug)]
pub(super) struct Minifiers {
    wasm_opt: PathBuf,
    esbuild: PathBuf,
}

/// A program as it would be served.
#[derive(Debug)]
pub(super) struct App {
    pub(super) client: &'static str,
    pub(super) wasm: Weight,
    pub(super) glue: Weight,
}

/// Bytes, as they are and compressed as much as can be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weight {
    pub(super) raw: usize,
    pub(super) gzip: usize,
    pub(super) brotli: usize,
}

impl Minifiers {
    pub(super) fn ensure() -> Result<Self> {
        Ok(Self { wasm_opt: npm::WASM_OPT.ensure()?, esbuild: npm::ESBUILD.ensure()? })
    }
}

impl App {
    /// Builds the program into a folder of its own.
    pub(super) fn build(client: &'static str, folder: &Path, tools: &WasmTools, minifiers: &Minifiers) -> Result<Self> {
        let mut build = tools.cargo(&format!("build --profile size --package bench-size --target {WASM_TARGET}"));
        if client != NONE {
            build.args(["--features", client]);
        }
        process::run(&mut build)?;
        let folder = folder.join(client);
        let module = project::target()?.join(WASM_TARGET).join("size/bench_size.wasm");
        let mut bindgen = Command::new(tools.wasm_bindgen());
        bindgen.args(["--target", "web", "--no-typescript", "--remove-name-section", "--remove-producers-section"]);
        process::run(bindgen.arg("--out-dir").arg(&folder).arg(module))?;
        let (wasm, glue) = (folder.join("bench_size_bg.wasm"), folder.join("bench_size.js"));
        let mut optimise = Command::new(&minifiers.wasm_opt);
        let features = FEATURES.iter().map(|feature| format!("--enable-{feature}"));
        process::run(optimise.arg("-Oz").args(features).arg("-o").args([&wasm, &wasm]))?;
        let mut minify = Command::new(&minifiers.esbuild);
        minify.args(["--minify", "--format=esm", "--log-level=warning", "--allow-overwrite"]);
        process::run(minify.arg(&glue).arg(format!("--outfile={}", glue.display())))?;
        Ok(Self { client, wasm: Weight::of(&wasm)?, glue: Weight::of(&glue)? })
    }

    /// Both files together.
    pub(super) fn total(&self) -> Weight {
        let Self { wasm, glue, .. } = self;
        Weight { raw: wasm.raw + glue.raw, gzip: wasm.gzip + glue.gzip, brotli: wasm.brotli + glue.brotli }
    }
}

impl Weight {
    fn of(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self { raw: bytes.len(), gzip: gzip(&bytes)?, brotli: brotli(&bytes)? })
    }
}

fn gzip(bytes: &[u8]) -> io::Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

fn brotli(bytes: &[u8]) -> io::Result<usize> {
    let mut encoder = CompressorWriter::new(Vec::new(), BUFFER_SIZE, BEST_QUALITY, LARGEST_WINDOW);
    encoder.write_all(bytes)?;
    Ok(encoder.into_inner().len())
}

/// What rustc and wasm-bindgen use of WebAssembly, and every browser knows.
const FEATURES: &[&str] =
    &["bulk-memory", "multivalue", "mutable-globals", "nontrapping-float-to-int", "reference-types", "sign-ext"];

const BUFFER_SIZE: usize = 4096;
const BEST_QUALITY: u32 = 11;
/// As a power of two.
const LARGEST_WINDOW: u32 = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_weighs_little() {
        let bytes = b"abcdefgh".repeat(1000);
        assert!((1..100).contains(&gzip(&bytes).expect("memory takes all")));
        assert!((1..50).contains(&brotli(&bytes).expect("memory takes all")));
    }

    #[test]
    fn every_client_is_a_feature() {
        let manifest = include_str!("../../../benches/size/Cargo.toml");
        for client in CLIENTS.iter().filter(|client| **client != NONE) {
            assert!(manifest.contains(&format!("\n{client} = [\"dep:")), "{client}");
        }
    }
}
