//! The contract between the sockets and the targets, and the one place that chooses a target.
//!
//! A backend opens a connection and hands it out as two halves that may live in different tasks. Above this line
//! everything is written once; below it, everything knows its platform. What a backend must do:
//!
//! * [`open`] checks nothing twice: URL and settings have passed [`Address::parse`](crate::address::Address) and
//!   `Control::check`. A setting that it cannot honour and that is not advisory fails with `ErrorKind::NotSupported` and is
//!   named. Dropping the future of `open` closes what has been opened.
//! * [`ConnectFn`] is how `Control::backpressure` is kept: `PLAIN` and `BACKPRESSURE` are ways of a platform to connect, the
//!   same where a peer always waits. The default is `PLAIN`. [`OfferProtocols`] is how subprotocols are offered, in programs that do.
//! * `Pool` (feature `http2`) is what `SharedConnections` keep.
//! * [`Source`] delivers what arrived, in order: every message or part, then either `None` (closed, or a close started
//!   here) or one error followed by `None`. After `start_close` it delivers nothing more. Pings and the peer's Close are
//!   answered though nobody receives, as far as the bound of what may be unread allows.
//! * [`Sink`] takes whole frames. `poll_ready` waits while more than `outbound_buffer_size` bytes are unsent; `start` never
//!   waits. An error of a background write reaches the next operation.
//! * [`Link`] is what both halves can do. `start_close` acts once. `poll_closed` waits for what is queued as long as it leaves
//!   (`send_timeout` without progress), then `close_timeout` for the peer's Close; it fails if our Close never left.
//! * What the halves may still do, and how the connection ended, is decided by `protocol::Lifecycle`, on every target.
//! * [`Source::spawner`] runs tasks beside the program, where the connection is at home; an [`Observer`] waits for the end,
//!   sees what travels, and keeps nothing open. A connection that has been opened begins its heartbeat
//!   ([`Start::begin`](crate::heartbeat::Start::begin)).
//! * [`pair`] connects two sockets in memory. A [`Line`] is what a test does to the second of them: it can `stall`, and be `cut`.
//! * [`CustomTransport`] is a transport that the program makes in the place of a platform that can have it.
//! * [`Delay`], [`Moment`] and [`fraction`] are time and chance, for what waits between connections.
//! * Dropping the last half starts a close without a code and lets the handshake finish in the background.
//! * Nothing panics, whatever the peer, the user or the platform does.

use std::{
    fmt::Debug,
    future::poll_fn,
    task::{Context, Poll, ready},
    time::Duration,
};

use crate::{
    close::{Close, CloseCode, Closed, check_sendable},
    error::{Error, Result},
    heartbeat::Signs,
    information::Information,
    message::{Message, Payload},
    protocol::Part,
};

// Not in the macro below: cargo-mutants reads modules without expanding any.
#[cfg(not(target_family = "wasm"))]
mod native;

