//! Proxies: whatever one answers, the request for the server is sent only into a tunnel, and the attempt ends.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    runtime::Builder,
    time::timeout,
};
use websocket_anywhere::{Control, ErrorKind, MessageWebSocket, Proxy};

use crate::input::Input;

/// A proxy, and what it says.
#[derive(Clone, Debug)]
pub struct Case {
    pub kind: Kind,
    pub credential: bool,
    pub answer: Vec<u8>,
}

/// How a proxy is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Http,
    Socks5,
}

impl Case {
    /// A byte of settings, the answer.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut input = Input::new(bytes);
        let flags = input.byte();
        let kind = if flags & 1 == 0 { Kind::Http } else { Kind::Socks5 };
        Self { kind, credential: flags & 2 != 0, answer: input.rest().to_vec() }
    }

    /// Whether the answer may be taken for a tunnel.
    fn makes_a_tunnel(&self) -> bool {
        match self.kind {
            Kind::Http => is_success(&self.answer),
            // RFC 1928 sections 3 and 6, RFC 1929 section 2.
            Kind::Socks5 => match self.answer.as_slice() {
                [5, 0, rest @ ..] => rest.starts_with(&[5, 0, 0]),
                [5, 2, 1, 0, rest @ ..] => self.credential && rest.starts_with(&[5, 0, 0]),
                _ => false,
            },
        }
    }
}

/// Whether the first response that is not interim has a status of success (RFC 9110 sections 9.3.6 and 15.2). Lines of headers
/// that are none, and more than one space beside the status, do not matter, as in browsers.
fn is_success(mut answer: &[u8]) -> bool {
    let mut tolerant = httparse::ParserConfig::default();
    tolerant
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .allow_multiple_spaces_in_response_status_delimiters(true)
        .ignore_invalid_headers_in_responses(true);
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 256];
        let mut response = httparse::Response::new(&mut headers);
        let Ok(httparse::Status::Complete(len)) = tolerant.parse_response(&mut response, answer) else {
            return false;
        };
        match response.code {
            Some(100..200) => answer = &answer[len..],
            code => return code.is_some_and(|code| code / 100 == 2),
        }
    }
}

/// Connects through the proxy.
pub fn check(case: &Case) {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime has what it needs");
    let (kind, heard) = runtime.block_on(async { timeout(AGES, connect(case)).await }).expect("nothing hangs");
    let asked = heard.windows(4).any(|bytes| bytes == b"GET ");
    assert!(!asked || case.makes_a_tunnel(), "a request outside of a tunnel: {case:?}");
    let known = matches!(
        kind,
        ErrorKind::CannotConnect
            | ErrorKind::ConnectionAborted
            | ErrorKind::HttpStatus(_)
            | ErrorKind::InvalidResponse
            | ErrorKind::ProxyAuthentication
    );
    assert!(known, "{kind:?} in {case:?}");
}

/// Why there is no connection, and what the proxy has heard.
async fn connect(case: &Case) -> (ErrorKind, Vec<u8>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let mut control = Control::new().proxy(match case.kind {
        Kind::Http => Proxy::Http(format!("http://{address}")),
        Kind::Socks5 => Proxy::Socks5(format!("socks5h://{address}")),
    });
    if case.credential {
        control = control.proxy_credential("user", "secret");
    }
    let connect = MessageWebSocket::connect_with("ws://server.invalid/", control);
    let serve = async {
        let (mut proxy, _) = listener.accept().await.expect("the client comes");
        // Nobody else is served: a second attempt would wait for ever.
        drop(listener);
        let mut heard = vec![0; 4096];
        let len = proxy.read(&mut heard).await.unwrap_or_default();
        heard.truncate(len);
        // The client may have gone by then.
        let _ = proxy.write_all(&case.answer).await;
        let _ = proxy.shutdown().await;
        let _ = proxy.read_to_end(&mut heard).await;
        heard
    };
    let (connected, heard) = tokio::join!(connect, serve);
    (connected.expect_err("there is no server behind the proxy").kind(), heard)
}

/// Longer than anything takes.
const AGES: Duration = Duration::from_secs(60);
