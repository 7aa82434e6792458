//! The build for wasm threads, whose standard library nobody ships: it takes a nightly toolchain with its source.

use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::project::WASM_TARGET;
use crate::report::Report;
use crate::setup::Driven;
use crate::test;

/// Runs the tests of threads that share memory, where the toolchain can build for it. The rest of the suite passes as well, but
/// takes as long as without them.
pub(crate) fn tests(report: &mut Report, driven: &Driven) -> Result<()> {
    if has_source() {
        report.tests("tests, threads", &mut command(driven)?);
    } else {
        println!("\n==> tests, threads: left out, as there is no nightly toolchain with rust-src");
    }
    Ok(())
}

fn command(driven: &Driven) -> Result<Command> {
    // By rustup's compiler, whichever builds the other tests; apart, as other flags would build everything anew each time.
    let mut command = process::cargo(&format!(
        "test --target {WASM_TARGET} --test it -Z build-std=std,panic_abort --target-dir target/threads -- threads::"
    ));
    test::run_in_browsers(&mut command)?;
    command
        .env(driven.browser.driver_variable(), &driven.driver)
        .env("RUSTUP_TOOLCHAIN", NIGHTLY)
        .env("RUSTFLAGS", flags());
    Ok(command)
}

/// Memory that the page makes and hands to each thread, which finds its own part of it by what is exported.
fn flags() -> String {
    let features = "-C target-feature=+atomics,+bulk-memory,+mutable-globals".to_owned();
    let exports = ["__wasm_init_tls", "__tls_size", "__tls_align", "__tls_base"].map(|name| format!("--export={name}"));
    let linking = ["--shared-memory", "--import-memory", "--max-memory=1073741824"].map(str::to_owned);
    linking.into_iter().chain(exports).fold(features, |flags, argument| flags + " -C link-arg=" + &argument)
}

fn has_source() -> bool {
    let sysroot = process::output(Command::new("rustc").arg("--print=sysroot").env("RUSTUP_TOOLCHAIN", NIGHTLY));
    sysroot.is_ok_and(|path| {
        let source = "lib/rustlib/src/rust/library/Cargo.lock";
        std::path::Path::new(path.trim_end()).join(source).exists()
    })
}

const NIGHTLY: &str = "nightly";
