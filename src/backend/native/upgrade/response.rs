//! Whether a response opens a WebSocket: RFC 6455 section 4.1, from "Once the client's opening handshake has been sent" on.

use tokio_tungstenite::tungstenite::{
    error::{ProtocolError, SubProtocolError},
    handshake::derive_accept_key,
    http::{StatusCode, header},
};

use crate::{backend::native::response::Response, response::Headers};

/// What a response says that makes a connection.
pub(in crate::backend::native) struct Granted {
    /// The subprotocol that the server chose.
    pub(super) protocol: Option<String>,
    /// The extensions in the server's words, which are not checked here; `None` without any header of that name.
    pub(super) extensions: Option<String>,
    pub(super) headers: Headers,
}

/// What is granted, or why that cannot be; `None` if it has another status.
pub(super) fn judge(response: &Response<'_>, key: &str, offered: &[String]) -> Result<Option<Granted>, ProtocolError> {
    if response.status != StatusCode::SWITCHING_PROTOCOLS {
        return Ok(None);
    }
    if !response.is_http_1_1() {
        return Err(ProtocolError::WrongHttpVersion);
    }
    if !response.only("Upgrade").is_some_and(|value| value.eq_ignore_ascii_case(b"websocket")) {
        return Err(ProtocolError::MissingUpgradeWebSocketHeader);
    }
    if !response.has_token("Connection", "upgrade") {
        return Err(ProtocolError::MissingConnectionUpgradeHeader);
    }
    // "MUST NOT appear more than once in an HTTP response", as the subprotocol (sections 11.3.3 and 11.3.4).
    if response.only("Sec-WebSocket-Accept") != Some(derive_accept_key(key.as_bytes()).as_bytes()) {
        return Err(ProtocolError::SecWebSocketAcceptKeyMismatch);
    }
    granted(response, offered).map(Some)
}

/// What is granted by a response that opens a WebSocket.
pub(in crate::backend::native) fn granted(
    response: &Response<'_>,
    offered: &[String],
) -> Result<Granted, ProtocolError> {
    let protocol = protocol(response, offered).map_err(ProtocolError::SecWebSocketSubProtocolError)?;
    Ok(Granted { protocol, extensions: extensions(response)?, headers: response.headers() })
}

fn protocol(response: &Response<'_>, offered: &[String]) -> Result<Option<String>, SubProtocolError> {
    match (response.values("Sec-WebSocket-Protocol").next(), offered) {
        (None, []) => return Ok(None),
        (None, _) => return Err(SubProtocolError::NoSubProtocol),
        (Some(_), []) => return Err(SubProtocolError::ServerSentSubProtocolNoneRequested),
        _ => {}
    }
    let choice = response.only("Sec-WebSocket-Protocol");
    let choice = offered.iter().find(|offer| Some(offer.as_bytes()) == choice);
    choice.cloned().map(Some).ok_or(SubProtocolError::InvalidSubProtocol)
}

/// All extensions, which may stand in several headers (section 9.1).
fn extensions(response: &Response<'_>) -> Result<Option<String>, ProtocolError> {
    let values: Vec<_> = response.values("Sec-WebSocket-Extensions").collect();
    if values.is_empty() {
        return Ok(None);
    }
    let name = Box::new(header::SEC_WEBSOCKET_EXTENSIONS);
    String::from_utf8(values.join(&b", "[..])).map(Some).map_err(|_| ProtocolError::InvalidHeader(name))
}