cfg_if::cfg_if! {
    if #[cfg(any(target_arch = "wasm64", all(target_family = "wasm", not(target_os = "unknown"))))] {
        compile_error!(
            "websocket-anywhere does not support this target. Of WebAssembly it supports wasm32-unknown-unknown alone: browsers, \
             their workers, Node and Deno. WASI and Emscripten have no sockets that tokio could use in full, wasm64 no bindings \
             to JavaScript; all of them may work one day"
        );

        /// Spares whoever reads the sentence above errors about its absence.
        macro_rules! native_links {
            () => {
                ""
            };
        }
    } else if #[cfg(all(target_family = "wasm", target_os = "unknown"))] {
        mod browser;
        /// Whether threads share the memory: browsers do not take views of it.
        const MEMORY_IS_SHARED: bool = cfg!(target_feature = "atomics");
        /// Whether a URL may be relative: to the page or the worker.
        pub(crate) const HAS_BASE_URL: bool = true;
        #[cfg(feature = "http2")]
        pub(crate) use browser::Pool;
        pub(crate) use browser::{fraction, open, pair, CustomTransport, Delay, Line, Moment, OfferProtocols, ConnectFn, Reader, Spawner, Writer};

        /// What a handler of events has to be: `Send` natively, anything in a browser, where a handler may hold parts of the page.
        ///
        /// What is `Send` works on every target.
        pub trait MaybeSend {}

        impl<T> MaybeSend for T {}

        /// What is public on this target.
        pub(crate) mod public {
            pub use super::MaybeSend;
        }

        /// Where the guides send readers for what is native only: here, nowhere further than to the table that says so.
        macro_rules! native_links {
            () => {
                "\n\n\
                [accept message]: crate::docs::platforms\n\
                [accept stream]: crate::docs::platforms\n\
                [handshake]: crate::docs::platforms\n\
                [on request]: crate::docs::platforms\n\
                [requested protocols]: crate::docs::platforms\n\
                [server control]: crate::docs::platforms\n\
                [server message]: crate::docs::platforms\n\
                [server request]: crate::docs::platforms\n\
                [server stream]: crate::docs::platforms\n"
            };
        }
    } else {
        /// Whether a URL may be relative.
        pub(crate) const HAS_BASE_URL: bool = false;
        #[cfg(feature = "http2")]
        pub(crate) use native::Pool;
        pub(crate) use native::{fraction, open, pair, CustomTransport, Delay, Line, Moment, OfferProtocols, ConnectFn, Reader, Spawner, Writer};

        /// What a handler of events has to be: `Send` natively, anything in a browser, where a handler may hold parts of the page.
        ///
        /// What is `Send` works on every target.
        pub trait MaybeSend: Send {}

        impl<T: Send> MaybeSend for T {}

        /// What is public on this target.
        pub(crate) mod public {
            pub use super::{
                MaybeSend,
                native::{
                    ServerDecision, ServerControl, ServerMessageWebSocket, ServerRequest, ServerResponse,
                    ServerStreamWebSocket,
                },
            };
        }

        /// Where the guides send readers for what is native only.
        macro_rules! native_links {
            () => {
                "\n\n\
                [accept message]: crate::ServerMessageWebSocket::accept\n\
                [accept stream]: crate::ServerStreamWebSocket::accept\n\
                [handshake]: crate::MessageWebSocket::handshake\n\
                [on request]: crate::ServerControl::on_request\n\
                [requested protocols]: crate::ServerRequest::protocols\n\
                [server control]: crate::ServerControl\n\
                [server message]: crate::ServerMessageWebSocket\n\
                [server request]: crate::ServerRequest::new\n\
                [server stream]: crate::ServerStreamWebSocket\n"
            };
        }
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
    /// Fails where this connection cannot be used: each operation does, this is for those that have no error of their own.
    fn check_thread(&self) -> Result<()> {
        Ok(())
    }

    /// Starts the closing handshake behind what is already queued; does nothing if it has started.
    fn start_close(&self, close: Option<Close<'_>>);

    /// Waits for the end of the connection, however it comes: an error only if the program closed and its Close never left.
    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<Result<Closed>>;

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

    /// What waits for the end of this connection.
    type Observer: Observer;

    /// Takes the next message if it is whole and already here: [`poll_message`](Self::poll_message) would give the same, by a
    /// longer way.
    fn take_message(&mut self) -> Option<Message> {
        None
    }

    /// Waits for the next message, until it is whole.
    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Message>>>;

    /// Waits for the next message or part, also of a message that [`poll_message`](Self::poll_message) began to wait for.
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Chunk>>>;

    /// Whether `sink` is the other half of this connection.
    fn is_half_of(&self, sink: &Self::Sink) -> bool;

    /// Throws away what arrives from here on, so that pings and the peer's Close are seen though nobody receives.
    fn discard(&mut self);

    /// Leaves it to the sink, while there is one, to keep the connection open: the drop of the sink alone closes it.
    fn detach(&mut self);

    /// Ends the connection by a fault of this program, of which the peer is told.
    fn fail(&self, error: Error);

    fn observer(&self) -> Self::Observer;

    /// What runs tasks where this connection is at home.
    fn spawner(&self) -> Spawner;
}

/// Waits for the end of a connection, and does not count as one of its halves.
pub(crate) trait Observer: MaybeSend + 'static {
    /// Ready with the peer's Close, or with the error that ended the connection without one.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Result<Closed>>;

    /// What has travelled so far, whether or not the program receives.
    fn signs(&self) -> Signs;

    /// Sends a message unless more than `outbound_buffer_size` bytes are unsent: what waits asks as well. False if nothing can
    /// be asked, between the parts of a message; an error if the connection is not open.
    fn ask(&self, message: &Message) -> Result<bool>;

    /// Gives the connection up.
    fn abandon(&self, error: Error);
}

