//! The house rules that no other tool checks.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use walkdir::{DirEntry, WalkDir};

use crate::report::Report;
use crate::{examples, project};

const FOLDERS: &[&str] = &["benches", "examples", "fuzz", "src", "tests", "www", "xtask"];
/// What no person has written: the output of builds, the inputs that fuzzers make, and the chart that the benchmark draws.
const GENERATED: &[&str] = &["Cargo.lock", "artifacts", "corpus", "coverage", "native.svg", "pkg", "target"];
const MOST_LINES: usize = 400;
const EXAMPLES: &str = include_str!("../../examples/README.md");

/// A text file of the repository.
struct Source {
    /// From the root, with slashes.
    path: String,
    text: String,
}

struct Rule {
    name: &'static str,
    reason: &'static str,
    /// What in a file breaks the rule.
    violations: fn(&Source) -> Vec<String>,
}

const RULES: &[Rule] = &[
    Rule {
        name: "only src/backend.rs names the target, and src/backend/native/os.rs operating systems",
        reason: "sockets are written once; targets differ behind one seam",
        violations: names_target,
    },
    Rule { name: "no file over 400 lines without docs", reason: "a file is read in one go", violations: too_long },
    Rule {
        name: "no loose ends in src",
        reason: "what is published is finished, and no input makes it panic",
        violations: loose_ends,
    },
    Rule {
        name: "every Rust file says first what it is",
        reason: "a reader knows where to look",
        violations: silent_start,
    },
    Rule {
        name: "every example is run",
        reason: "an example that nobody runs stops working",
        violations: unlisted_example,
    },
    Rule {
        name: "every example is in the table of examples/README.md",
        reason: "who looks for an example finds it there, with the command that runs it",
        violations: untabled_example,
    },
];

/// Checks each rule as a step of its own.
pub(crate) fn check(report: &mut Report) {
    let Some(sources) = report.prepare("tidy: read the sources", sources) else {
        return;
    };
    for rule in RULES {
        report.check(&format!("tidy: {} ({})", rule.name, rule.reason), || {
            let broken: Vec<String> = sources.iter().flat_map(rule.violations).collect();
            ensure!(broken.is_empty(), "\n  {}", broken.join("\n  "));
            Ok(())
        });
    }
}

fn sources() -> Result<Vec<Source>> {
    let folders = FOLDERS.iter().map(|folder| project::root().join(folder)).filter(|folder| folder.exists());
    let files = folders.flat_map(|folder| WalkDir::new(folder).into_iter().filter_entry(is_ours));
    files
        .filter(|entry| entry.as_ref().map_or(true, |entry| entry.file_type().is_file()))
        .map(|entry| read(&entry?))
        .collect()
}

fn is_ours(entry: &DirEntry) -> bool {
    !GENERATED.iter().any(|name| entry.file_name() == *name)
}

fn read(entry: &DirEntry) -> Result<Source> {
    let relative = entry.path().strip_prefix(project::root())?;
    let path = relative.to_str().with_context(|| format!("{} is not UTF-8", relative.display()))?.replace('\\', "/");
    let bytes = fs::read(entry.path()).with_context(|| format!("cannot read {path}"))?;
    Ok(Source { path, text: String::from_utf8_lossy(&bytes).into_owned() })
}

fn names_target(source: &Source) -> Vec<String> {
    const MAY: [&str; 2] = ["src/backend.rs", "src/backend/native/os.rs"];
    if !source.path.starts_with("src/") || MAY.contains(&source.path.as_str()) {
        return Vec::new();
    }
    const NAMES: [&str; 3] = ["target_arch", "target_family", "target_os"];
    lines_with(source, |line| NAMES.iter().any(|name| line.contains(name)))
}

fn too_long(source: &Source) -> Vec<String> {
    // Docs do not count: what belongs to one type would have to be spread over files for their sake.
    let is_code = |line: &&str| !is_rust(&source.path) || !line.trim_start().starts_with("///");
    let lines = source.text.lines().filter(is_code).count();
    if lines > MOST_LINES { vec![format!("{}: {lines} lines", source.path)] } else { Vec::new() }
}

