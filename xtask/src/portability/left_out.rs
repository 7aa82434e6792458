//! Tests that cannot hold under an emulator, each with the reason: the one place that says so.

/// A test, and where it is left out.
struct LeftOut {
    test: &'static str,
    targets: &'static [&'static str],
    #[allow(dead_code, reason = "for those who read this")]
    reason: &'static str,
}

const LEFT_OUT: &[LeftOut] = &[];

/// The tests that are left out on this target.
pub(super) fn on(target: &str) -> Vec<&'static str> {
    LEFT_OUT.iter().filter(|left_out| left_out.targets.contains(&target)).map(|left_out| left_out.test).collect()
}
