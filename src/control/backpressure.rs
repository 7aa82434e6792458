//! Whether a peer waits for a program that does not receive.

use super::Control;
use crate::backend::Opener;

impl Control {
    /// Whether a peer has to wait while the program does not receive. Default: true for a
    /// [`StreamWebSocket`](crate::StreamWebSocket), false for a [`MessageWebSocket`](crate::MessageWebSocket).
    ///
    /// # Platform notes
    ///
    /// Natively it always has to, and this is advisory. A browser's `WebSocket` cannot be paused; its `WebSocketStream`
    /// (Chromium 124 and later; WHATWG WebSockets, proposed) can, at twice the cost for each small message. `true` uses it
    /// where there is one, found at run time; `false` never does. Without it, as in Firefox and Safari, up to 64 MiB are kept
    /// as [`inbound_buffer_size`](Self::inbound_buffer_size) says.
    ///
    /// Chromium throws away what is unread when the server closes. If that may have happened to a program that receives more
    /// slowly than the server sends, the receive fails with
    /// [`InboundBufferFull`](crate::ErrorKind::InboundBufferFull) behind the messages that were kept. It does not happen where
    /// the client closes, or while less than [`inbound_buffer_size`](Self::inbound_buffer_size) is unread. Chromium 156
    /// crashes the page if the connection is lost while a write to a `WebSocketStream` waits for the peer; `false` avoids both.
    ///
    /// # Examples
    ///
    /// ```
    /// let control = websocket_anywhere::Control::new().backpressure(true);
    /// ```
    #[must_use]
    pub const fn backpressure(mut self, backpressure: bool) -> Self {
        self.backpressure = Some(if backpressure { Opener::BACKPRESSURE } else { Opener::PLAIN });
        self
    }

    /// With back-pressure, unless the program has chosen.
    pub(crate) fn or_backpressure(mut self) -> Self {
        self.backpressure.get_or_insert(Opener::BACKPRESSURE);
        self
    }
}
