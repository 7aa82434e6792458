//! Tests of what a whole process shares: its environment, the platform's trust store, the TLS settings that it keeps.

use std::{env, ffi::OsStr, io::Write as _};

use tokio::process::Command;

/// Whether the test of this name runs alone, with these variables; otherwise it is run so, and fails if it fails.
pub(crate) async fn alone(test: &str, variables: &[(&str, &OsStr)]) -> bool {
    if env::var_os(CHILD).is_some() {
        return true;
    }
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", test, "--nocapture"]).env(CHILD, "").envs(variables.iter().copied());
    let output = child.output().await.unwrap();
    std::io::stderr().write_all(&output.stderr).unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
    false
}

const CHILD: &str = "TEST_RUNS_ALONE";
