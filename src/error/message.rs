//! What an error says.

use std::{borrow::Cow, fmt, time::Duration};

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
    #[allow(dead_code, reason = "natively, waiting ends without a word of how long it was")]
    Time(Duration),
    Certificate(ChainValidationResult),
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(text) => f.write_str(text),
            Self::With(before, Value::Number(number), after) => write!(f, "{before}{number}{after}"),
            Self::With(before, Value::Quoted(text), after) => write!(f, "{before}{text:?}{after}"),
            Self::With(before, Value::Certificate(error), after) => write!(f, "{before}{error}{after}"),
            Self::With(before, Value::Time(time), after) => write!(f, "{before}{time:?}{after}"),
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
