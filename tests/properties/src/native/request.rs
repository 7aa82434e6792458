//! A server's opening handshake: whatever a client sends is answered, and accepted only if it may be.

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use websocket_anywhere::{Control, ErrorKind, Message, ServerControl, ServerMessageWebSocket};

use super::run;
use crate::input::{Input, places};

/// A request with what follows it, and where it is cut.
#[derive(Clone, Debug)]
pub struct Case {
    /// Whether the server knows the subprotocol "chat".
    pub protocols: bool,
    pub cuts: Vec<u16>,
    pub request: Vec<u8>,
}

impl Case {
    /// A byte of settings, the cuts, the request.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut input = Input::new(bytes);
        Self { protocols: input.byte() & 1 != 0, cuts: input.numbers(), request: input.rest().to_vec() }
    }
}

/// What a server made of a request: its error or the messages behind it, and the head of its answer.
type Made = (Result<Vec<Message>, ErrorKind>, Vec<u8>);

/// Accepts the request in one piece, and as the case cuts it.
pub fn check(case: &Case) {
    let whole = accept(case, &[]);
    let cut = accept(case, &places(&case.cuts, case.request.len()));
    assert_eq!(whole, cut, "the cuts matter: {case:?}");
    let (made, answer) = whole;
    let status = status(&answer);
    match made {
        Ok(_) => justified(case, &answer),
        Err(ErrorKind::HttpStatus(refusal)) => {
            assert_eq!(status, Some(refusal), "{case:?}");
            assert!((400..600).contains(&refusal), "{case:?}");
        }
        // The request is not complete.
        Err(ErrorKind::ConnectionAborted) => assert_eq!(status, None, "{case:?}"),
        Err(kind) => panic!("{kind:?} in {case:?}"),
    }
}

fn accept(case: &Case, cuts: &[usize]) -> Made {
    run(async {
        let (mut client, server) = duplex(1 << 20);
        let mut control = ServerControl::new();
        if case.protocols {
            control = control.settings(Control::new().supported_protocol("chat"));
        }
        let serve = async {
            let mut socket = match ServerMessageWebSocket::accept(server, control).await {
                Ok(socket) => socket,
                Err(error) => return Err(error.kind()),
            };
            let mut messages = Vec::new();
            while let Ok(Some(message)) = socket.receive().await {
                messages.push(message);
            }
            Ok(messages)
        };
        let ask = async {
            let mut start = 0;
            for &cut in cuts.iter().chain([&case.request.len()]) {
                // A refusal may come before the end.
                let _ = client.write_all(&case.request[start..cut]).await;
                tokio::task::yield_now().await;
                start = cut;
            }
            let _ = client.shutdown().await;
            let mut answer = Vec::new();
            client.read_to_end(&mut answer).await.expect("a pipe in memory");
            answer
        };
        let (made, mut answer) = tokio::join!(serve, ask);
        // Frames may follow it.
        let head = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").map_or(answer.len(), |at| at + 4);
        answer.truncate(head);
        (made, answer)
    })
}

/// The status of an answer, `None` if there is no answer.
fn status(answer: &[u8]) -> Option<u16> {
    if answer.is_empty() {
        return None;
    }
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut headers);
    assert!(response.parse(answer).is_ok_and(|status| status.is_complete()), "{answer:?}");
    response.code
}

/// Checks what a server must check (RFC 6455 section 4.2.1).
fn justified(case: &Case, answer: &[u8]) {
    assert_eq!(status(answer), Some(101), "{case:?}");
    let mut headers = [httparse::EMPTY_HEADER; 256];
    let mut request = httparse::Request::new(&mut headers);
    let parsed = request.parse(&case.request);
    assert!(parsed.is_ok_and(|status| status.is_complete()), "{case:?}");
    assert_eq!((request.method, request.version), (Some("GET"), Some(1)), "{case:?}");
    let values = |name: &str| -> Vec<String> {
        let named = request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
        named.map(|header| String::from_utf8_lossy(header.value).trim().to_owned()).collect()
    };
    let has = |name, token: &str| {
        let found =
            values(name).iter().any(|value| value.split(',').any(|item| item.trim().eq_ignore_ascii_case(token)));
        assert!(found, "{name} without {token}: {case:?}");
    };
    has("upgrade", "websocket");
    has("connection", "upgrade");
    has("sec-websocket-version", "13");
    let answer = String::from_utf8_lossy(answer);
    let accepts = |key: &String| answer.contains(&derive_accept_key(key.as_bytes()));
    assert!(values("sec-websocket-key").iter().any(accepts), "{answer} in {case:?}");
    let chosen = answer.to_ascii_lowercase().contains("sec-websocket-protocol: chat\r\n");
    let offered =
        values("sec-websocket-protocol").iter().any(|value| value.split(',').any(|item| item.trim() == "chat"));
    assert!(!chosen || case.protocols && offered, "{case:?}");
}
