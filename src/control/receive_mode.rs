//! Whether messages are received whole or in parts.

use super::Control;

/// Whether a [`MessageWebSocket`](crate::MessageWebSocket) receives messages whole or in parts (UWP:
/// `MessageWebSocketReceiveMode`).
///
/// # Examples
///
/// ```
/// use websocket_anywhere::ReceiveMode;
///
/// assert_eq!(ReceiveMode::default(), ReceiveMode::Full);
/// assert_eq!(ReceiveMode::Partial as i32, 1);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum ReceiveMode {
    /// Whole messages (UWP: `FullMessage`, 0).
    #[default]
    Full = 0,
    /// The parts of a message as they arrive (UWP: `PartialMessage`, 1).
    Partial = 1,
}

impl Control {
    /// Whether [`receive_part`](crate::MessageWebSocket::receive_part) gives parts of messages as they arrive. Default: Full,
    /// whole messages (UWP: `MessageWebSocketControl.ReceiveMode`).
    ///
    /// With [`Partial`](ReceiveMode::Partial), a message of any length is received in bounded memory, in parts of about 64
    /// KiB. [`max_message_size`](Self::max_message_size) still limits the whole message, unless it is `None`.
    ///
    /// # Platform notes
    ///
    /// A browser delivers whole messages, so each message is one part. A [`StreamWebSocket`](crate::StreamWebSocket)
    /// delivers bytes as they arrive in either mode.
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Control, ReceiveMode};
    ///
    /// let control = Control::new().receive_mode(ReceiveMode::Partial).max_message_size(None);
    /// ```
    #[must_use]
    pub const fn receive_mode(mut self, mode: ReceiveMode) -> Self {
        self.receive_mode = mode;
        self
    }
}
