//! What an error says.

use std::{borrow::Cow, error, fmt};

use crate::certificate::ChainValidationResult;

/// The words of an error. Values become words only when somebody reads them: programs that show no error then contain
/// nothing that writes numbers, which counts in a browser.
pub(crate) enum Message {
    Plain(Cow<'static, str>),
    /// A value between two pieces of text.
    With(&'static str, Value, &'static str),
}

pub(crate) enum Value {
    Number(usize),
    Quoted(String),
    Certificate(ChainValidationResult),
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(text) => f.write_str(text),
            Self::With(before, Value::Number(number), after) => write!(f, "{before}{number}{after}"),
            Self::With(before, Value::Quoted(text), after) => write!(f, "{before}{text:?}{after}"),
            Self::With(before, Value::Certificate(error), after) => write!(f, "{before}{error}{after}"),
        }
    }
}

impl From<&'static str> for Message {
    fn from(text: &'static str) -> Self {
        Self::Plain(text.into())
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::Plain(text.into())
    }
}

/// What the platform said, as a cause.
#[derive(Debug, Default)]
pub(super) struct PlatformMessage(pub(super) String);

impl fmt::Display for PlatformMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for PlatformMessage {}
