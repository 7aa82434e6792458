//! The build for wasm threads, whose standard library nobody ships: it takes a nightly toolchain with its source.

use std::process::Command;

use crate::process;
use crate::project::WASM_TARGET;
use crate::report::Report;

/// Checks the library with memory that threads share, where the toolchain can build for it.
pub(crate) fn check(report: &mut Report) {
    if has_source() {
        report.command("check, browser with threads", &mut command());
    } else {
        println!("\n==> check, browser with threads: left out, as there is no nightly toolchain with rust-src");
    }
}

fn command() -> Command {
    let check = format!("check --package websocket-anywhere --target {WASM_TARGET} -Z build-std=std,panic_abort");
    let mut command = process::cargo(&check);
    // Builds apart: other flags would build everything anew each time.
    command
        .args(["--target-dir", "target/threads"])
        .env("RUSTUP_TOOLCHAIN", NIGHTLY)
        .env("RUSTFLAGS", "-C target-feature=+atomics,+bulk-memory,+mutable-globals");
    command
}

fn has_source() -> bool {
    let sysroot = process::output(Command::new("rustc").arg("--print=sysroot").env("RUSTUP_TOOLCHAIN", NIGHTLY));
    sysroot.is_ok_and(|path| {
        let source = "lib/rustlib/src/rust/library/Cargo.lock";
        std::path::Path::new(path.trim_end()).join(source).exists()
    })
}

const NIGHTLY: &str = "nightly";
