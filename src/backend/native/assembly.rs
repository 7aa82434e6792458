//! Whole messages out of the parts of those that arrived in parts.

use bytes::{Bytes, BytesMut};

use crate::{
    error::Result,
    message::{Message, Text},
    protocol::{Kind, Part, Violation},
};

/// The parts of a message until the last one arrives; bounded by `max_message_size`, which the decoder enforces.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    buffer: BytesMut,
    /// The type of the message of which a part has arrived.
    kind: Option<Kind>,
}

impl Assembly {
    /// Adds a part; gives the message if it was the last one.
    pub(super) fn add(&mut self, part: Part) -> Result<Option<Message>> {
        self.buffer.extend_from_slice(&part.bytes);
        self.kind = Some(part.kind);
        if !part.is_last {
            return Ok(None);
        }
        self.kind = None;
        let bytes: Bytes = self.buffer.split().freeze();
        Ok(Some(match part.kind {
            Kind::Binary => Message::Binary(bytes),
            Kind::Text => Message::Text(Text::try_from(bytes).map_err(|_| Violation::InvalidUtf8)?),
        }))
    }

    /// What has arrived of a message that was begun and is not complete.
    pub(super) fn take(&mut self) -> Option<Part> {
        let kind = self.kind.take()?;
        Some(Part { kind, bytes: self.buffer.split().freeze(), is_last: false })
    }
}
