//! The standard library for wasm32-unknown-unknown: rustup's, or built from the sources of Debian's compiler.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::project::WASM_TARGET;
use crate::{apt, process};

/// Where the standard library comes from.
#[derive(Debug)]
pub(crate) enum WasmStd {
    /// It is installed beside the compiler.
    Installed,
    /// Cargo builds it, from Debian's sources by Debian's compiler.
    Built { linker: PathBuf },
}

impl WasmStd {
    /// Finds the library, after installing it if it is missing.
    pub(crate) fn ensure() -> Result<Self> {
        if is_installed()? {
            return Ok(Self::Installed);
        }
        let added = process::run(Command::new("rustup").args(["target", "add", WASM_TARGET]));
        if added.is_ok() && is_installed()? {
            return Ok(Self::Installed);
        }
        println!("rustup cannot add {WASM_TARGET}; trying the compiler of Debian with the source of its library");
        Self::of_debian().with_context(|| {
            format!(
                "no standard library for {WASM_TARGET}: `rustup target add {WASM_TARGET}` must work, or on Debian apt"
            )
        })
    }

    /// Gives a command that runs cargo for wasm32 what it needs.
    pub(crate) fn apply(&self, command: &mut Command) {
        let Self::Built { linker } = self else { return };
        command
            .env("RUSTC", DEBIAN_RUSTC)
            .env("RUSTDOC", DEBIAN_RUSTDOC)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        // Clippy belongs to its compiler: Debian's must be found before rustup's.
        process::prepend_path(command, Path::new("/usr/bin"));
    }

    /// Otherwise wasm-pack looks for an installed library before it builds.
    pub(crate) fn wasm_pack_mode(&self) -> &'static str {
        match self {
            Self::Installed => "no-install",
            Self::Built { .. } => "force",
        }
    }

    fn of_debian() -> Result<Self> {
        let linker = rustup_linker()?;
        ensure!(linker.exists(), "{} is missing", linker.display());
        apt::install(&["rustc-web", "rust-web-src", "rust-web-clippy"])?;
        Ok(Self::Built { linker })
    }
}

const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_RUSTDOC: &str = "/usr/bin/rustdoc";

fn is_installed() -> Result<bool> {
    let query = ["--print", "target-libdir", "--target", WASM_TARGET];
    let folder = process::output(Command::new("rustc").args(query))?;
    // The folder is named whether it exists or not.
    Ok(Path::new(folder.trim_end()).is_dir())
}

/// The linker that rustup's toolchain brings along: Debian's compiler has none for wasm.
fn rustup_linker() -> Result<PathBuf> {
    let folder = process::output(Command::new("rustc").args(["--print", "target-libdir"]))?;
    let folder = Path::new(folder.trim_end()).parent().context("the compiler has no library folder")?;
    Ok(folder.join("bin/rust-lld"))
}