fn loose_ends(source: &Source) -> Vec<String> {
    if !source.path.starts_with("src/") || source.path.ends_with("/tests.rs") {
        return Vec::new();
    }
    lines_with(source, |line| {
        let (code, comment) = line.split_once("//").unwrap_or((line, ""));
        let is_doc = code.trim().is_empty() && comment.starts_with(['/', '!']);
        let unfinished = ["TODO", "FIXME"].iter().any(|word| line.contains(word));
        let careless = ["dbg!", ".unwrap()"].iter().any(|word| code.contains(word));
        !is_doc && (unfinished || careless)
    })
}

fn silent_start(source: &Source) -> Vec<String> {
    let speaks = source.text.starts_with("//!") || source.text.starts_with("#![doc");
    if is_rust(&source.path) && !speaks { vec![source.path.clone()] } else { Vec::new() }
}

fn unlisted_example(source: &Source) -> Vec<String> {
    // An example is a file, or a folder with a file main.rs.
    let name = source.path.strip_prefix("examples/").and_then(|name| name.strip_suffix(".rs"));
    let name = name.map(|name| name.split_once('/').map_or(name, |(folder, _)| folder));
    let listed =
        |name: &str| examples::PACKAGES.contains(&name) || examples::ALL.iter().any(|(example, _)| *example == name);
    match name {
        Some(name) if !listed(name) => {
            vec![format!("{} is not in xtask/src/examples.rs", source.path)]
        }
        _ => Vec::new(),
    }
}

fn untabled_example(source: &Source) -> Vec<String> {
    let link = source.path.strip_prefix("examples/").unwrap_or_default();
    if let Some(name) = link.strip_suffix("/Cargo.toml").filter(|name| *name != "browser") {
        let command = if name.starts_with("browser/") {
            format!("`wasm-pack build --target web examples/{name}`")
        } else {
            format!("`cargo run --manifest-path examples/{name}/Cargo.toml`")
        };
        let has_row = EXAMPLES.lines().any(|line| line.starts_with(&row_of(name, name)) && line.contains(&command));
        return if has_row {
            Vec::new()
        } else {
            vec![format!("{link}: examples/README.md has no row with {command}")]
        };
    }
    let name = link.strip_suffix("/main.rs").or_else(|| link.strip_suffix(".rs"));
    match name.filter(|name| !name.contains('/')) {
        Some(name) if !has_row(EXAMPLES, name, link) => {
            vec![format!("{}: examples/README.md has no row with `cargo run --example {name}`", source.path)]
        }
        _ => Vec::new(),
    }
}

/// Whether a row of the table starts with a link to the example, and has its command.
fn has_row(table: &str, name: &str, link: &str) -> bool {
    let command = format!("| `cargo run --example {name}");
    table.lines().any(|line| line.starts_with(&row_of(name, link)) && line.contains(&command))
}

fn row_of(name: &str, link: &str) -> String {
    format!("| [`{name}`]({link}) |")
}

/// The lines that match, without unit tests: those stand at the end of a file.
fn lines_with(source: &Source, matches: impl Fn(&str) -> bool) -> Vec<String> {
    let lines = source.text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
    let found = lines.enumerate().filter(|(_, line)| matches(line));
    found.map(|(index, line)| format!("{}:{}: {}", source.path, index + 1, line.trim())).collect()
}

fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(violations: fn(&Source) -> Vec<String>, path: &str, text: &str) -> usize {
        violations(&Source { path: path.to_owned(), text: text.to_owned() }).len()
    }

    #[test]
    fn the_target_is_named_at_the_seam_alone() {
        let text = "#[cfg(target_arch = \"wasm32\")]\nmod web;\n";
        assert_eq!(check(names_target, "src/lib.rs", text), 1);
        assert_eq!(check(names_target, "src/backend/native/target_os.rs", "mod tls;"), 0);
        assert_eq!(check(names_target, "src/backend.rs", text), 0);
        let system = "#[cfg(target_os = \"linux\")]\nmod linux;\n";
        assert_eq!(check(names_target, "src/backend/native/os.rs", system), 0);
        assert_eq!(check(names_target, "src/backend/native/os/linux.rs", system), 1);
        assert_eq!(check(names_target, "src/backend/native/tls/mod.rs", system), 1);
        assert_eq!(check(names_target, "tests/it/main.rs", text), 0);
    }

    #[test]
    fn a_file_has_at_most_400_lines_that_are_no_docs() {
        assert_eq!(check(too_long, "www/index.html", &"\n".repeat(400)), 0);
        assert_eq!(check(too_long, "www/index.html", &"\n".repeat(401)), 1);
        assert_eq!(check(too_long, "src/lib.rs", &"    /// Docs.\n".repeat(401)), 0);
        assert_eq!(check(too_long, "src/lib.rs", &"// A comment.\n".repeat(401)), 1);
    }

    #[test]
    fn loose_ends_are_found_in_code_alone() {
        let code = "fn f() { // TODO: later\n    x.unwrap();\n    dbg!(x);\n}\n";
        assert_eq!(check(loose_ends, "src/lib.rs", code), 3);
        assert_eq!(check(loose_ends, "tests/it/main.rs", code), 0);
        assert_eq!(check(loose_ends, "src/protocol/decoder/tests.rs", code), 0);
        assert_eq!(check(loose_ends, "src/lib.rs", "/// let x = f().unwrap();\n//! TODO\n// no .unwrap() here\n"), 0);
        assert_eq!(
            check(loose_ends, "src/lib.rs", "fn f() {}\n\n#[cfg(test)]\nmod tests { fn g() { f().unwrap() } }\n"),
            0
        );
    }

    #[test]
    fn a_rust_file_starts_with_its_purpose() {
        assert_eq!(check(silent_start, "examples/echo.rs", "//! Sends and receives.\n"), 0);
        assert_eq!(check(silent_start, "examples/echo.rs", "use std::io;\n"), 1);
        assert_eq!(check(silent_start, "www/index.html", "<!doctype html>\n"), 0);
    }

    #[test]
    fn examples_are_listed() {
        assert_eq!(check(unlisted_example, "examples/echo.rs", ""), 0);
        assert_eq!(check(unlisted_example, "examples/forgotten.rs", ""), 1);
        assert_eq!(check(unlisted_example, "examples/README.md", ""), 0);
        assert_eq!(check(unlisted_example, "examples/seed_samples/message.rs", ""), 0);
        assert_eq!(check(unlisted_example, "examples/forgotten/main.rs", ""), 1);
        assert_eq!(check(unlisted_example, "examples/desktop/src/main.rs", ""), 0);
        assert_eq!(check(unlisted_example, "examples/forgotten/src/main.rs", ""), 1);
    }

    #[test]
    fn examples_have_rows() {
        assert_eq!(check(untabled_example, "examples/echo.rs", ""), 0);
        assert_eq!(check(untabled_example, "examples/seed_samples/main.rs", ""), 0);
        assert_eq!(check(untabled_example, "examples/seed_samples/message.rs", ""), 0);
        assert_eq!(check(untabled_example, "examples/forgotten.rs", ""), 1);
        assert_eq!(check(untabled_example, "examples/forgotten/main.rs", ""), 1);
        assert_eq!(check(untabled_example, "examples/desktop/Cargo.toml", ""), 0);
        assert_eq!(check(untabled_example, "examples/browser/Cargo.toml", ""), 0);
        assert_eq!(check(untabled_example, "examples/browser/plain/Cargo.toml", ""), 0);
        assert_eq!(check(untabled_example, "examples/browser/forgotten/Cargo.toml", ""), 1);
        assert_eq!(check(untabled_example, "examples/forgotten/Cargo.toml", ""), 1);
        assert_eq!(check(untabled_example, "src/message.rs", ""), 0);
        assert!(has_row("| [`a`](a.rs) | it | `cargo run --example a` |", "a", "a.rs"));
        assert!(!has_row("| [`a`](a.rs) | it | `cargo run` |", "a", "a.rs"));
    }

    #[test]
    fn every_row_has_its_example() {
        let links = EXAMPLES.lines().filter_map(|line| line.strip_prefix("| [`")?.split(['(', ')']).nth(1));
        let missing: Vec<_> = links.filter(|link| !project::root().join("examples").join(link).exists()).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
