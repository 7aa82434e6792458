//! The browser: its own `WebSocket` (WHATWG WebSockets), in windows, workers and Node alike.
//!
//! A `WebSocket` pushes, a [`Source`](super::Source) is pulled; a `WebSocket` never waits, a [`Sink`](super::Sink) does.
//! What lies between:
//!
//! * [`socket`] owns the `WebSocket` and its listeners and feeds [`state`], which decides what each event means;
//! * [`inbox`] holds what has arrived and was not received, up to a limit, since a `WebSocket` cannot be paused;
//! * [`text`] takes strings out of JavaScript;
//! * [`pace`] decides when the receiving task is woken: at once, or in a [`turn`] that serves a whole burst;
//! * [`outbound`] watches `bufferedAmount`, which has no event, with a timer;
//! * [`reader`] and [`writer`] are the two halves, which share the socket through [`half`];
//! * [`thread`] makes them `Send`; [`slot`] holds a waker; [`exception`], [`listener`] and [`timer`] are JavaScript as Rust would have it.
//!
//! Whatever a callback needs is owned by the socket and goes with it; callbacks themselves hold weak references, and wake
//! outside of all borrows.

mod exception;
mod half;
mod inbox;
mod listener;
mod outbound;
mod pace;
mod reader;
mod slot;
mod socket;
mod state;
mod text;
mod thread;
mod timer;
mod turn;
mod writer;

use std::future;

use self::{half::Half, socket::Socket, thread::Local};
pub(crate) use self::{reader::Reader, writer::Writer};
use crate::{
    address::Address,
    control::Control,
    error::{Error, ErrorKind, Result},
    protocol::Limits,
};

/// Connects; dropping the future closes what it has opened.
pub(crate) async fn open(address: &Address, control: Control, limits: Limits) -> Result<(Reader, Writer)> {
    check_supported(&control)?;
    let socket = Local::new(Socket::connect(address, control, limits)?);
    future::poll_fn(|cx| socket.get()?.poll_open(cx)).await?;
    let socket = socket.get()?;
    Ok((Reader::new(Half::new(socket)), Writer::new(Half::new(socket))))
}

/// Refuses what decides whom a program talks to and a browser does not let it decide.
fn check_supported(control: &Control) -> Result<()> {
    if control.root_certificates.is_empty() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::NotSupported, "a browser does not support the option root_certificate"))
}
