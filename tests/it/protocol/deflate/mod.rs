//! RFC 7692: what is negotiated, what a client reads and what it writes.

mod accepting;
mod cut_short;
mod negotiation;
mod reading;
mod refusals;
mod round_trip;
mod writing;

use properties::reference;
use websocket_anywhere::{
    Compression,
    protocol::{Decoder, Limits, deflate::Agreement},
};

use super::check::UNLIMITED;

/// What is agreed on if the client offers the default settings and the server gives this answer.
fn agreement(answer: &str) -> Agreement {
    Agreement::parse(answer, &Compression::new().threshold(0)).unwrap()
}

/// A decoder of a connection with nothing but the extension.
fn inflating() -> Decoder {
    inflating_with(UNLIMITED)
}

fn inflating_with(limits: Limits) -> Decoder {
    Decoder::new(limits).inflating(agreement("permessage-deflate").inflater())
}

/// In the first byte of a frame: the message is compressed.
const RSV1: u8 = 0x40;
