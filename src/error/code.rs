//! What can go wrong in every program: one value each, which becomes words when somebody reads them.
//!
//! A browser program that shows no error contains none of the words, and dropping one of these errors takes no code of its own.
//! What else goes wrong is a [`ErrorDetails`](super::report::ErrorDetails).

use std::{fmt, time::Duration};

use super::kind::ErrorKind;
use crate::{close::MAX_REASON_LEN, protocol::Violation};

/// What went wrong.
#[derive(Clone, Copy)]
#[allow(dead_code, reason = "what happens in browsers only does not natively")]
pub(crate) enum ErrorCode {
    BadHost,
    CloseCode(u16),
    CloseReasonTooLong(usize),
    CloseTimeout,
    Closed,
    ConnectTimeout(Duration),
    HasFragment,
    Hidden,
    Lost,
    ManyUnread(usize),
    MessageRefused,
    /// The size of a message, and the limit, in bytes; of text that is still a string, the size in units of UTF-16.
    MessageTooBig {
        size: usize,
        limit: usize,
    },
    NoHost,
    NoScheme,
    NoWebSocket,
    NotAllowed,
    NotUrl,
    ProtocolsRefused,
    ReceivesParts,
    SendTimeout(Duration),
    SendsParts,
    Shut,
    Unanswered,
    Unreadable,
    Violation(Violation),
    WrongScheme,
    WrongThread,
}

impl ErrorCode {
    pub(super) const fn kind(self) -> ErrorKind {
        match self {
            Self::CloseCode(_) | Self::CloseReasonTooLong(_) | Self::MessageRefused | Self::ProtocolsRefused => {
                ErrorKind::InvalidArgument
            }
            Self::CloseTimeout | Self::ConnectTimeout(_) | Self::SendTimeout(_) => ErrorKind::Timeout,
            Self::Closed | Self::Shut => ErrorKind::Closed,
            Self::Hidden => ErrorKind::CannotConnect,
            Self::Lost | Self::Unanswered => ErrorKind::ConnectionAborted,
            Self::ManyUnread(_) => ErrorKind::InboundBufferFull,
            Self::NotAllowed => ErrorKind::NotAllowed,
            Self::NoWebSocket | Self::Unreadable => ErrorKind::NotSupported,
            Self::ReceivesParts | Self::SendsParts => ErrorKind::MessageIncomplete,
            Self::BadHost | Self::HasFragment | Self::NoHost | Self::NoScheme | Self::NotUrl | Self::WrongScheme => {
                ErrorKind::InvalidUrl
            }
            Self::Violation(Violation::InvalidUtf8) => ErrorKind::InvalidUtf8,
            Self::MessageTooBig { .. } | Self::Violation(Violation::MessageTooBig) => ErrorKind::MessageTooBig,
            Self::Violation(Violation::UnexpectedText) => ErrorKind::UnexpectedText,
            Self::Violation(_) => ErrorKind::Protocol,
            Self::WrongThread => ErrorKind::WrongThread,
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadHost => "not a WebSocket URL: its host has a character that no host has",
            Self::CloseCode(code) => {
                return write!(f, "close code {code} cannot be sent: it must be 1000 or in 3000..=4999");
            }
            Self::CloseReasonTooLong(len) => {
                return write!(f, "the close reason has {len} bytes, at most {MAX_REASON_LEN} can be sent");
            }
            Self::CloseTimeout => "the peer did not take all that was sent",
            Self::Closed => "the socket is closed",
            Self::ConnectTimeout(timeout) => return write!(f, "connecting took longer than {timeout:?}"),
            Self::HasFragment => "not a WebSocket URL: it has a fragment",
            Self::Hidden => "the browser could not connect, and hides why",
            Self::Lost => "the connection was lost",
            Self::ManyUnread(capacity) => {
                let why = "bytes were waiting to be received, and a browser cannot pause";
                return write!(f, "more than {capacity} {why}");
            }
            Self::MessageRefused => "the browser refused the message",
            Self::MessageTooBig { size, limit } => {
                return write!(f, "a message of {size} bytes is over the limit of {limit}");
            }
            Self::NoHost => "not a WebSocket URL: it has no host",
            Self::NoScheme => {
                "not a WebSocket URL: it has no scheme, and there is no page that it could be relative to"
            }
            Self::NoWebSocket => "this platform has no usable WebSocket",
            Self::NotAllowed => "the browser does not allow this connection",
            Self::NotUrl => "not a WebSocket URL",
            Self::ProtocolsRefused => "this platform does not offer these subprotocols together",
            Self::ReceivesParts => "a message is being received in parts",
            Self::SendTimeout(timeout) => return write!(f, "nothing could be sent for {timeout:?}"),
            Self::SendsParts => "a message is being sent in parts",
            Self::Shut => "the stream was closed together with its DataReader or DataWriter",
            Self::Unanswered => "the peer did not answer the close",
            Self::Unreadable => "this platform's WebSocket delivered data that are neither text nor bytes",
            Self::Violation(_) => "the peer's data were refused",
            Self::WrongScheme => "not a WebSocket URL: its scheme is none of ws, wss, http, https",
            Self::WrongThread => "the socket belongs to the thread that opened it",
        })
    }
}
