//! The browser: its own `WebSocket` (WHATWG WebSockets), in windows, workers and Node alike, or its `WebSocketStream`.
//!
//! A `WebSocket` pushes, a [`Source`](super::Source) is pulled; a `WebSocket` never waits, a [`Sink`](super::Sink) does.
//! What lies between:
//!
//! * [`transport`] is what the two have in common: [`plain`], and [`stream_transport`], which can wait;
//! * [`socket`] owns the transport and feeds [`state`], which decides what each event means;
//! * [`inbox`] holds what has arrived and was not received, up to a limit, since a `WebSocket` cannot be paused;
//! * [`text`] takes strings out of JavaScript;
//! * [`pace`] decides when the receiving task is woken: at once, or in a [`turn`] that serves a whole burst;
//! * [`held`] keeps the parts of a message until it can be sent whole;
//! * [`outbound`] watches `bufferedAmount`, which has no event, with a timer; [`hidden`] is what does that in hidden pages;
//! * [`reader`] and [`writer`] are the two halves, which share the socket through [`half`];
//! * [`observer`] waits for the end without holding the connection, [`spawner`] runs tasks beside the program;
//! * `pool`, of the feature `http2`, stands for the connections that a browser shares by itself;
//! * [`thread`] makes them `Send`; [`slot`] holds a waker; [`callback`], [`property`], [`exception`], [`timer`] and [`clock`] are
//! * [`brought`] is what nobody brings; [`thread`] makes them `Send`; [`slot`] holds a waker; [`callback`], [`property`], [`exception`], [`timer`] and [`clock`] are
//!   JavaScript as Rust would have it.
//!
//! Whatever a callback needs is owned by the socket and goes with it; callbacks themselves hold weak references, and wake
//! outside of all borrows.

mod callback;
mod clock;
mod custom_transport;
mod exception;
mod half;
mod hidden;
mod inbox;
mod local_waker;
mod location;
mod memory;
mod observer;
mod outbound;
mod pending_parts;
mod plain;
#[cfg(feature = "http2")]
mod pool;
mod property;
mod reader;
mod socket;
mod spawner;
mod state;
mod stream_transport;
mod text;
mod thread;
mod timer;
mod transport;
mod turn;
mod wake_scheduler;
mod writer;

use std::{
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

#[cfg(feature = "http2")]
pub(crate) use self::pool::Pool;
pub(crate) use self::{
    clock::{Delay, Moment, fraction},
    custom_transport::CustomTransport,
    memory::{Line, pair},
    reader::Reader,
    spawner::Spawner,
    transport::{ConnectFn, OfferProtocols},
    writer::Writer,
};
use self::{half::SocketHalf, socket::Socket, thread::Local};
use crate::{
    address::Address,
    control::{ConnectionKind, Control},
    error::{Error, Result},
    heartbeat::Start,
    protocol::Limits,
};

/// Connects, at once; dropping the future closes what it has opened.
pub(crate) fn open(address: Address, control: Control, limits: Limits) -> Opening {
    let is_supported = control.check_supported(ConnectionKind::Browser);
    Opening(is_supported.and_then(|()| Socket::connect(address, control, limits)).map(Local::new))
}

/// A connection that is being made. The settings are not part of it: to carry them through an `async fn` takes code.
pub(crate) struct Opening(Result<Local<Rc<Socket>>>);

impl Future for Opening {
    type Output = Result<(Reader, Writer)>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let socket = self.0.as_ref().map_err(Error::clone)?.get()?;
        ready!(socket.poll_open(cx))?;
        let reader = Reader::new(SocketHalf::new(socket));
        Start::begin(socket.control(), &reader);
        Poll::Ready(Ok((reader, Writer::new(SocketHalf::new(socket)))))
    }
}
