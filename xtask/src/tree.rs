//! What the browser build depends on: nothing that a browser has already.

use anyhow::{Result, ensure};

use crate::process;
use crate::project::WASM_TARGET;

/// Packages of the native target alone: sockets, URLs, random numbers and the handshake are the browser's there.
const NATIVE_PACKAGES: &[&str] = &["getrandom", "mio", "rand", "socket2", "tokio-tungstenite", "tungstenite", "url"];
/// tokio gives its I/O traits to the browser target, and no runtime.
const NATIVE_TOKIO_FEATURES: &[&str] = &["net", "rt", "time"];

/// Looks for native packages and features in the dependencies for wasm32.
pub(crate) fn check() -> Result<()> {
    let query = format!("tree --package websocket-anywhere --target {WASM_TARGET} --edges normal --prefix none");
    let tree = process::output(process::cargo(&query).args(["--format", "{p} {f}"]))?;
    let strange: Vec<_> = tree.lines().filter_map(native_part).collect();
    ensure!(strange.is_empty(), "the browser target depends on {}", strange.join(", "));
    Ok(())
}

/// What is native in a line such as "tokio v1.44.0 (*) default,net"; the features end the line.
fn native_part(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    let package = words.next()?;
    if NATIVE_PACKAGES.contains(&package) {
        return Some(package.to_owned());
    }
    let features = words.last()?;
    let native = features.split(',').find(|feature| NATIVE_TOKIO_FEATURES.contains(feature))?;
    (package == "tokio").then(|| format!("tokio/{native}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn native_packages_and_features_are_found() {
        assert_eq!(native_part("url v2.5.8 default,std").as_deref(), Some("url"));
        assert_eq!(native_part("tokio v1.54.1 bytes,net,default").as_deref(), Some("tokio/net"));
        assert_eq!(native_part("tokio v1.54.1 bytes"), None);
        assert_eq!(native_part("tokio v1.54.1 "), None);
        assert_eq!(native_part("futures v0.3.31 std,rt"), None);
        assert_eq!(native_part("url-like v1.0.0 (*)"), None);
        assert_eq!(native_part(""), None);
    }
}
