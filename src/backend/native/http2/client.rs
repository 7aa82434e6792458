//! A connection of HTTP/2 to a server: its beginning, the task that drives it, and its end.

use std::{
    future::{Future as _, pending, poll_fn},
    pin::{Pin, pin},
    sync::{Arc, Weak},
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use futures::future::select;
use h2::{
    Ping, PingPong,
    client::{Builder, Connection, SendRequest},
};
use tokio::{
    sync::Mutex,
    time::{sleep, timeout},
};

use super::{
    Endpoints, Io,
    pool::Origin,
    users::{User, Users},
    without_websockets,
};
use crate::error::{Error, ErrorKind, Result};

/// A connection of HTTP/2 whose server has WebSockets.
pub(super) struct Client {
    requests: SendRequest<Bytes>,
    users: Arc<Users>,
    ends: Endpoints,
    /// Whoever waits for a pong has it.
    pings: Mutex<Option<PingPong>>,
}

impl Client {
    /// Exchanges the settings over a fresh transport, and lets a task drive the connection as long as it has a user, the one
    /// that is given or another; longer, if it is shared.
    pub(super) async fn new(
        transport: Box<dyn Io>,
        ends: Endpoints,
        shared: Option<Weak<Origin>>,
    ) -> Result<(Self, Arc<User>)> {
        let (requests, mut connection) = builder().handshake(transport).await.map_err(lost)?;
        let mut pings = connection.ping_pong();
        if !has_websockets(&requests, &mut connection, pings.as_mut()).await? {
            return Err(without_websockets());
        }
        let users = Users::new();
        let user = users.enter();
        tokio::spawn(drive(connection, users.clone(), shared));
        Ok((Self { requests, users, ends, pings: Mutex::new(pings) }, user))
    }

    /// Makes room for another stream, if the server allows one more.
    pub(super) fn user(&self) -> Option<Arc<User>> {
        // Whom the server allows none finds out by asking.
        let most = self.requests.current_max_send_streams().max(1);
        (self.users.count() < most).then(|| self.users.enter())
    }

    pub(super) fn has_ended(&self) -> bool {
        self.users.have_ended()
    }

    pub(super) fn users(&self) -> &Users {
        &self.users
    }

    pub(super) fn has(&self, users: &Users) -> bool {
        std::ptr::eq(&*self.users, users)
    }

    /// Waits in vain for a sign of life.
    pub(super) async fn is_silent(&self) {
        let answer = async {
            let mut pings = self.pings.lock().await;
            let Some(pings) = pings.as_mut() else { return };
            // The pong to a ping for which somebody else has not waited is no news.
            loop {
                let is_fresh = pings.send_ping(Ping::opaque()).is_ok();
                let pong = poll_fn(|cx| pings.poll_pong(cx)).await;
                if is_fresh || pong.is_err() {
                    break;
                }
            }
        };
        if timeout(PATIENCE, answer).await.is_ok() {
            pending().await
        }
    }

    pub(super) fn requests(&self) -> SendRequest<Bytes> {
        self.requests.clone()
    }

    pub(super) const fn ends(&self) -> &Endpoints {
        &self.ends
    }
}

type Driven = Connection<Box<dyn Io>, Bytes>;

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder
        .enable_push(false)
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_frame_size(MAX_FRAME)
        .max_header_list_size(MAX_HEADERS)
        .max_send_buffer_size(SEND_BUFFER);
    builder
}

/// Waits for the server's settings, which come before all else that it says (RFC 9113 section 3.4), hence before the answer to
/// a ping. Whether they have `SETTINGS_ENABLE_CONNECT_PROTOCOL` (RFC 8441 section 3).
async fn has_websockets(
    requests: &SendRequest<Bytes>,
    connection: &mut Driven,
    mut pings: Option<&mut PingPong>,
) -> Result<bool> {
    if let Some(pings) = &mut pings {
        pings.send_ping(Ping::opaque()).map_err(lost)?;
    }
    poll_fn(|cx| {
        if let Poll::Ready(ended) = Pin::new(&mut *connection).poll(cx) {
            return Poll::Ready(Err(ended.map_or_else(lost, |()| Error::new(ErrorKind::CannotConnect, LOST))));
        }
        let is_enabled = requests.is_extended_connect_protocol_enabled();
        let is_answered = pings.as_mut().is_some_and(|pings| pings.poll_pong(cx).is_ready());
        if is_enabled || is_answered { Poll::Ready(Ok(is_enabled)) } else { Poll::Pending }
    })
    .await
}

/// Drives a connection until it ends, or nobody uses it any more.
async fn drive(connection: Driven, users: Arc<Users>, shared: Option<Weak<Origin>>) {
    let origin = || shared.as_ref().and_then(Weak::upgrade);
    let unused = async {
        loop {
            let idle_timeout = origin().map_or(Duration::ZERO, |origin| origin.idle_timeout);
            users.unused_for(idle_timeout).await;
            if origin().is_none_or(|origin| origin.retire_unused(&users)) {
                break;
            }
        }
        // The last frames leave, and GOAWAY, unless the server takes nothing.
        sleep(LINGER).await;
    };
    select(connection, pin!(unused)).await;
    users.end();
    if let Some(origin) = origin() {
        origin.retire(&users);
    }
}

/// The connection ended before it was of use.
pub(super) fn lost(error: h2::Error) -> Error {
    let kind = if error.is_library() { ErrorKind::InvalidResponse } else { ErrorKind::CannotConnect };
    Error::with_source(kind, LOST, error)
}

const LOST: &str = "the server ended the HTTP/2 connection before the WebSocket was open";

/// How much a stream may receive that its socket has not read: enough for 1 Gbit/s from a server that is 30 ms away.
const STREAM_WINDOW: u32 = 4 << 20;

/// The same for all streams together: the most there is, for a socket that does not read must not stop the others.
const CONNECTION_WINDOW: u32 = (1 << 31) - 1;

/// How long a frame from the server may be.
const MAX_FRAME: u32 = 64 * 1024;

/// How long the headers of an answer may be.
const MAX_HEADERS: u32 = 64 * 1024;

/// How much of what a socket sends may wait for the connection; the rest waits in the socket.
const SEND_BUFFER: usize = 64 * 1024;

/// How long a connection that others use may show no sign of life before it gets no more sockets.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a connection that nobody uses may take to end.
const LINGER: Duration = Duration::from_secs(2);
