//! Challenges of a server: whatever it asks, each request is one that a server can read, and no answer shows the password but
//! that of Basic.

use websocket_anywhere::{Control, MessageWebSocket};

use super::{
    run,
    transport::{End, Script, Transport},
};
use crate::input::Input;

/// What a server asks for.
#[derive(Clone, Debug)]
pub struct Case {
    pub cuts: Vec<u16>,
    /// The value of `WWW-Authenticate`, which may end its line and say more.
    pub challenge: Vec<u8>,
    /// What follows the refusal.
    pub next: Vec<u8>,
}

impl Case {
    /// The cuts, the challenge, what follows.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut input = Input::new(bytes);
        Self { cuts: input.numbers(), challenge: input.chunk().to_vec(), next: input.rest().to_vec() }
    }
}

/// Opens a connection to such a server.
pub fn check(case: &Case) {
    let head = [b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nWWW-Authenticate: ", &case.challenge[..]].concat();
    let answer = [&head, &b"\r\n\r\n"[..], &case.next].concat();
    let script = Script { answer, cuts: case.cuts.clone(), end: End::Eof, takes: Vec::new() };
    let requests = run(async {
        let (transport, watch) = Transport::new(script);
        let control = Control::new().server_credential("user", PASSWORD);
        let opened = MessageWebSocket::handshake(transport, "ws://example.com/chat?x", control).await;
        let requests = watch.requests();
        drop(opened);
        requests
    });
    let mut rest = &requests[..];
    let mut count = 0;
    while rest.starts_with(b"GET ") {
        rest = &rest[request(case, rest)..];
        count += 1;
    }
    assert!((1..=3).contains(&count), "{count} requests in {case:?}");
}

/// Checks a request and gives its length.
fn request(case: &Case, bytes: &[u8]) -> usize {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut headers);
    let Ok(httparse::Status::Complete(len)) = request.parse(bytes) else { panic!("no request: {case:?}") };
    assert_eq!((request.method, request.path), (Some("GET"), Some("/chat?x")), "{case:?}");
    let known = |name: &str| NAMES.iter().any(|known| name.eq_ignore_ascii_case(known));
    assert!(request.headers.iter().all(|header| known(header.name)), "{:?} in {case:?}", request.headers);
    let mut answers = request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case("authorization"));
    if let Some(answer) = answers.next() {
        let answer = String::from_utf8_lossy(answer.value);
        assert!(answer.starts_with("Basic ") || answer.starts_with("Digest "), "{answer} in {case:?}");
        assert!(!answer.contains(PASSWORD), "{answer} in {case:?}");
    }
    assert!(answers.next().is_none(), "{case:?}");
    len
}

const PASSWORD: &str = "correct-horse";

const NAMES: [&str; 8] = [
    "host",
    "user-agent",
    "upgrade",
    "connection",
    "sec-websocket-key",
    "sec-websocket-version",
    "sec-websocket-extensions",
    "authorization",
];
