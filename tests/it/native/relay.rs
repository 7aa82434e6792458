//! A relay between real sockets that harms a connection at one byte: it cuts, resets, delays or splits there, in either
//! direction, plain and under TLS. A sample of the bytes in each run; `cargo xtask soak` goes on for as long as it is told.

use std::{
    env,
    net::SocketAddr,
    time::{Duration, Instant},
};

use peer::{Peer, tls::Certificate};
use properties::streams::Random;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    runtime::{Builder, Handle},
};
use websocket_anywhere::{Control, ErrorKind, Message, MessageWebSocket};

use crate::support::soon;

/// What happens at the byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Harm {
    /// Both directions end.
    Cut,
    /// As [`Cut`](Self::Cut), by a reset.
    Reset,
    /// What follows comes later.
    Delay,
    /// What follows comes byte by byte, for a while.
    Split,
}

#[derive(Clone, Copy, Debug)]
struct Session {
    harm: Harm,
    /// In the direction to the server, or from it.
    upwards: bool,
    at: usize,
}

impl Session {
    fn new(random: &mut Random) -> Self {
        let harm = random.pick(&[Harm::Cut, Harm::Reset, Harm::Delay, Harm::Split]);
        // Up to what a session has under TLS.
        Self { harm, upwards: random.one_in(2), at: random.below(3500) }
    }

    const fn ends(self) -> bool {
        matches!(self.harm, Harm::Cut | Harm::Reset)
    }
}

/// Passes one connection on, with the harm in it.
async fn relay(client: TcpStream, server: SocketAddr, session: Session) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    if session.harm == Harm::Reset {
        for side in [&client, &server] {
            // It may have been reset by the other side.
            let _ = side.set_zero_linger();
        }
    }
    let ((client_read, client_write), (server_read, server_write)) = (client.into_split(), server.into_split());
    let up = pass(client_read, server_write, session.upwards.then_some(session));
    let down = pass(server_read, client_write, (!session.upwards).then_some(session));
    if session.ends() {
        // The one that is harmed ends both, whose sockets are dropped with them.
        tokio::select! {
            true = up => {}
            true = down => {}
            else => {}
        }
    } else {
        tokio::join!(up, down);
    }
}

/// Passes one direction on; gives whether the harm ended it.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, harmed: Option<Session>) -> bool {
    let (mut buffer, mut passed) = (vec![0; 16 * 1024], 0);
    loop {
        let Ok(len @ 1..) = from.read(&mut buffer).await else {
            let _ = to.shutdown().await;
            return false;
        };
        let mut rest = &buffer[..len];
        if let Some(session) = harmed.filter(|session| (passed..passed + len).contains(&session.at)) {
            let (front, back) = rest.split_at(session.at - passed);
            if to.write_all(front).await.is_err() {
                return false;
            }
            rest = back;
            match session.harm {
                Harm::Cut | Harm::Reset => return true,
                Harm::Delay => tokio::time::sleep(Duration::from_millis(5)).await,
                Harm::Split => {
                    for byte in back {
                        if to.write_all(&[*byte]).await.is_err() {
                            return false;
                        }
                        tokio::task::yield_now().await;
                    }
                    rest = &[];
                }
            }
        }
        passed += len;
        if to.write_all(rest).await.is_err() {
            return false;
        }
    }
}

/// Connects through the relay, has messages echoed and closes; what comes is what was sent, up to an error.
async fn play(url: &str, control: Control, listener: &TcpListener, server: SocketAddr, session: Session) {
    let serve = async {
        let (client, _) = listener.accept().await.unwrap();
        relay(client, server, session).await;
    };
    let sent = [&b"one"[..], &[7; 300], b""].map(|message| Message::from(message.to_vec()));
    let talk = async {
        let mut socket = MessageWebSocket::connect_with(url, control).await.map_err(|error| (0, error.kind()))?;
        for (number, message) in sent.iter().enumerate() {
            let told = |error: websocket_anywhere::Error| (number, error.kind());
            socket.send(message).await.map_err(told)?;
            match socket.receive().await.map_err(told)? {
                Some(received) => assert_eq!(&received, message, "{session:?}"),
                None => return Err((number, ErrorKind::Closed)),
            }
        }
        let closed = socket.close(1000, "").await.map_err(|error| (sent.len(), error.kind()))?;
        assert!(closed.was_clean() || session.ends(), "{closed:?} in {session:?}");
        Ok(())
    };
    let (told, ()) = soon(async { tokio::join!(talk, serve) }).await;
    if let Err(told) = told {
        assert!(session.ends(), "{told:?} in {session:?}");
    }
}

/// Runs sessions until the time is over, and gives how many.
async fn sessions(is_secure: bool, seed: u64, least: usize, time: Duration) -> usize {
    let peer = if is_secure { Peer::start_tls(Certificate::Good).unwrap() } else { Peer::start().unwrap() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = peer.url("/echo").replace(&format!(":{}", peer.addr().port()), &format!(":{port}"));
    let url = url.replace("localhost", "127.0.0.1");
    let mut control = Control::new();
    if is_secure {
        control = control.root_certificate(peer.root_der());
    }
    let mut random = Random::new(seed);
    let (started, mut count) = (Instant::now(), 0);
    while count < least || started.elapsed() < time {
        play(&url, control.clone(), &listener, peer.addr(), Session::new(&mut random)).await;
        count += 1;
    }
    count
}

/// `SOAK_SECONDS` says how long to go on, `SOAK_SEED` repeats a run.
#[test]
fn a_connection_that_is_harmed_anywhere_delivers_what_was_sent_or_fails() {
    let number = |name| env::var(name).ok().map(|value| value.parse().expect("a number"));
    let time = Duration::from_secs(number("SOAK_SECONDS").unwrap_or(0));
    let seed = number("SOAK_SEED").unwrap_or_else(|| u64::from(crate::support::random()));
    println!("SOAK_SEED={seed}");
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let mut count = 0;
    for is_secure in [false, true].into_iter().filter(|is_secure| !is_secure || cfg!(feature = "tls")) {
        // What is made once in a process is there after the first session.
        count += runtime.block_on(sessions(is_secure, seed, 1, Duration::ZERO));
        let before = runtime.block_on(async { Handle::current().metrics().num_alive_tasks() });
        let descriptors = soaks().then(descriptors);
        count += runtime.block_on(sessions(is_secure, seed, 100, time / 2));
        runtime.block_on(soon(async {
            // Connections end in the background, within their time-outs.
            while Handle::current().metrics().num_alive_tasks() > before {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }));
        if let Some(before) = descriptors.flatten() {
            let deadline = Instant::now() + crate::support::LIMIT;
            while self::descriptors().is_some_and(|now| now > before) {
                assert!(Instant::now() < deadline, "{:?} descriptors, {before} before", self::descriptors());
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
    println!("soak: {count} sessions");
}

/// Whether this test is alone in its process, so that descriptors can be counted.
fn soaks() -> bool {
    env::var_os("SOAK_SECONDS").is_some()
}

/// How many descriptors this process has, where the system tells.
fn descriptors() -> Option<usize> {
    Some(std::fs::read_dir("/proc/self/fd").ok()?.count())
}
