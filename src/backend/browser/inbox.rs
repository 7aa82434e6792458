//! What has arrived and nobody has received.

use std::collections::VecDeque;

use js_sys::{JsString, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use super::{
    property,
    text::{MAX_LEN, Transcoder},
};
use crate::{
    control::Control,
    error::ErrorCode,
    message::Message,
    protocol::{Limits, Violation},
};

/// Messages in the order of their arrival; large ones stay in JavaScript's memory until they are received.
pub(super) struct Inbox {
    queue: VecDeque<Queued>,
    /// The sum of the sizes in the queue.
    size: usize,
    /// How many bytes may be in the queue.
    capacity: usize,
    max_message_size: usize,
    takes_text: bool,
    is_shut: bool,
    transcoder: Transcoder,
}

struct Queued {
    data: Data,
    /// In bytes; of text that is still a string, in units.
    size: usize,
}

enum Data {
    Message(Message),
    Binary(Uint8Array),
    Text(JsString),
}

impl Inbox {
    pub(super) fn new(control: &Control, limits: Limits) -> Self {
        Self {
            queue: VecDeque::new(),
            size: 0,
            capacity: control.inbound_buffer_size.max(MIN_CAPACITY),
            // More than fits into memory is as good as no limit.
            max_message_size: limits
                .max_message_size
                .map_or(usize::MAX, |size| usize::try_from(size).unwrap_or(usize::MAX)),
            takes_text: limits.text,
            is_shut: false,
            transcoder: Transcoder::default(),
        }
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

    /// Takes in the data of a message event; gives how many bytes they are, about.
    ///
    /// An empty inbox takes a message of any size that is allowed: it is there already.
    pub(super) fn push(&mut self, data: JsValue) -> Result<usize, ErrorCode> {
        if self.is_shut {
            return Ok(0);
        }
        let message = self.admit(data)?;
        let cost = self.size.saturating_add(message.cost());
        if cost > self.capacity && !self.queue.is_empty() {
            return Err(ErrorCode::ManyUnread(self.capacity));
        }
        let size = message.size;
        self.size = cost;
        self.queue.push_back(message);
        Ok(size)
    }

    /// Takes out the oldest message.
    pub(super) fn pop(&mut self) -> Option<Result<Message, Violation>> {
        let message = self.queue.pop_front()?;
        self.size -= message.cost();
        Some(match message.data {
            Data::Message(message) => Ok(message),
            Data::Binary(view) => Ok(bytes_of(&view).into()),
            Data::Text(text) => self.transcoder.text(&text, message.size).map(Message::Text),
        })
    }

    /// Throws away what is there and what will come.
    pub(super) fn shut(&mut self) {
        self.is_shut = true;
        self.queue = VecDeque::new();
        self.size = 0;
    }

    /// Holds data against the limits. What is not text is an `ArrayBuffer`, as `binaryType` says, but a polyfill may ignore that
    /// and give anything.
    fn admit(&mut self, data: JsValue) -> Result<Queued, ErrorCode> {
        if data.is_string() {
            let text: Incoming = data.unchecked_into();
            let units = text.length() as usize;
            return self.admit_text(text.unchecked_into(), units);
        }
        let (view, size) = bytes_in(data)?;
        self.check_size(size)?;
        let (data, len) = if size <= MAX_COPIED {
            let bytes = bytes_of(&view);
            let len = bytes.len();
            (Data::Message(bytes.into()), len)
        } else {
            let len = view.unchecked_ref::<Incoming>().length() as usize;
            (Data::Binary(view), len)
        };
        // The view of an object that is no buffer is empty.
        if len == size { Ok(Queued { data, size }) } else { Err(ErrorCode::Unreadable) }
    }

    /// The limit counts bytes of UTF-8, JavaScript units of UTF-16: one unit becomes one byte to three.
    fn admit_text(&mut self, text: JsString, units: usize) -> Result<Queued, ErrorCode> {
        let limit = self.max_message_size;
        if !self.takes_text {
            return Err(ErrorCode::Violation(Violation::UnexpectedText));
        }
        self.check_size(units)?;
        if units > MAX_COPIED && units <= limit / MAX_LEN {
            return Ok(Queued { data: Data::Text(text), size: units });
        }
        let text = self.transcoder.text(&text, units).map_err(ErrorCode::Violation)?;
        let size = text.len();
        self.check_size(size)?;
        Ok(Queued { data: Data::Message(Message::Text(text)), size })
    }

    fn check_size(&self, size: usize) -> Result<(), ErrorCode> {
        let limit = self.max_message_size;
        if size > limit { Err(ErrorCode::MessageTooBig { size, limit }) } else { Ok(()) }
    }
}

impl Queued {
    /// What the message counts towards the capacity.
    fn cost(&self) -> usize {
        self.size.max(MIN_COST)
    }
}

/// The bytes of an `ArrayBuffer` or of a view of one, and how many it says they are. Everything here can be asked of any object
/// without an exception.
fn bytes_in(data: JsValue) -> Result<(Uint8Array, usize), ErrorCode> {
    if !data.is_object() {
        return Err(ErrorCode::Unreadable);
    }
    let data: Incoming = data.unchecked_into();
    let Some(size) = data.byte_length() else { return Err(ErrorCode::Unreadable) };
    let view = if is_view(&data) {
        Uint8Array::new_with_byte_offset_and_length(&property::get(&data, "buffer"), data.byte_offset(), size)
    } else {
        Uint8Array::new(&data)
    };
    Ok((view, size as usize))
}

/// How much is held even if the settings ask for less: the page cannot make the peer wait.
const MIN_CAPACITY: usize = 64 << 20;

/// What an empty message counts, so that very many of them are too much as well.
const MIN_COST: usize = 64;

/// What is copied when it arrives: a small object of JavaScript takes more memory than its bytes do in Rust's.
const MAX_COPIED: usize = 1024;

#[wasm_bindgen]
extern "C" {
    /// A string, an `ArrayBuffer`, or a view of one.
    type Incoming;

    /// The one copy out of JavaScript: `Object` gives it back as it is, and wasm-bindgen takes it into memory of Rust, in fewer steps than
    /// js-sys does.
    #[wasm_bindgen(js_name = Object)]
    fn bytes_of(view: &Uint8Array) -> Vec<u8>;

    /// Of a string or a `Uint8Array`.
    #[wasm_bindgen(method, getter)]
    fn length(this: &Incoming) -> u32;

    /// `None` of what is neither an `ArrayBuffer` nor a view.
    #[wasm_bindgen(method, getter, js_name = byteLength)]
    fn byte_length(this: &Incoming) -> Option<u32>;

    /// Of a view.
    #[wasm_bindgen(method, getter, js_name = byteOffset)]
    fn byte_offset(this: &Incoming) -> u32;

    #[wasm_bindgen(js_namespace = ArrayBuffer, js_name = isView)]
    fn is_view(data: &Incoming) -> bool;
}
