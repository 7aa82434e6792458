//! RFC 6455 and RFC 7692 without input or output: bytes in, events out; frames in, bytes out.
//!
//! Nothing here waits, reads a clock, knows a socket or allocates past its limits. The two directions are apart,
//! because a connection reads and writes at the same time and neither may wait for the other:
//!
//! * [`Decoder`] takes what the peer sent and gives [`Event`]s, or the [`Violation`] that ends the connection;
//! * [`encode`] turns payloads into masked frames; [`deflate`] has what goes before it and after the decoder's frames where
//!   compression was negotiated.
//!
//! Every rule of sections 5 to 7 that a client must enforce is enforced in [`Header::parse`], [`Decoder::decode`] or
//! [`CloseFrame::parse`], and cites its section there.
//!
//! The module is public for the tests, the benchmarks and the fuzzers of this crate; it is not part of the API and
//! changes without notice.

mod block;
mod close;
mod decoder;
mod encoder;
mod frame;
mod heartbeat;
mod lifecycle;
mod liveness;
mod lookahead;
mod mask;
mod patience;
mod unmask;
mod utf8;
mod violation;

pub mod deflate;

pub use self::{
    block::Block,
    close::CloseFrame,
    decoder::{Decoder, Event, Kind, Limits, Part},
    encoder::{encode, encode_close, encode_compressed, encode_part},
    frame::{Header, Opcode, Parsed, Rsv1},
    heartbeat::{Beat, Heartbeat},
    lifecycle::{Ending, Lifecycle, Transition, Wakes},
    liveness::{Demand, Liveness},
    lookahead::Lookahead,
    mask::{append_masked, mask},
    patience::Patience,
    unmask::Unmasker,
    utf8::Utf8,
    violation::Violation,
};
