//! permessage-deflate without input or output: RFC 7692 section 7.
//!
//! [`offer()`] writes what the client offers and [`Agreement::parse`] reads what the server made of it; [`accept()`]
//! is what a server makes of an offer. The agreement makes the two halves, each only where it is needed: an [`Inflater`] for the [`Decoder`](super::Decoder), and a [`Deflater`]
//! for whoever sends. A connection without the extension has neither.

mod accept;
mod deflater;
mod forms;
mod inflater;
mod offer;

pub use self::{
    accept::accept,
    deflater::{Deflated, Deflater},
    forms::{Form, Forms},
    inflater::{Inflated, Inflater},
    offer::{Agreement, Refusal, offer},
};

/// What a sender strips off the end of each message, and a receiver puts back (RFC 7692 sections 7.2.1 and 7.2.2).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];
