//! The map of the code in ARCHITECTURE.md: whether it names what there is.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::project;

const PAGE: &str = include_str!("../../ARCHITECTURE.md");
const HEADING: &str = "## Code map";

/// Fails with the paths of the map that do not exist, and with the folders of the library that are not on it.
pub(crate) fn check() -> Result<()> {
    let root = project::root();
    let named = paths(PAGE, root)?;
    let missing = named.iter().filter(|(_, path)| path.is_none()).map(|(name, _)| format!("{name} does not exist"));
    let unnamed = folders(&root.join("src"))?
        .into_iter()
        .filter(|folder| !named.iter().filter_map(|(_, path)| path.as_ref()).any(|path| path.starts_with(folder)));
    let unnamed = unnamed.map(|folder| format!("{} is not on the map", folder.display()));
    let faults: Vec<_> = missing.chain(unnamed).collect();
    ensure!(faults.is_empty(), "\n  {}", faults.join("\n  "));
    Ok(())
}

/// What the first column names, and where it is. A path is one from the root or from `src`, or lies beside the one before it.
fn paths(page: &str, root: &Path) -> Result<Vec<(String, Option<PathBuf>)>> {
    let (_, map) = page.split_once(HEADING).with_context(|| format!("ARCHITECTURE.md has no {HEADING:?}"))?;
    let rows = map.lines().skip_while(|line| !line.starts_with("| `")).take_while(|line| line.starts_with('|'));
    let mut paths = Vec::new();
    for row in rows {
        let cell = row.split('|').nth(1).unwrap_or_default();
        let mut beside = root.join("src");
        for name in cell.split('`').skip(1).step_by(2) {
            let candidates = [beside.join(name), root.join("src").join(name), root.join(name)];
            let path = candidates.into_iter().find(|path| path.exists());
            if let Some(folder) = path.as_deref().and_then(Path::parent) {
                beside = folder.to_owned();
            }
            paths.push((name.to_owned(), path));
        }
    }
    ensure!(!paths.is_empty(), "the map in ARCHITECTURE.md has no rows");
    Ok(paths)
}

/// The folders directly in this one.
fn folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in folder.read_dir().with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            folders.push(entry.path());
        }
    }
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_names_what_there_is() {
        check().expect("it does");
    }

    #[test]
    fn what_does_not_exist_is_found_and_neighbours_are() -> Result<()> {
        let page = "## Code map\n\n| where | what |\n|---|---|\n| `protocol/mask.rs`, `frame.rs`, `no.rs` | |\n| `xtask/` | |\n";
        let found: Vec<_> =
            paths(page, project::root())?.into_iter().map(|(name, path)| (name, path.is_some())).collect();
        let expected = [("protocol/mask.rs", true), ("frame.rs", true), ("no.rs", false), ("xtask/", true)];
        assert_eq!(found, expected.map(|(name, exists)| (name.to_owned(), exists)));
        Ok(())
    }
}
