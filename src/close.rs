//! How a connection ends: codes, reasons and the outcome of the closing handshake.

use std::fmt;

use crate::{
    error::{ErrorCode, Result},
    protocol::CloseFrame,
};

/// A close code (RFC 6455 section 7.4).
///
/// A received code can be any number. A code that a program sends must be 1000 or in 3000..=4999 on every target, because a
/// browser allows no others (WHATWG WebSockets, `close(code, reason)`).
///
/// # Examples
///
/// ```
/// use websocket_anywhere::CloseCode;
///
/// assert_eq!(u16::from(CloseCode::NORMAL), 1000);
/// assert!(CloseCode::from(4000).is_sendable());
/// assert!(!CloseCode::GOING_AWAY.is_sendable());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CloseCode(u16);

impl CloseCode {
    /// 1000: the purpose of the connection is fulfilled.
    pub const NORMAL: Self = Self(1000);
    /// 1001: the server shuts down, or the user leaves the page.
    pub const GOING_AWAY: Self = Self(1001);
    /// 1002: the peer violated the protocol.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// 1003: the peer sent a type of data that is not accepted.
    pub const UNSUPPORTED_DATA: Self = Self(1003);
    /// 1005: the Close frame had no code; never on the wire.
    pub const NO_STATUS: Self = Self(1005);
    /// 1006: the connection ended without a Close frame; never on the wire.
    pub const ABNORMAL: Self = Self(1006);
    /// 1007: the peer sent text that is not UTF-8.
    pub const INVALID_PAYLOAD: Self = Self(1007);
    /// 1008: a message violates the policy of the receiver.
    pub const POLICY_VIOLATION: Self = Self(1008);
    /// 1009: a message is too big for the receiver.
    pub const MESSAGE_TOO_BIG: Self = Self(1009);
    /// 1011: the server met an unexpected condition.
    pub const INTERNAL_ERROR: Self = Self(1011);

    /// Whether a program may send this code: 1000 or 3000..=4999, on all targets (WHATWG WebSockets, `close(code, reason)`).
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(websocket_anywhere::CloseCode::NORMAL.is_sendable());
    /// ```
    #[must_use]
    pub const fn is_sendable(self) -> bool {
        matches!(self.0, 1000 | 3000..=4999)
    }

    /// The code of the range for private use that stands for one that browsers refuse to send: 1009 becomes 3009.
    #[allow(dead_code, reason = "natively, every code can be sent")]
    pub(crate) const fn private(self) -> Self {
        Self(self.0 + 2000)
    }
}

impl From<u16> for CloseCode {
    fn from(code: u16) -> Self {
        Self(code)
    }
}

impl From<CloseCode> for u16 {
    fn from(code: CloseCode) -> Self {
        code.0
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How a connection ended (UWP: `WebSocketClosedEventArgs`).
///
/// # Examples
///
/// ```no_run
/// # async fn run() -> Result<(), websocket_anywhere::Error> {
/// use websocket_anywhere::{CloseCode, MessageWebSocket};
///
/// let mut socket = MessageWebSocket::connect("wss://example.com/chat").await?;
/// let closed = socket.close(CloseCode::NORMAL, "bye").await?;
/// println!("{closed}, clean: {}", closed.was_clean());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Closed {
    code: CloseCode,
    reason: String,
    was_clean: bool,
}

impl Closed {
    /// Both sides sent a Close frame, the peer this one.
    pub(crate) fn by_peer(frame: Option<CloseFrame>) -> Self {
        match frame {
            Some(CloseFrame { code, reason }) => Self { code, reason, was_clean: true },
            // "If this Close control frame contains no status code, the code is considered to be 1005" (section 7.1.5).
            None => Self { code: CloseCode::NO_STATUS, reason: String::new(), was_clean: true },
        }
    }

    /// The connection ended without the peer's Close frame (RFC 6455 section 7.1.5).
    pub(crate) const fn abnormal() -> Self {
        Self { code: CloseCode::ABNORMAL, reason: String::new(), was_clean: false }
    }

    /// The code of the peer's Close frame: 1005 if the frame had none, 1006 if there was no frame (UWP: `Code`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(closed: websocket_anywhere::Closed) {
    /// if closed.code() == websocket_anywhere::CloseCode::GOING_AWAY {
    ///     println!("the server restarts");
    /// }
    /// # }
    /// ```
    #[must_use]
    pub const fn code(&self) -> CloseCode {
        self.code
    }

    /// The reason in the peer's Close frame, empty if it has none (UWP: `Reason`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(closed: websocket_anywhere::Closed) {
    /// println!("{}", closed.reason());
    /// # }
    /// ```
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Whether both sides sent a Close frame (WHATWG: `CloseEvent.wasClean`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(closed: websocket_anywhere::Closed) {
    /// assert!(closed.was_clean());
    /// # }
    /// ```
    #[must_use]
    pub const fn was_clean(&self) -> bool {
        self.was_clean
    }

    /// Whether this end is the regular end of a byte stream.
    pub(crate) const fn is_end_of_stream(&self) -> bool {
        matches!(self.code, CloseCode::NORMAL | CloseCode::GOING_AWAY | CloseCode::NO_STATUS)
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "code {}", self.code)?;
        if self.reason.is_empty() { Ok(()) } else { write!(f, " ({})", self.reason) }
    }
}

/// A code and a reason on their way out.
pub(crate) type Close<'a> = (CloseCode, &'a str);

/// Refuses what not every target can send: browsers take 1000 and 3000 to 4999, and reasons of at most 123 bytes (WHATWG
/// WebSockets, `close`).
pub(crate) fn check_sendable((code, reason): Close<'_>) -> Result<()> {
    if !code.is_sendable() {
        return Err(ErrorCode::CloseCode(code.0).into());
    }
    if reason.len() > MAX_REASON_LEN {
        return Err(ErrorCode::CloseReasonTooLong(reason.len()).into());
    }
    Ok(())
}

impl From<Close<'_>> for CloseFrame {
    fn from((code, reason): Close<'_>) -> Self {
        Self { code, reason: reason.to_owned() }
    }
}

/// A control frame holds 125 bytes, two of them the code (RFC 6455 section 5.5).
pub(crate) const MAX_REASON_LEN: usize = 123;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_by_its_code_and_its_reason() {
        let by_peer = |code, reason: &str| Closed::by_peer(Some((CloseCode::from(code), reason).into()));
        assert_eq!(by_peer(4001, "gone").to_string(), "code 4001 (gone)");
        assert_eq!(by_peer(1000, "").to_string(), "code 1000");
        assert_eq!(Closed::by_peer(None).to_string(), "code 1005");
        assert_eq!(Closed::abnormal().to_string(), "code 1006");
        assert_eq!(CloseCode::GOING_AWAY.to_string(), "1001");
    }

    #[test]
    fn what_a_browser_may_not_send_has_a_code_that_it_may() {
        for (code, private) in [(CloseCode::UNSUPPORTED_DATA, 3003), (CloseCode::MESSAGE_TOO_BIG, 3009)] {
            assert_eq!(u16::from(code.private()), private);
            assert!(code.private().is_sendable());
        }
    }
}
