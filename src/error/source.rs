//! What is below an error.

use std::{error, fmt};

use crate::protocol::Violation;

/// The cause of an error.
///
/// What a browser build has is not boxed: a box would link the formatting of all of it into programs that show no error.
pub(super) enum Source {
    Violation(Violation),
    Words(Words),
    Other(Box<dyn error::Error + Send + Sync>),
}

impl Source {
    pub(super) fn as_error(&self) -> &(dyn error::Error + 'static) {
        match self {
            Self::Violation(violation) => violation,
            Self::Words(words) => words,
            Self::Other(other) => other.as_ref(),
        }
    }
}

/// What the platform said.
#[derive(Debug)]
pub(super) struct Words(pub(super) String);

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for Words {}
