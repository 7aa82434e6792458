//! What has arrived and nobody has received.

use std::collections::VecDeque;

use bytes::Bytes;
use js_sys::{ArrayBuffer, JsString, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use crate::{
    close::CloseCode,
    control::Control,
    error::{Error, ErrorKind},
    message::{Message, Text},
    protocol::{CloseFrame, Limits, Violation},
};

/// Messages in the order of their arrival, held by JavaScript until they are received.
pub(super) struct Inbox {
    queue: VecDeque<Queued>,
    /// The sum of the sizes in the queue.
    size: usize,
    /// How many bytes may be in the queue.
    capacity: usize,
    limits: Limits,
    is_shut: bool,
}

/// Why a message is not taken in, and what tells the peer.
pub(super) struct Refusal {
    pub(super) error: Error,
    pub(super) frame: CloseFrame,
}

struct Queued {
    data: Data,
    size: usize,
}

enum Data {
    Binary(ArrayBuffer),
    Text(JsString),
    /// Text that had to be converted to learn its length in bytes.
    Utf8(Text),
}

impl Inbox {
    pub(super) fn new(control: &Control, limits: Limits) -> Self {
        let capacity = control.inbound_buffer_size.max(MIN_CAPACITY);
        Self { queue: VecDeque::new(), size: 0, capacity, limits, is_shut: false }
    }

    /// Takes in whatever comes: the sender stops when it [is full](Self::is_full).
    pub(super) fn leave_bound_to_sender(&mut self) {
        self.capacity = usize::MAX;
    }

    /// Whether something waits to be received, and at least so many bytes.
    pub(super) fn is_full(&self, size: usize) -> bool {
        !self.is_shut && self.size >= size.max(1)
    }

    /// How many bytes wait to be received.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Takes in the data of a message event.
    ///
    /// An empty inbox takes a message of any size that is allowed: it is there already.
    pub(super) fn push(&mut self, data: JsValue) -> Result<(), Refusal> {
        if self.is_shut {
            return Ok(());
        }
        let message = self.admit(data)?;
        let size = self.size.saturating_add(message.size);
        if size > self.capacity && !self.queue.is_empty() {
            return Err(Refusal::full(self.capacity));
        }
        self.size = size;
        self.queue.push_back(message);
        Ok(())
    }

    /// Takes out the oldest message.
    pub(super) fn pop(&mut self) -> Option<Message> {
        let Queued { data, size } = self.queue.pop_front()?;
        self.size -= size;
        Some(data.into_message())
    }

    /// Throws away what is there and what will come.
    pub(super) fn shut(&mut self) {
        self.is_shut = true;
        self.queue = VecDeque::new();
        self.size = 0;
    }

    /// Holds data against the limits; what is not text is an `ArrayBuffer`, as `binaryType` says.
    fn admit(&self, data: JsValue) -> Result<Queued, Violation> {
        let data = match data.dyn_into::<JsString>() {
            Ok(text) if self.limits.text => return self.admit_text(text),
            Ok(_) => return Err(Violation::UnexpectedText),
            Err(data) => data.unchecked_into::<ArrayBuffer>(),
        };
        let size = data.byte_length() as usize;
        if size > self.max_message_size() {
            return Err(Violation::MessageTooBig);
        }
        Ok(Queued { data: Data::Binary(data), size: size.max(MIN_SIZE) })
    }

    /// The limit counts bytes of UTF-8, JavaScript units of UTF-16: one unit becomes one byte to three.
    fn admit_text(&self, text: JsString) -> Result<Queued, Violation> {
        let limit = self.max_message_size();
        let units = text.length() as usize;
        let size = units.max(MIN_SIZE);
        if units <= limit / 3 {
            return Ok(Queued { data: Data::Text(text), size });
        }
        if units > limit {
            return Err(Violation::MessageTooBig);
        }
        let text = String::from(text);
        if text.len() > limit {
            return Err(Violation::MessageTooBig);
        }
        Ok(Queued { data: Data::Utf8(text.into()), size })
    }

    fn max_message_size(&self) -> usize {
        self.limits.max_message_size.map_or(usize::MAX, |size| usize::try_from(size).unwrap_or(usize::MAX))
    }
}

impl Data {
    /// The one copy out of JavaScript; its strings become UTF-8 on the way and need no check.
    fn into_message(self) -> Message {
        match self {
            Self::Binary(buffer) => Message::Binary(Bytes::from(Uint8Array::new(&buffer).to_vec())),
            Self::Text(text) => Message::Text(String::from(text).into()),
            Self::Utf8(text) => Message::Text(text),
        }
    }
}

impl Refusal {
    fn full(capacity: usize) -> Self {
        let message = format!("more than {capacity} bytes were waiting to be received, and a browser cannot pause");
        let error = Error::new(ErrorKind::InboundBufferFull, message);
        Self { error, frame: private(CloseCode::MESSAGE_TOO_BIG, "too many messages unread".to_owned()) }
    }
}

impl From<Violation> for Refusal {
    fn from(violation: Violation) -> Self {
        Self { frame: private(violation.close_code(), violation.to_string()), error: violation.into() }
    }
}

/// A frame with a code in the place of a native one that a browser refuses to send: 1009 becomes 3009.
pub(super) fn private(code: CloseCode, reason: String) -> CloseFrame {
    CloseFrame { code: CloseCode::from(u16::from(code) + 2000), reason }
}

/// How much is held even if the settings ask for less: the page cannot make the peer wait.
const MIN_CAPACITY: usize = 64 << 20;

/// What an empty message counts, so that very many of them are too much as well.
const MIN_SIZE: usize = 64;
