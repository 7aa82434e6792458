//! The examples, with the arguments under which they show what they are for and end by themselves.

/// Name and arguments of every file in examples.
pub(crate) const ALL: &[(&str, &[&str])] =
    &[("connect", &["--help"]), ("echo", &[]), ("hyper_server", &[]), ("seed_samples", &[])];
