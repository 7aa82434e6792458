//! The contract between the sockets and the targets, and the one place that chooses a target.
//!
//! A backend opens a connection and hands it out as two halves that may live in different tasks. Above this line
//! everything is written once; below it, everything knows its platform. What a backend must do:
//!
//! * [`open`] checks nothing twice: URL and settings have passed [`Address::parse`](crate::address::Address) and
//!   `Control::check`. A setting that it cannot honour and that is not advisory fails with `ErrorKind::NotSupported` and is
//!   named. Dropping the future of `open` closes what has been opened.
//! * [`Source`] delivers what arrived, in order: every message or part, then either `None` (closed, or a close started
//!   here) or one error followed by `None`. After `start_close` it delivers nothing more.
//! * [`Sink`] takes whole frames. `poll_ready` waits while more than `outbound_buffer_size` bytes are unsent; `start` never
//!   waits. An error of a background write reaches the next operation.
//! * [`Link`] is what both halves can do. `start_close` acts once; `poll_closed` ends within `close_timeout`.
//! * Dropping the last half starts a close without a code and lets the handshake finish in the background.
//! * Nothing panics, whatever the peer, the user or the platform does.

use std::{
    fmt::Debug,
    future::poll_fn,
    task::{Context, Poll, ready},
};

use crate::{
    close::{CloseCode, Closed},
    error::Result,
    information::Information,
    message::{Message, Payload},
    protocol::{CloseFrame, Part},
};

cfg_if::cfg_if! {
    if #[cfg(all(target_family = "wasm", target_os = "unknown"))] {
        #[path = "browser/mod.rs"]
        mod browser;
        pub(crate) use browser::{open, Reader, Writer};
    } else {
        #[path = "native/mod.rs"]
        mod native;
        pub(crate) use native::{open, Reader, Writer};
    }
}

/// What a [`Source`] delivers.
#[derive(Debug)]
pub(crate) enum Chunk {
    /// A whole message.
    Message(Message),
    /// A piece of a message.
    #[allow(dead_code, reason = "a browser gives whole messages only")]
    Part(Part),
}

/// What both halves of a connection can do.
pub(crate) trait Link {
    /// Starts the closing handshake behind what is already queued; does nothing if it has started.
    fn start_close(&self, frame: Option<&CloseFrame>);

    /// Waits for the end of the connection, however it comes.
    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<Closed>;

    /// How the connection ended, if it has.
    fn closed(&self) -> Option<Closed>;

    /// Whether `start_close` was called before the peer closed or the connection failed.
    fn was_closed_here(&self) -> bool;

    /// What is known about the connection.
    fn information(&self) -> Information;
}

/// The receiving half of a connection.
pub(crate) trait Source: Link + Debug + Send + Sync + Unpin + 'static {
    /// The half that sends on the same connection.
    type Sink: Sink;

    /// Waits for the next message or part.
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Chunk>>>;

    /// Whether `sink` is the other half of this connection.
    fn is_half_of(&self, sink: &Self::Sink) -> bool;
}

/// The sending half of a connection.
pub(crate) trait Sink: Link + Debug + Send + Sync + Unpin + 'static {
    /// Waits until another frame may be started.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>>;

    /// Takes one message, which the connection sends by itself from here on.
    fn start(&mut self, payload: &Payload<'_>) -> Result<()>;

    /// Waits until another frame may be started, and takes this message.
    fn poll_send(&mut self, payload: &Payload<'_>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.poll_ready(cx))?;
        Poll::Ready(self.start(payload))
    }

    /// Waits until everything that was taken has been handed to the platform.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>>;

    /// How many bytes wait to be handed to the platform.
    fn buffered_amount(&self) -> usize;
}

/// Closes with this code and reason, and waits for the end.
///
/// # Errors
///
/// `ErrorKind::InvalidArgument`, before anything is sent, if not every target could send them.
pub(crate) async fn close(link: &mut impl Link, code: CloseCode, reason: &str) -> Result<Closed> {
    let frame = CloseFrame::sendable(code, reason)?;
    link.start_close(Some(&frame));
    Ok(poll_fn(|cx| link.poll_closed(cx)).await)
}

/// Closes with 1000, and waits for the end.
pub(crate) fn poll_close_normally(link: &mut impl Link, cx: &mut Context<'_>) -> Poll<Closed> {
    link.start_close(Some(&CloseFrame { code: CloseCode::NORMAL, reason: String::new() }));
    link.poll_closed(cx)
}

/// Makes the compiler hold the chosen backend to the contract.
const _: () = {
    const fn source<S: Source>() {}
    const fn sink<S: Sink>() {}
    source::<Reader>();
    sink::<Writer>();
};
