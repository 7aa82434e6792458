//! The examples, with the arguments under which they show what they are for and end by themselves.

/// Name and arguments of every file in examples.
pub(crate) const ALL: &[(&str, &[&str])] = &[
    ("chat", &[]),
    ("connect", &["--help"]),
    ("echo", &[]),
    ("events", &[]),
    ("hyper_server", &[]),
    ("reconnect", &[]),
    ("seed_samples", &[]),
    ("transfer", &[]),
    ("tunnel", &[]),
];
