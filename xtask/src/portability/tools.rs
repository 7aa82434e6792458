//! Compilers and emulators: installed when the first target needs them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::targets::System;
use crate::{apt, process, project};

/// What has been installed so far.
#[derive(Debug, Default)]
pub(super) struct Tools {
    zig: Option<Zig>,
}

/// zig, which compiles and links C for every target, and `cargo zigbuild`, which gives it to cargo.
#[derive(Clone, Debug)]
struct Zig {
    python: PathBuf,
    zigbuild: PathBuf,
}

impl Tools {
    /// Gives a check a compiler for the C of dependencies. Nothing is linked, so it may be one for a system that is like it.
    pub(super) fn give_compiler(&mut self, cargo: &mut Command, target: &str, zig_target: &str) -> Result<()> {
        let folder = project::target()?.join("portability");
        // A system's headers and libraries, which none of this C needs.
        let empty = folder.join("sdk");
        fs::create_dir_all(&empty).with_context(|| format!("cannot create {}", empty.display()))?;
        let script = folder.join(format!("cc-{target}"));
        let python = self.zig()?.python;
        let text = COMPILER.replace("PYTHON", &python.display().to_string()).replace("TARGET", zig_target);
        write_program(&script, &text)?;
        // What calls it for MSVC gives it the options of Microsoft's.
        let archiver_name = if target.ends_with("-msvc") { "lib" } else { "ar" };
        let archiver = folder.join(archiver_name);
        let text = ARCHIVER.replace("PYTHON", &python.display().to_string()).replace("NAME", archiver_name);
        write_program(&archiver, &text)?;
        let variable = target.replace('-', "_");
        cargo.env(format!("CC_{variable}"), script).env(format!("AR_{variable}"), archiver).env("SDKROOT", empty);
        Ok(())
    }

    /// The start of a command that builds tests for this system and runs them.
    pub(super) fn tests(&mut self, system: System, target: &str) -> Result<Command> {
        if system == System::Wine {
            return windows_tests(target);
        }
        let zigbuild = self.zig()?.zigbuild;
        let cargo = process::cargo("test");
        // It is called by its own name, and finds zig's Python in the PATH.
        let mut tests = Command::new(&zigbuild);
        tests.args(cargo.get_args()).current_dir(project::root());
        for (name, value) in cargo.get_envs() {
            match value {
                Some(value) => tests.env(name, value),
                None => tests.env_remove(name),
            };
        }
        process::prepend_path(&mut tests, zigbuild.parent().context("cargo-zigbuild is in no folder")?);
        match system {
            System::Here | System::Wine => {}
            System::HereWith { package } => ensure_file(Path::new("/lib32/libc.so.6"), package)?,
            System::Qemu { emulator, libraries, package } => {
                ensure_file(&Path::new(libraries).join("lib/libc.so.6"), package)?;
                ensure_program(emulator, "qemu-user")?;
                tests.env(variable(target, "RUNNER"), format!("{emulator} -L {libraries}"));
            }
        }
        Ok(tests)
    }

    fn zig(&mut self) -> Result<Zig> {
        if let Some(zig) = &self.zig {
            return Ok(zig.clone());
        }
        let folder = project::cache()?.join(format!("zig-{ZIG}-{ZIGBUILD}"));
        let bin = folder.join("bin");
        let zig = Zig { python: bin.join("python"), zigbuild: bin.join("cargo-zigbuild") };
        if !zig.zigbuild.exists() {
            install_by_pip(&folder, &[format!("ziglang=={ZIG}"), format!("cargo-zigbuild=={ZIGBUILD}")])?;
        }
        self.zig = Some(zig.clone());
        Ok(zig)
    }
}

/// Makes an environment of Python's with these packages.
pub(super) fn install_by_pip(folder: &Path, packages: &[String]) -> Result<()> {
    if which::which("python3").is_err() {
        apt::install(&["python3-venv"])?;
    }
    process::run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
    let pip = ["-m", "pip", "install", "--quiet"];
    process::run(Command::new(folder.join("bin/python")).args(pip).args(packages))
}

/// The standard library of a target.
pub(super) fn add_target(toolchain: &str, target: &str) -> Result<()> {
    process::run(Command::new("rustup").args(["target", "add", "--toolchain", toolchain, target]))
}

fn windows_tests(target: &str) -> Result<Command> {
    ensure_program("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64")?;
    let wine = [Path::new("/usr/lib/wine/wine64"), Path::new("/usr/bin/wine64")];
    let found = || wine.into_iter().find(|path| path.exists());
    if found().is_none() {
        apt::install(&["wine64"])?;
    }
    let wine = found().context("wine64 is missing")?;
    let mut tests = process::cargo("test");
    let prefix = project::target()?.join("portability/wine");
    fs::create_dir_all(&prefix).with_context(|| format!("cannot create {}", prefix.display()))?;
    tests.env(variable(target, "RUNNER"), wine).env("WINEPREFIX", prefix).env("WINEDEBUG", "-all");
    Ok(tests)
}

fn variable(target: &str, what: &str) -> String {
    format!("CARGO_TARGET_{}_{what}", target.replace('-', "_").to_uppercase())
}

fn ensure_program(program: &str, package: &str) -> Result<()> {
    if which::which(program).is_ok() { Ok(()) } else { apt::install(&[package]) }
}

fn ensure_file(path: &Path, package: &str) -> Result<()> {
    if path.exists() { Ok(()) } else { apt::install(&[package]) }
}

fn write_program(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    make_executable(path)
}

#[cfg(unix)]
fn make_executable(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o755))?)
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> Result<()> {
    anyhow::bail!("cargo xtask portability needs Linux")
}

const ZIG: &str = "0.17.1";
const ZIGBUILD: &str = "0.24.1";

/// zig names targets by `-target` in its own way, and has the headers of systems by itself.
const COMPILER: &str = r#"#!/bin/sh
for argument do
    shift
    case $argument in
    --target=* | -march=armv7-a | -mfloat-abi=* | -arch | -isysroot | "$SDKROOT" | -miphoneos-version-min=* | -mios-version-min=*) ;;
    *) set -- "$@" "$argument" ;;
    esac
done
exec "PYTHON" -m ziglang cc -target TARGET "$@"
"#;

const ARCHIVER: &str = "#!/bin/sh\nexec \"PYTHON\" -m ziglang NAME \"$@\"\n";
