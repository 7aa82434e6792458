//! The native backend: RFC 6455 on tokio.
//!
//! [`open`] dials, makes TLS and the opening handshake, and spawns the driver of the connection. Then:
//!
//! * a [`Writer`] encodes frames into the outbound buffer and returns; the first of a burst also tries to write at once;
//! * the driver ([`driver`]) writes what has gathered, owns the timers, and sees the connection to its end after a close or
//!   when all halves are dropped;
//! * a [`Reader`] reads the transport in the task of the reader, so that a slow reader slows the peer.
//!
//! They meet in [`connection::Connection`], which has three locks, each held for one step without waiting. The order in
//! which they may be taken is: inbound or wire first, outbound last.

mod connection;
mod dial;
mod driver;
mod inbound;
mod outbound;
mod reader;
mod settings;
mod tls;
mod upgrade;
mod wire;
mod writer;

use self::{connection::Connection, dial::Dialled, driver::Driver, settings::Settings};
pub(crate) use self::{reader::Reader, writer::Writer};
use crate::{
    address::Address,
    control::Control,
    error::{Error, ErrorKind, Result},
    protocol::Limits,
};

/// Connects to a server.
pub(crate) async fn open(address: &Address, control: Control, limits: Limits) -> Result<(Reader, Writer)> {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        return Err(Error::new(ErrorKind::NoRuntime, "connecting needs a tokio runtime"));
    };
    let Dialled { transport, upgraded, local, remote } = dial::dial(address, &control).await?;
    let settings = Settings::new(&control, limits);
    let deflater = upgraded.deflater();
    let connection = Connection::new(transport, upgraded, settings, local, remote)?;
    runtime.spawn(Driver::new(connection.clone()).drive());
    Ok((Reader::new(connection.clone()), Writer::new(connection, deflater)))
}

/// Natively there is one way to connect, and it makes the peer of a slow program wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opener;

impl Opener {
    pub(crate) const PLAIN: Self = Self;
    pub(crate) const BACKPRESSURE: Self = Self;
}