/// The sending half of a connection.
pub(crate) trait Sink: Link + Debug + Send + Sync + Unpin + 'static {
    /// What waits for a pong, and keeps nothing open.
    type Ping: Future<Output = Result<Duration>> + Send + 'static;

    /// Waits until another frame may be started.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>>;

    /// The same for a frame of a known length: a long one may better wait until there is room for all of it.
    fn poll_ready_for(&mut self, len: usize, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let _ = len;
        self.poll_ready(cx)
    }

    /// Takes one message, which the connection sends by itself from here on.
    fn start(&mut self, payload: &Payload<'_>) -> Result<()>;

    /// Waits until this message may be started, and takes it.
    fn poll_send(&mut self, payload: &Payload<'_>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.poll_ready_for(payload.as_bytes().len(), cx))?;
        Poll::Ready(self.start(payload))
    }

    /// Takes one message that may wait for [`poll_flush`](Self::poll_flush), or until the task waits for something else.
    fn feed(&mut self, payload: &Payload<'_>) -> Result<()> {
        self.start(payload)
    }

    /// Takes one part of a message; the parts of a message are text or none of them is.
    fn start_part(&mut self, part: &Payload<'_>, is_first: bool, is_last: bool) -> Result<()>;

    /// Waits until everything that was taken has been handed to the platform.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>>;

    /// How many bytes wait to be handed to the platform.
    fn buffered_amount(&self) -> usize;

    /// Sends a ping and gives the time until its pong; many may wait at once. An error where there is no way to do so.
    fn ping(&self) -> Self::Ping;
}

/// Starts to close with this code and reason; what it gives waits for the end.
///
/// # Errors
///
/// `ErrorKind::InvalidArgument`, before anything is sent, if not every target could send them.
pub(crate) fn close(
    link: &mut impl Link,
    code: CloseCode,
    reason: &str,
) -> Result<impl Future<Output = Result<Closed>>> {
    check_sendable((code, reason))?;
    link.check_thread()?;
    link.start_close(Some((code, reason)));
    Ok(poll_fn(|cx| link.poll_closed(cx)))
}

/// Closes with 1000, and waits for the end.
pub(crate) fn poll_close_normally(link: &mut impl Link, cx: &mut Context<'_>) -> Poll<Result<Closed>> {
    link.check_thread()?;
    link.start_close(Some((CloseCode::NORMAL, "")));
    link.poll_closed(cx)
}

/// Makes the compiler hold the chosen backend to the contract.
const _: () = {
    const fn source<S: Source>() {}
    const fn sink<S: Sink>() {}
    source::<Reader>();
    sink::<Writer>();
    let _: fn(Spawner, std::future::Ready<()>) = Spawner::spawn;
    const fn delay<D: Future<Output = Result<()>> + Debug + Send + Sync + Unpin>(_: fn(Duration) -> Result<D>) {}
    delay(Delay::start);
    let _: fn() -> Moment = Moment::now;
    let _: fn(Moment) -> Duration = Moment::elapsed;
    let _: fn() -> f64 = fraction;
};
