//! The server of the tests: the URL chooses how it behaves.
//!
//! One half of it is tokio-tungstenite and does everything right, the other writes raw bytes and does
//! everything wrong. What the server saw is kept under the `id` that the URL names, and
//! `/report?id=…` tells it over a WebSocket, so that a page in a browser can check as much as a
//! native test can. `README.md` lists the paths; `record.rs` says what a record holds. The program of the same name starts one.
//!
//! The peer listens on the loopback only and survives whatever a client does: a connection that goes
//! wrong ends its own task and nothing else.

mod connection;
mod deflate;
mod faults;
mod flood;
mod frames;
pub mod hierarchy;
mod http;
mod inspection;
mod login;
mod raw_half;
mod record;
mod routes;
mod sink;
pub mod tls;
mod tungstenite_half;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, LazyLock};

use tokio::runtime::{Builder, Runtime};

use connection::Server;
use hierarchy::{Hierarchy, Shown};
use record::Records;
use tls::{Certificate, ClientIdentity, Handshakes, Identity};

/// A running server. Dropping it ends it, with all of its connections.
#[derive(Debug)]
pub struct Peer {
    addr: SocketAddr,
    identity: Option<Identity>,
    handshakes: Arc<Handshakes>,
    /// Taken only by `drop`.
    runtime: Option<Runtime>,
}

impl Peer {
    /// Starts a server on a port that the system chooses.
    pub fn start() -> io::Result<Self> {
        Self::start_on(0)
    }

    /// Starts a server on the given port.
    pub fn start_on(port: u16) -> io::Result<Self> {
        Self::listen(port, None)
    }

    /// Starts a server that speaks TLS and shows the given certificate.
    pub fn start_tls(certificate: Certificate) -> io::Result<Self> {
        Self::listen(0, Some(Identity::generate(certificate, false)?))
    }

    /// Starts a server that speaks TLS, shows a good certificate, and asks clients for theirs.
    pub fn start_tls_asking() -> io::Result<Self> {
        Self::listen(0, Some(Identity::generate(Certificate::Good, true)?))
    }

    /// Starts a server that speaks TLS and shows certificates of this hierarchy.
    pub fn start_tls_below(hierarchy: &Hierarchy, shown: Shown) -> io::Result<Self> {
        Self::listen(0, Some(Identity::below(hierarchy, shown)?))
    }

    /// The server that all tests of this process share.
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<Peer> = LazyLock::new(|| Peer::start().expect("the loopback has a free port"));
        &SHARED
    }

    /// The URL of a path, which starts with a slash.
    pub fn url(&self, path: &str) -> String {
        let port = self.addr.port();
        match self.identity {
            Some(_) => format!("wss://localhost:{port}{path}"),
            None => format!("ws://{}{path}", self.addr),
        }
    }

    /// The address that the server listens on.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The certificate authority to trust, in DER. Empty without TLS.
    pub fn root_der(&self) -> &[u8] {
        self.identity.as_ref().map_or(&[], Identity::root_der)
    }

    /// The certificate authority to trust, in PEM. Empty without TLS.
    pub fn root_pem(&self) -> String {
        self.identity.as_ref().map(Identity::root_pem).unwrap_or_default()
    }

    /// The certificate that the server shows, in DER. Empty without TLS.
    pub fn leaf_der(&self) -> &[u8] {
        self.identity.as_ref().map_or(&[], Identity::leaf_der)
    }

    /// A certificate that this server asks its clients for; `None` without TLS.
    pub fn client_identity(&self) -> Option<ClientIdentity> {
        self.identity.as_ref()?.client().ok()
    }

    /// A list of revoked certificates, in DER, with that of this server or with another one; it may have expired. Empty
    /// without TLS.
    pub fn revocation_list(&self, is_listed: bool, is_current: bool) -> Vec<u8> {
        let list = self.identity.as_ref().and_then(|identity| identity.revocation_list(is_listed, is_current).ok());
        list.unwrap_or_default()
    }

    /// The TLS handshakes that clients have completed.
    pub fn handshakes(&self) -> &Handshakes {
        &self.handshakes
    }

    fn listen(port: u16, identity: Option<Identity>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;
        let runtime = Builder::new_multi_thread().worker_threads(WORKERS).thread_name("peer").enable_all().build()?;
        let handshakes = Arc::<Handshakes>::default();
        let acceptor = identity.as_ref().map(Identity::acceptor);
        let server = Arc::new(Server { records: Records::default(), acceptor, handshakes: Arc::clone(&handshakes) });
        let listener = {
            let _context = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        runtime.spawn(server.run(listener));
        Ok(Self { addr, identity, handshakes, runtime: Some(runtime) })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // A test may drop the peer inside a runtime of its own, where waiting for this one would panic.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

const WORKERS: usize = 2;
