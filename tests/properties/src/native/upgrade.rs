//! The opening handshake: a response makes a connection only if it may, and then nothing that follows it is lost.

use websocket_anywhere::{Compression, Control, ErrorKind, MessageWebSocket};

use super::{
    run,
    transport::{End, Script, Transport},
};
use crate::{
    input::Input,
    receiver::{Outcome, UNLIMITED, receive},
};

/// A response with what follows it, and what was asked for.
#[derive(Clone, Debug)]
pub struct Case {
    /// Whether the subprotocols "chat" and "superchat" are offered.
    pub protocols: bool,
    pub compression: bool,
    pub cuts: Vec<u16>,
    pub response: Vec<u8>,
}

impl Case {
    /// A byte of settings, the cuts, the response.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut input = Input::new(bytes);
        let flags = input.byte();
        Self {
            protocols: flags & 1 != 0,
            compression: flags & 2 != 0,
            cuts: input.numbers(),
            response: input.rest().to_vec(),
        }
    }

    fn control(&self) -> Control {
        let mut control = Control::new().max_message_size(None);
        if self.protocols {
            control = control.supported_protocols(["chat", "superchat"]);
        }
        if self.compression { control.compression(Compression::new()) } else { control }
    }
}

/// What came of a response.
#[derive(Debug, PartialEq, Eq)]
struct Made {
    protocol: Option<String>,
    extensions: String,
    /// The messages that follow it, if they are not compressed.
    messages: Vec<Outcome>,
}

/// Opens a connection with the response in one piece, and as the case cuts it.
pub fn check(case: &Case) {
    let (whole, answer) = open(case, Vec::new());
    let (cut, _) = open(case, case.cuts.clone());
    assert_eq!(whole, cut, "the cuts matter: {case:?}");
    if let Ok(made) = whole {
        let body = justified(&made, case, &answer);
        if made.extensions.is_empty() {
            let mut expected = receive(UNLIMITED, &answer[body..], &[]).expect("the decoder works");
            expected.retain(|outcome| matches!(outcome, Outcome::Message(_)));
            assert_eq!(made.messages, expected, "what follows the response is lost: {case:?}");
        }
    }
}

/// Opens a connection, receives to its end, and gives what the server has said.
fn open(case: &Case, cuts: Vec<u16>) -> (Result<Made, ErrorKind>, Vec<u8>) {
    let script = Script { answer: case.response.clone(), cuts, end: End::Eof, takes: Vec::new() };
    run(async {
        let (transport, watch) = Transport::new(script);
        let opened = MessageWebSocket::handshake(transport, "ws://example.com/", case.control()).await;
        let mut socket = match opened {
            Ok(socket) => socket,
            Err(error) => return (Err(error.kind()), watch.answer()),
        };
        let information = socket.information();
        let mut messages = Vec::new();
        while let Ok(Some(message)) = socket.receive().await {
            messages.push(Outcome::Message(message));
        }
        let extensions = information.extensions().unwrap_or_default().to_owned();
        if !extensions.is_empty() {
            // What is compressed may be inflated in other pieces, and so be refused elsewhere.
            messages.clear();
        }
        (Ok(Made { protocol: information.protocol().map(str::to_owned), extensions, messages }), watch.answer())
    })
}

/// Checks what a client must check (RFC 6455 section 4.1), and gives where the response ends.
fn justified(made: &Made, case: &Case, answer: &[u8]) -> usize {
    let mut start = 0;
    let mut headers = [httparse::EMPTY_HEADER; 256];
    // Interim answers come first (RFC 9110 section 15.2).
    while let Some(size) = interim(&answer[start..]) {
        start += size;
    }
    let mut response = httparse::Response::new(&mut headers);
    let Ok(httparse::Status::Complete(size)) = tolerant().parse_response(&mut response, &answer[start..]) else {
        panic!("no response: {case:?}")
    };
    assert_eq!(response.code, Some(101), "{case:?}");
    let values = |name: &str| -> Vec<String> {
        let named = response.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
        named.map(|header| String::from_utf8_lossy(header.value).into_owned()).collect()
    };
    let has = |name, token: &str| {
        values(name).iter().flat_map(|value| value.split(',')).any(|item| item.trim().eq_ignore_ascii_case(token))
    };
    assert!(has("upgrade", "websocket") && has("connection", "upgrade"), "{case:?}");
    // The engine has compared it with the key, and minds another.
    assert_eq!(values("sec-websocket-accept").len(), 1, "{case:?}");
    assert_eq!(made.protocol, values("sec-websocket-protocol").first().cloned(), "{case:?}");
    let offered = made.protocol.as_deref().is_none_or(|protocol| ["chat", "superchat"].contains(&protocol));
    assert!(offered && (case.protocols || made.protocol.is_none()), "{case:?}");
    let extensions = values("sec-websocket-extensions");
    assert_eq!(made.extensions, extensions.join(", "), "{case:?}");
    assert!(case.compression || extensions.is_empty(), "{case:?}");
    start + size
}

/// The length of an answer after which another comes, if it is one.
fn interim(answer: &[u8]) -> Option<usize> {
    let mut headers = [httparse::EMPTY_HEADER; 256];
    let mut response = httparse::Response::new(&mut headers);
    let parsed = tolerant().parse_response(&mut response, answer);
    let is_interim = response.code.is_some_and(|code| code / 100 == 1 && code != 101);
    parsed.ok().and_then(|status| if status.is_complete() && is_interim { Some(status.unwrap()) } else { None })
}

/// What browsers overlook.
fn tolerant() -> httparse::ParserConfig {
    let mut config = httparse::ParserConfig::default();
    config
        .allow_multiple_spaces_in_response_status_delimiters(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .ignore_invalid_headers_in_responses(true);
    config
}
