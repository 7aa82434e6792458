//! The URL and the setters of the request: whatever a program gives them, the request says that and nothing else, or it is an
//! error before a byte is sent.

use websocket_anywhere::{Control, MessageWebSocket};

use super::{
    run,
    transport::{End, Script, Transport},
};
use crate::input::Input;

/// What a program asks for.
#[derive(Clone, Debug)]
pub struct Case {
    pub url: String,
    pub header: Option<(String, String)>,
    pub protocol: Option<String>,
    pub credential: Option<(String, String)>,
}

impl Case {
    /// A byte that says what is set, then each of them.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut input = Input::new(bytes);
        let flags = input.byte();
        let mut text = || {
            let len = usize::from(input.byte());
            let bytes: Vec<u8> = (0..len.min(100)).map_while(|_| (!input.is_empty()).then(|| input.byte())).collect();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let url = text();
        Self {
            url: if flags & 1 == 0 { format!("ws://example.com/{url}") } else { url },
            header: (flags & 2 != 0).then(|| (text(), text())),
            protocol: (flags & 4 != 0).then(&mut text),
            credential: (flags & 8 != 0).then(|| (text(), text())),
        }
    }

    fn control(&self) -> Control {
        let mut control = Control::new();
        if let Some((name, value)) = &self.header {
            control = control.request_header(name, value);
        }
        if let Some(protocol) = &self.protocol {
            control = control.supported_protocol(protocol);
        }
        if let Some((user, password)) = &self.credential {
            control = control.server_credential(user, password);
        }
        control
    }
}

/// Connects, and reads the request as a server does.
pub fn check(case: &Case) {
    let answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                   Sec-WebSocket-Accept: {accept}\r\n\r\n";
    let script = Script { answer: answer.to_vec(), cuts: Vec::new(), end: End::Eof, takes: Vec::new() };
    let written = run(async {
        let (transport, watch) = Transport::new(script);
        drop(MessageWebSocket::handshake(transport, &case.url, case.control()).await);
        watch.requests()
    });
    if written.is_empty() {
        return;
    }
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut headers);
    let complete = request.parse(&written).is_ok_and(|status| status.is_complete());
    assert!(complete, "{:?} in {case:?}", String::from_utf8_lossy(&written));
    assert_eq!((request.method, request.version), (Some("GET"), Some(1)), "{case:?}");
    let path = request.path.unwrap_or_default();
    assert!(path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic()), "{path:?} in {case:?}");
    let values = |name: &str| -> Vec<&[u8]> {
        let named = request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
        named.map(|header| header.value).collect()
    };
    // Of what the handshake consists of there is one each.
    for name in ["host", "upgrade", "connection", "sec-websocket-key", "sec-websocket-version"] {
        assert_eq!(values(name).len(), 1, "{name} in {case:?}");
    }
    // And `User-Agent`, which the program may replace or, by an empty value, leave out.
    let mut expected = 6;
    if let Some((name, value)) = &case.header {
        let (said, value) = (values(name), value.trim_matches([' ', '\t']));
        let is_agent = name.eq_ignore_ascii_case("user-agent");
        if is_agent && value.is_empty() {
            assert!(said.is_empty(), "{said:?} in {case:?}");
            expected -= 1;
        } else {
            assert!(said.contains(&value.as_bytes()), "{said:?} in {case:?}");
            expected += usize::from(!is_agent);
        }
    }
    if let Some(protocol) = &case.protocol {
        assert_eq!(values("sec-websocket-protocol"), [protocol.as_bytes()], "{case:?}");
        expected += 1;
    }
    let said = values("authorization").len();
    let custom = case.header.as_ref().is_some_and(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    assert!(said <= 1 + usize::from(custom), "{case:?}");
    let others = request.headers.len() - said;
    assert!(others == expected - usize::from(custom && said > 0), "{:?} in {case:?}", request.headers);
}
