//! The request of the opening handshake: RFC 6455 section 4.1, and what it has in common with that of HTTP/2.

use tokio_tungstenite::tungstenite::{handshake::client::generate_key, http::HeaderValue};
use url::{Position, Url};

use crate::{
    control::{Control, RequestHeader},
    error::{Error, ErrorKind, Result},
    protocol::deflate,
};

/// A request, ready to be written.
pub(super) struct Request {
    pub(super) head: Vec<u8>,
    /// What the answer has to refer to.
    pub(super) key: String,
}

impl Request {
    /// The settings were checked before: nothing in them ends a line.
    pub(super) fn new(url: &Url, control: &Control, authorization: Option<&HeaderValue>) -> Result<Self> {
        let key = generate_key();
        let mut head = Vec::with_capacity(CAPACITY);
        for text in ["GET ", target(url), " HTTP/1.1\r\n"] {
            head.extend_from_slice(text.as_bytes());
        }
        let mut add = |name: &str, value: &[u8]| {
            for bytes in [name.as_bytes(), b": ", value, b"\r\n"] {
                head.extend_from_slice(bytes);
            }
        };
        // Not in lower case, for the sake of servers that compare names byte by byte.
        add("Host", url[Position::BeforeHost..Position::AfterPort].as_bytes());
        add("Connection", b"Upgrade");
        add("Upgrade", b"websocket");
        add("Sec-WebSocket-Key", key.as_bytes());
        add_fields(control, authorization, add);
        head.extend_from_slice(b"\r\n");
        check_size(head.len())?;
        Ok(Self { head, key })
    }
}

/// Adds the fields that the request has by every version of HTTP.
pub(in crate::backend::native) fn add_fields(
    control: &Control,
    authorization: Option<&HeaderValue>,
    mut add: impl FnMut(&str, &[u8]),
) {
    let extras = control.extras();
    add("Sec-WebSocket-Version", b"13");
    if !extras.supported_protocols.is_empty() {
        add("Sec-WebSocket-Protocol", extras.supported_protocols.join(", ").as_bytes());
    }
    if let Some(compression) = &control.compression {
        add("Sec-WebSocket-Extensions", deflate::offer(compression).as_bytes());
    }
    let is_user_agent = |header: &RequestHeader| header.name.eq_ignore_ascii_case(USER_AGENT);
    if !extras.request_headers.iter().any(is_user_agent) {
        add(USER_AGENT, concat!("websocket-anywhere/", env!("CARGO_PKG_VERSION")).as_bytes());
    }
    // An empty one stands for none.
    for header in extras.request_headers.iter().filter(|header| !(is_user_agent(header) && header.value.is_empty())) {
        add(&header.name, header.value.as_bytes());
    }
    if let Some(authorization) = authorization {
        add("Authorization", authorization.as_bytes());
    }
}

/// Refuses a request that is longer than servers take.
pub(in crate::backend::native) fn check_size(size: usize) -> Result<()> {
    if size > MAX_HEAD {
        let message = "the request of the opening handshake is longer than 256 KiB";
        return Err(Error::new(ErrorKind::InvalidArgument, message));
    }
    Ok(())
}

/// What is asked for: the path and the query.
pub(in crate::backend::native) fn target(url: &Url) -> &str {
    &url[Position::BeforePath..Position::AfterQuery]
}

const USER_AGENT: &str = "User-Agent";

/// Room for most requests.
const CAPACITY: usize = 512;

/// How long a request may be, the request line and all headers: more than servers take.
const MAX_HEAD: usize = 256 * 1024;
