//! The examples, with the arguments under which they show what they are for and end by themselves.

/// Folders of examples that are packages of their own; each is run by a module of this program.
pub(crate) const PACKAGES: &[&str] = &["browser", "desktop"];

/// Name and arguments of all other examples.
pub(crate) const ALL: &[(&str, &[&str])] = &[
    ("axum_server", &[]),
    ("broadcast", &[]),
    ("chat", &[]),
    ("connect", &["--help"]),
    ("echo", &[]),
    ("events", &[]),
    ("hyper_server", &[]),
    ("multiplex", &[]),
    ("reconnect", &[]),
    ("seed_samples", &[]),
    ("tracing", &[]),
    ("transfer", &[]),
    ("tunnel", &[]),
];
