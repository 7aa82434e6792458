//! Connections that sockets share: those of an origin, who may use them, and who makes the next one.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};
use url::Url;

use super::{
    Again,
    client::Client,
    users::{User, Users},
};
use crate::{
    backend::native::{
        dial::{Proxy, Stage},
        tls::Connector,
    },
    control::{Control, HttpVersion, route::RouteSettings},
    error::{Error, ErrorKind, Result},
};

/// All that is shared.
pub(crate) struct Pool {
    idle_timeout: Duration,
    origins: Mutex<Vec<Arc<Origin>>>,
}

/// The connections to one server by equal settings.
pub(super) struct Origin {
    key: Key,
    pub(super) idle_timeout: Duration,
    state: Mutex<State>,
    /// The state has changed.
    changed: Notify,
}

#[derive(Default)]
struct State {
    clients: Vec<Arc<Client>>,
    /// Somebody makes another one: whoever comes meanwhile waits for it.
    is_being_made: bool,
    /// Until when nobody need try HTTP/2.
    http1: Option<Instant>,
}

/// What connections have to have in common.
struct Key {
    origin: url::Origin,
    tls: Option<Connector>,
    proxy: Option<Proxy>,
    credential: Option<(String, String)>,
    route: RouteSettings,
}

/// What a socket gets.
pub(super) enum Reservation {
    /// A connection that is there.
    Use(Arc<Origin>, Arc<Client>, Arc<User>),
    /// It makes one, for itself alone if nobody waits for it.
    Make(Option<PendingConnection>),
    /// The server has no WebSockets over HTTP/2.
    Http1,
}

/// Makes a connection that others wait for. Its drop lets another one try.
pub(in crate::backend::native) struct PendingConnection {
    origin: Arc<Origin>,
    is_over: AtomicBool,
}

impl Pool {
    pub(crate) const fn new(idle_timeout: Duration) -> Self {
        Self { idle_timeout, origins: Mutex::new(Vec::new()) }
    }

    pub(crate) fn connections(&self) -> usize {
        lock(&self.origins).iter().map(|origin| lock(&origin.state).clients.len()).sum()
    }

    fn origin(&self, key: Key) -> Arc<Origin> {
        let mut origins = lock(&self.origins);
        if let Some(known) = origins.iter().find(|origin| origin.key == key) {
            return known.clone();
        }
        origins.retain(|origin| Arc::strong_count(origin) > 1 || origin.is_of_use());
        let origin = Origin { key, idle_timeout: self.idle_timeout, state: Mutex::default(), changed: Notify::new() };
        origins.push(Arc::new(origin));
        Arc::clone(&origins[origins.len() - 1])
    }
}

/// Finds a connection for a socket, or lets it make one; waits for one that is being made, until `end`.
pub(super) async fn place(
    url: &Url,
    control: &Control,
    tls: Option<&Connector>,
    proxy: Option<&Proxy>,
    end: Instant,
) -> Result<Reservation> {
    let extras = control.extras();
    let Some(shared) = extras.shared_connections.as_ref().filter(|_| extras.http_version != HttpVersion::Http1) else {
        return Ok(Reservation::Make(None));
    };
    let credential = extras.server_credential.as_ref();
    let origin = shared.pool.origin(Key {
        origin: url.origin(),
        tls: tls.map(Connector::without_validation),
        proxy: proxy.cloned(),
        credential: credential.map(|credential| (credential.user.clone(), credential.password.clone())),
        route: extras.route.clone(),
    });
    let may_be_http1 = extras.http_version == HttpVersion::Auto;
    Stage::Share.until(end, async { Ok(origin.place(may_be_http1).await) }).await
}

impl Origin {
    async fn place(self: Arc<Self>, may_be_http1: bool) -> Reservation {
        loop {
            let changed = self.changed.notified();
            {
                let mut state = lock(&self.state);
                state.clients.retain(|client| !client.has_ended());
                if let Some((client, user)) = state.clients.iter().find_map(|client| Some((client, client.user()?))) {
                    return Reservation::Use(self.clone(), client.clone(), user);
                }
                if may_be_http1 && state.http1.is_some_and(|until| until > Instant::now()) {
                    return Reservation::Http1;
                }
                if !state.is_being_made {
                    state.is_being_made = true;
                    return Reservation::Make(Some(PendingConnection {
                        origin: self.clone(),
                        is_over: AtomicBool::new(false),
                    }));
                }
            }
            changed.await;
        }
    }

    /// No socket is to be opened on this connection any more.
    pub(super) fn retire(&self, users: &Users) {
        lock(&self.state).clients.retain(|client| !client.has(users));
    }

    /// The same, unless somebody uses it; whether nobody does.
    pub(super) fn retire_unused(&self, users: &Users) -> bool {
        // Under the lock under which users are admitted.
        let mut state = lock(&self.state);
        let is_unused = users.count() == 0;
        if is_unused {
            state.clients.retain(|client| !client.has(users));
        }
        is_unused
    }

    /// What another attempt has to know of what became of a socket on this connection.
    pub(super) fn learn(&self, client: &Client, error: &Error) {
        if super::again(error) == Some(Again::Anew) || error.kind() == ErrorKind::Timeout {
            self.retire(client.users());
        }
    }

    fn is_of_use(&self) -> bool {
        let state = lock(&self.state);
        !state.clients.is_empty() || state.http1.is_some_and(|until| until > Instant::now())
    }
}

impl PendingConnection {
    pub(super) fn origin(&self) -> Weak<Origin> {
        Arc::downgrade(&self.origin)
    }

    pub(super) fn shared(&self) -> &Origin {
        &self.origin
    }

    /// Here it is.
    pub(super) fn done(&self, client: Arc<Client>) {
        self.end(|state| state.clients.push(client));
    }

    /// The server has no WebSockets over HTTP/2.
    pub(in crate::backend::native) fn is_http1(&self) {
        self.end(|state| state.http1 = Some(Instant::now() + HTTP1_TIME));
    }

    /// Once: from then on somebody else may be making one.
    fn end(&self, change: impl FnOnce(&mut State)) {
        if !self.is_over.swap(true, Ordering::SeqCst) {
            let mut state = lock(&self.origin.state);
            change(&mut state);
            state.is_being_made = false;
            drop(state);
            self.origin.changed.notify_waiters();
        }
    }
}

impl Drop for PendingConnection {
    fn drop(&mut self) {
        self.end(|_| {});
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        let is_same_tls = match (&self.tls, &other.tls) {
            (Some(ours), Some(theirs)) => ours.is_equal(theirs),
            (None, None) => true,
            _ => false,
        };
        is_same_tls
            && self.origin == other.origin
            && self.proxy == other.proxy
            && self.credential == other.credential
            && self.route == other.route
    }
}

/// Nothing that holds a lock here can leave its work half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long a server that has no WebSockets over HTTP/2 is not asked for them again.
const HTTP1_TIME: Duration = Duration::from_secs(300);
