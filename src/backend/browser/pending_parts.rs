//! A message in parts, until it can be handed to a browser as a whole.

use crate::{
    error::{Error, ErrorKind, Message as ErrorMessage, Result, Value},
    message::{Message, Payload},
};

/// The parts that there are; only one of the two is used at a time.
#[derive(Debug, Default)]
pub(super) struct PendingParts {
    text: String,
    bytes: Vec<u8>,
}

impl PendingParts {
    /// Adds a part, if there is room for it.
    pub(super) fn add(&mut self, part: &Payload<'_>) -> Result<()> {
        if self.len().saturating_add(part.as_bytes().len()) > MAX_HELD {
            let before = "a browser sends whole messages: in parts, one can have ";
            let message = ErrorMessage::With(before, Value::Number(MAX_HELD), " bytes");
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        match part.as_text() {
            Some(text) => self.text.push_str(text),
            None => self.bytes.extend_from_slice(part.as_bytes()),
        }
        Ok(())
    }

    /// Takes the message out, which is of the type of its parts.
    pub(super) fn take(&mut self, last: &Payload<'_>) -> Message {
        let Self { text, bytes } = std::mem::take(self);
        if last.as_text().is_some() { text.into() } else { bytes.into() }
    }

    pub(super) fn len(&self) -> usize {
        self.text.len() + self.bytes.len()
    }
}

/// How much is kept.
const MAX_HELD: usize = 64 << 20;
