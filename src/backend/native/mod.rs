//! The native backend: RFC 6455 on tokio.
//!
//! [`open`] dials, makes TLS and the opening handshake, and spawns the driver of the connection; [`handshake`] does without
//! dialling, over a transport that the program brings. Then:
//!
//! * a [`Writer`] encodes frames into the outbound buffer and returns; the first of a burst also tries to write at once;
//! * the driver ([`driver`]) writes what has gathered, owns the timers, and sees the connection to its end after a close or
//!   when all halves are dropped;
//! * a [`Reader`] reads the transport in the task of the reader, so that a slow reader slows the peer.
//!
//! They meet in [`connection::Connection`], which has three locks, each held for one step without waiting. The order in
//! which they may be taken is: inbound or wire first, outbound last.

mod assembly;
mod batch;
mod body;
mod clock;
mod connection;
mod credentials;
mod dial;
mod driver;
mod handshake;
mod head;
#[cfg(feature = "http2")]
mod http2;
mod inbound;
#[cfg(all(test, shuttle))]
mod interleavings;
mod large_payload;
mod liveness;
mod observer;
#[cfg(all(test, not(shuttle)))]
mod orders;
mod os;
mod outbound;
mod pair;
mod ping;
mod reader;
mod redirect;
mod response;
mod server;
mod settings;
mod signals;
mod spawner;
mod sync;
#[cfg_attr(not(feature = "tls"), path = "without_tls.rs")]
mod tls;
mod trace;
mod upgrade;
mod wire;
mod writer;

pub use self::server::{
    ServerControl, ServerDecision, ServerMessageWebSocket, ServerRequest, ServerResponse, ServerStreamWebSocket,
};

use std::fmt;

use tokio::runtime::Handle;
use url::Url;

#[cfg(feature = "http2")]
pub(crate) use self::http2::Pool;
pub(crate) use self::{
    clock::{Delay, Moment, fraction},
    dial::CustomTransport,
    pair::{Line, pair},
    reader::Reader,
    spawner::Spawner,
    writer::Writer,
};
use self::{
    connection::Connection,
    dial::{Deadline, Dialled, Endpoints, Transport},
    driver::Driver,
    redirect::Redirects,
    settings::Settings,
    trace::Trace,
    upgrade::Upgraded,
};
use crate::{
    address::Address,
    control::{ConnectionKind, Control},
    error::{Error, ErrorKind, Result},
    heartbeat::Start,
    protocol::Limits,
};

/// Connects to a server.
pub(crate) async fn open(address: Address, mut control: Control, limits: Limits) -> Result<(Reader, Writer)> {
    control.check_supported(ConnectionKind::Dialler)?;
    let runtime = Handle::try_current().map_err(|_| no_runtime())?;
    let mut url = credentials::take_user_info(&address, &mut control)?;
    let trace = Trace::client(&url);
    let dialled = trace.follow(connect(&mut url, &mut control)).await;
    let Dialled { transport, upgraded, ends } = dialled.inspect_err(|error| trace.refused(error))?;
    let ends = Endpoints { url: Some(url.into()), trace, ..ends };
    start(&runtime, transport, upgraded, &control, limits, ends)
}

/// Dials, and again where a server asks for credentials or sends elsewhere; leaves the URL that was it in the end.
async fn connect(url: &mut Url, control: &mut Control) -> Result<Dialled> {
    let mut deadline = Deadline::new(control.timing.deadline);
    let mut redirects = Redirects::new(control);
    loop {
        #[cfg(feature = "http2")]
        let outcome = http2::dial(url, control, deadline).await;
        #[cfg(not(feature = "http2"))]
        let outcome = dial::dial(url, control, deadline).await;
        let refused = match outcome {
            Ok(dialled) => return Ok(dialled),
            Err(error) => error,
        };
        match credentials::unanswered(&refused) {
            // The server has ended the connection by which it asked for other credentials.
            Some(credential) => control.extras_mut().server_credential = Some(credential),
            None => {
                let refused = upgrade::map_subprotocol_error(refused);
                redirects.follow(refused, url, control, &mut deadline)?;
            }
        }
    }
}

/// Spawns the driver of a connection that is open, and gives its halves.
fn start(
    runtime: &Handle,
    transport: Transport,
    upgraded: Upgraded,
    control: &Control,
    limits: Limits,
    ends: Endpoints,
) -> Result<(Reader, Writer)> {
    let deflater = upgraded.deflater();
    let connection = Connection::new(transport, upgraded, Settings::new(control, limits), ends)?;
    runtime.spawn(Driver::new(connection.clone()).drive());
    let reader = Reader::new(connection.clone(), runtime.clone());
    Start::begin(control, &reader);
    Ok((reader, Writer::new(connection, deflater)))
}

fn no_runtime() -> Error {
    Error::new(ErrorKind::NoRuntime, "connecting needs a tokio runtime")
}

/// Natively there is one way to connect, and it makes the peer of a slow program wait; what was asked for is only shown.
#[derive(Clone, Copy)]
pub(crate) struct ConnectFn(bool);

impl ConnectFn {
    pub(crate) const PLAIN: Self = Self(false);
    pub(crate) const BACKPRESSURE: Self = Self(true);
}

impl fmt::Debug for ConnectFn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Natively subprotocols are a header like others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OfferProtocols;

impl OfferProtocols {
    pub(crate) const LISTED: Self = Self;
}
